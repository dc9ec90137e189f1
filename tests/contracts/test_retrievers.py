"""The contract of retrievers."""

import pytest
from documents import document_of, documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiercomp.encoders.hashing import Hashing
from hiercomp.errors import ConfigError
from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.registry import names
from hiercomp.retrievers import build
from hiercomp.types import PASSAGE

QUESTIONS = st.sampled_from(["the effective tax rate", "税率", "2022", "ibid", "?", "nothing like it", "\ud800"])


@pytest.fixture(scope="module", params=names("retrievers"))
def retriever(request):
    return build(request.param, encoder=Hashing(32))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(most_blocks=20), question=QUESTIONS, k=st.integers(0, 12))
def test_at_most_k_hits_come_best_first_and_each_once(retriever, document, question, k):
    nodes = build_hierarchy(document).level(PASSAGE)
    (found,) = retriever.index(nodes).search([question], k)
    assert len(found.hits) <= k
    keys = [(-hit.score, hit.node_id) for hit in found.hits]
    assert keys == sorted(keys)
    assert {hit.node_id for hit in found.hits} <= {node.id for node in nodes}
    assert all(hit.sources for hit in found.hits)
    assert retriever.index(nodes).search([question], k) == [found]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(most_blocks=20), question=QUESTIONS)
def test_each_source_ranks_from_one_and_its_scores_fall(retriever, document, question):
    nodes = build_hierarchy(document).level(PASSAGE)
    said = {}
    for hit in retriever.index(nodes).search([question], len(nodes))[0].hits:
        for source in hit.sources:
            said.setdefault(source.retriever, set()).add((source.rank, source.score))
    for words in said.values():
        ordered = sorted(words)
        assert [rank for rank, _ in ordered] == list(range(1, len(ordered) + 1))
        scores = [score for _, score in ordered]
        assert scores == sorted(scores, reverse=True)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(most_blocks=20), queries=st.lists(st.one_of(QUESTIONS, st.just(" ")), max_size=4))
def test_queries_of_one_pass_are_ranked_as_each_alone(retriever, document, queries):
    nodes = build_hierarchy(document).level(PASSAGE)
    found = retriever.index(nodes).search(queries, len(nodes))
    assert found == [retriever.index(nodes).search([query], len(nodes))[0] for query in queries]


@pytest.mark.parametrize("question", ["", " \n\t", "\u2003"])
def test_a_blank_question_finds_nothing(retriever, question):
    nodes = build_hierarchy(document_of("The tax rate was 14 percent.\n")).level(PASSAGE)
    assert retriever.index(nodes).search([question], 5)[0].hits == ()
    blank, found = retriever.index(nodes).search([question, "tax rate"], 5)
    assert blank.hits == ()
    assert found.hits


def test_no_nodes_hold_nothing(retriever):
    assert retriever.index([]).search(["tax"], 5)[0].hits == ()


def test_no_queries_find_nothing(retriever):
    nodes = build_hierarchy(document_of("The tax rate was 14 percent.\n")).level(PASSAGE)
    assert retriever.index(nodes).search([], 5) == []


def test_no_hits_are_given_where_none_are_wanted(retriever):
    nodes = build_hierarchy(document_of("The tax rate was 14 percent.\n")).level(PASSAGE)
    assert retriever.index(nodes).search(["tax"], 0)[0].hits == ()
    assert retriever.index(nodes).search(["tax"], -1)[0].hits == ()


@pytest.mark.parametrize("count", [1, 2])
def test_a_node_or_two_are_found(retriever, count):
    texts = ["The tax rate was 14 percent.\n", "The goodwill fell.\n"][:count]
    tree = build_hierarchy(document_of(*[f"# Item {place}\n{text}" for place, text in enumerate(texts)]))
    found = retriever.index(tree.level(PASSAGE)).search(["tax rate"], 9)[0].hits
    assert found[0].node_id == tree.level(PASSAGE)[0].id


def test_a_passage_is_found_by_its_title(retriever):
    tree = build_hierarchy(document_of("# Pensions\nThey rose in the year.\n", "# Leases\nThey fell in the year.\n"))
    found = retriever.index(tree.level(PASSAGE)).search(["leases"], 9)[0].hits
    assert tree.node(found[0].node_id).title == "Leases"


def test_equal_passages_come_in_the_order_of_their_ids(retriever):
    trees = [build_hierarchy(document_of(f"The tax rate was 14 percent.\n{end}")) for end in ("", "\n", "\n\n", " ")]
    nodes = join(trees).level(PASSAGE)
    found = [retriever.index(order).search(["tax rate"], 3)[0].hits for order in (nodes, nodes[::-1])]
    assert found[0] == found[1]
    assert [hit.node_id for hit in found[0]] == sorted(hit.node_id for hit in found[0])


@pytest.mark.parametrize("name", names("retrievers"))
def test_a_wrong_argument_is_refused(name):
    with pytest.raises(ConfigError, match="not 'no-such'"):
        build(f"{name}/no-such", encoder=Hashing(8))
