import math

import pytest
from documents import document_of

from hiercomp import Config, ConfigError
from hiercomp.components import Components
from hiercomp.ranking.sections import CHOSEN_LOG_ODDS, favour
from hiercomp.types import DOCUMENT, PASSAGE, SECTION, Hierarchy, Hit, Ranking, RetrieverScore

FILLER = "The committee met in the spring and heard the reports of its members on the year before. " * 12


@pytest.fixture(scope="module")
def hierarchy() -> Hierarchy:
    pages = (f"# Business\n{FILLER}\n", f"# Inventories\n{FILLER}\n", f"# Leases\n{FILLER}\n")
    return Components(document_of(*pages), Config(cache=False, embedding="hashing")).hierarchy


def ranking_of(hierarchy: Hierarchy) -> Ranking:
    source = RetrieverScore("bm25", 1, 3.0)
    passages = hierarchy.level(PASSAGE)
    chances = [0.5 / (1 + index) for index in range(len(passages))]
    return Ranking.of(
        Hit(node.id, chance, chance, (source,), (0.5,)) for node, chance in zip(passages, chances, strict=True)
    )


def test_passages_of_a_chosen_section_gain_the_same_log_odds(hierarchy: Hierarchy) -> None:
    chosen = hierarchy.level(SECTION)[1]
    before = {hit.node_id: hit for hit in ranking_of(hierarchy).hits}
    after = favour(hierarchy, ranking_of(hierarchy), [chosen.id])
    assert [hit.score for hit in after.hits] == sorted((hit.score for hit in after.hits), reverse=True)
    for hit in after.hits:
        old = before[hit.node_id]
        if hit.node_id in chosen.child_ids:
            gain = math.log(hit.probability / (1 - hit.probability)) - math.log(old.probability / (1 - old.probability))
            assert gain == pytest.approx(CHOSEN_LOG_ODDS)
            assert (hit.score, hit.sources, hit.sentences) == (hit.probability, old.sources, old.sentences)
        else:
            assert hit == old


def test_a_chosen_section_can_pass_a_better_passage(hierarchy: Hierarchy) -> None:
    ranking = ranking_of(hierarchy)
    second, third = ranking.hits[1:3]  # odds of 1/3 and 1/5
    assert [hit.node_id for hit in favour(hierarchy, ranking, [third.node_id]).hits[1:3]] == [
        third.node_id,
        second.node_id,
    ]


def test_certain_passages_stay_probabilities(hierarchy: Hierarchy) -> None:
    passages = hierarchy.level(PASSAGE)
    ranking = Ranking.of(Hit(node.id, float(index == 0), float(index == 0)) for index, node in enumerate(passages))
    section = hierarchy.level(SECTION)[0]
    assert all(0 <= hit.probability <= 1 for hit in favour(hierarchy, ranking, [section.id]).hits)


def test_without_a_choice_or_with_a_choice_of_everything_nothing_changes(hierarchy: Hierarchy) -> None:
    ranking = ranking_of(hierarchy)
    (document,) = hierarchy.level(DOCUMENT)
    assert favour(hierarchy, ranking, ()) is ranking
    assert favour(hierarchy, ranking, [document.id]) is ranking
    assert favour(hierarchy, ranking, [node.id for node in hierarchy.level(SECTION)]) is ranking
    assert favour(hierarchy, Ranking(()), [hierarchy.level(SECTION)[0].id]).hits == ()


def test_a_section_that_the_sources_do_not_have_is_refused(hierarchy: Hierarchy) -> None:
    with pytest.raises(ConfigError, match="names a section that the sources do not have: 'nowhere'"):
        favour(hierarchy, ranking_of(hierarchy), [hierarchy.level(SECTION)[0].id, "nowhere"])
