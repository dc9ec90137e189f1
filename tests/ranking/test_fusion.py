import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from documents import document_of, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp import loaders, registry
from hiercomp.hierarchy import build_hierarchy
from hiercomp.ranking.evidence import Logistic, fitted
from hiercomp.ranking.fusion import (
    FAMILIES,
    PASSAGE_FEATURES,
    RETRIEVERS,
    fuse,
    passage_features,
    passage_probabilities,
)
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.types import Hit, Ranking, RetrieverScore

DATA = Path(__file__).parents[2] / "data"
WORDS = ["rate", "income", "margin", "debt", "growth", "share"]
PAGES = [
    f"# Item {number}\nThe {word} of the company was {number} percent in the year.\n"
    for number, word in enumerate(WORDS, start=1)
]
MAX_PASSAGES = 32
AT_4000_TOKENS = 20
"""Passages that a budget of 4,000 tokens holds."""


@pytest.fixture(scope="module")
def hierarchy():
    return build_hierarchy(document_of(*PAGES))


def hit(node, *sources):
    return Hit(node.id, 1.0, sources=tuple(RetrieverScore(name, rank, score) for name, rank, score in sources))


@st.composite
def rankings(draw, hierarchy, retrievers=RETRIEVERS):
    """Draw hits on some passages, each with the scores of some retrievers."""
    hits = []
    for rank, node in enumerate(draw(st.permutations(hierarchy.level(0)))[: draw(st.integers(0, 8))], start=1):
        names = draw(st.sets(st.sampled_from(retrievers), min_size=1))
        hits.append(hit(node, *((name, rank, draw(st.floats(-1, 1))) for name in sorted(names))))
    return Ranking(tuple(hits))


@settings(deadline=None, max_examples=80)
@given(data=st.data(), document=documents(most_blocks=20))
def test_every_passage_has_a_probability_and_the_best_comes_first(data, document):
    hierarchy = build_hierarchy(document)
    found = data.draw(rankings(hierarchy))
    ranking = fuse(hierarchy, found)
    passages = {node.id for node in hierarchy.level(0)} if found.hits else set()
    assert {each.node_id for each in ranking.hits} == passages
    assert all(0 <= each.probability <= 1 for each in ranking.hits)
    keys = [(-each.probability, each.node_id) for each in ranking.hits]
    assert keys == sorted(keys)


@pytest.mark.parametrize("family", FAMILIES)
def test_there_is_a_weight_for_each_feature(family):
    model = fitted("passage/" + "+".join(family))
    assert len(model.weights) == len(PASSAGE_FEATURES)
    assert all(map(math.isfinite, (model.bias, *model.weights)))


@pytest.mark.parametrize(
    ("found", "family"),
    [
        (("dense", "bm25"), ("bm25", "dense")),
        (("tokens",), ("bm25", "tokens")),
        (("dense",), ("dense",)),
    ],
)
def test_a_retriever_that_found_nothing_belongs_to_its_family_all_the_same(hierarchy, found, family):
    first, second = hierarchy.level(0)[:2]
    ranking = Ranking(
        tuple(hit(node, *((name, rank, 1 / rank) for name in found)) for rank, node in [(1, second), (2, first)])
    )
    expected = passage_probabilities(hierarchy, ranking, fitted("passage/" + "+".join(family)))
    assert fuse(hierarchy, ranking) == expected


def test_the_scores_of_sentences_stay_with_the_passage(hierarchy):
    first, second = hierarchy.level(0)[:2]
    ranking = Ranking((replace(hit(first, ("dense", 1, 0.5), ("tokens", 1, 0.5)), sentences=(0.1, 0.5)),))
    fused = {each.node_id: each for each in fuse(hierarchy, ranking).hits}
    assert (fused[first.id].sentences, fused[second.id].sentences) == ((0.1, 0.5), ())


@pytest.mark.parametrize("retriever", ["bm25", "dense"])
def test_a_retriever_alone_has_weights_of_its_own_and_its_order_is_kept(hierarchy, retriever):
    nodes = hierarchy.level(0)
    order = [nodes[4], nodes[1], nodes[2]]
    ranking = Ranking(tuple(hit(node, (retriever, rank, 0.9 / rank**2)) for rank, node in enumerate(order, start=1)))
    fused = fuse(hierarchy, ranking)
    assert fused == passage_probabilities(hierarchy, ranking, fitted(f"passage/{retriever}"))
    assert fused.hits[0].node_id == nodes[4].id
    assert fused.hits[0].sources == ranking.hits[0].sources


def test_a_retriever_without_weights_keeps_its_order(hierarchy):
    nodes = hierarchy.level(0)
    ranking = Ranking((hit(nodes[3], ("own", 1, 70.0)), hit(nodes[0], ("own", 2, 3.0))))
    fused = fuse(hierarchy, ranking)
    # 1 / (1 + 1) and 1 / (1 + 2)
    assert [(each.node_id, each.probability) for each in fused.hits[:2]] == [(nodes[3].id, 1 / 2), (nodes[0].id, 1 / 3)]
    assert all(each.probability == 0 for each in fused.hits[2:])
    assert len(fused.hits) == len(nodes)


def test_what_a_retriever_without_weights_adds_to_known_ones_does_not_count(hierarchy):
    node = hierarchy.level(0)[2]
    plain, more = (Ranking((hit(node, ("bm25", 1, 0.5), *added),)) for added in ([], [("own", 1, 9.0)]))
    assert [each.probability for each in fuse(hierarchy, more).hits] == [
        each.probability for each in fuse(hierarchy, plain).hits
    ]


def test_where_no_passage_was_found_the_ranking_stays_empty(hierarchy):
    assert fuse(hierarchy, Ranking(())) == Ranking(())


def test_features_of_a_retriever_by_hand(hierarchy):
    nodes = hierarchy.level(0)[:4]
    ranking = Ranking((hit(nodes[1], ("bm25", 1, 0.8)), hit(nodes[2], ("bm25", 2, 0.5))))
    found = passage_features(nodes, ranking)[:, :5]
    # The best score is 0.8 and the lowest 0.5. A passage that was not found gets the lowest score, which is
    # 0.3 below the best, and the rank of the last of the four passages: ln(1 + 4).
    expected = [
        [0, 0.5, -0.3, math.log(5), 0.0],
        [1, 0.8, 0.0, math.log(2), -0.3],
        [1, 0.5, -0.3, math.log(3), 0.0],
        [0, 0.5, -0.3, math.log(5), -0.3],
    ]
    assert found == pytest.approx(np.array(expected))


def test_features_of_retrievers_that_found_nothing_are_the_same_for_all(hierarchy):
    features = passage_features(hierarchy.level(0), Ranking(()))
    assert features.shape == (6, len(PASSAGE_FEATURES))
    assert (features == features[0]).all()


def test_probability_by_hand():
    # 1 / (1 + exp(-(0.5 + 2 · 0.25 - 1))) = 1 / 2
    assert Logistic(0.5, (2.0, -1.0)).probability(np.array([[0.25, 1.0]])) == pytest.approx([0.5])


def recalls(hierarchy, ranking, gold):
    """Return the share of the gold pages among the pages of the first 1, 2 … passages."""
    document = hierarchy.documents[0]
    pages = [document.page_at(hierarchy.node(each.node_id).span.start) for each in ranking.hits]
    return [len(set(pages[:k]) & gold) / len(gold) for k in range(1, MAX_PASSAGES + 1)]


def only(ranking, retriever):
    """Return the ranking of one retriever alone."""
    found = [(source.rank, each) for each in ranking.hits for source in each.sources if source.retriever == retriever]
    return Ranking(tuple(each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].node_id))))


def test_the_fused_ranking_is_not_below_its_best_member():
    document = loaders.load(DATA / "tarnholt_2025_annual_report.pdf", source="report.pdf")
    hierarchy = build_hierarchy(document)
    encoder = StoredEncoder(lambda: registry.build("encoders", "minilm"), Store.memory(), lambda done, total: None)
    index = registry.build("retrievers", "cascade", encoder=encoder).index(hierarchy.nodes)
    lines = [json.loads(line) for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    answerable = [line for line in lines if line["doc_id"] == "tarnholt_2025_annual_report" and line["evidence_pages"]]
    found = {name: [] for name in ("fused", *RETRIEVERS)}
    for line in answerable:
        ranking = index.search([line["question"]], len(hierarchy.nodes))[0]
        gold = {page + 1 for page in line["evidence_pages"]}
        members = {"fused": fuse(hierarchy, ranking)} | {name: only(ranking, name) for name in RETRIEVERS}
        for name, member in members.items():
            found[name].append(recalls(hierarchy, member, gold))
    assert len(answerable) >= 8
    for figure in (lambda rows: np.mean(rows, axis=1), lambda rows: np.array(rows)[:, AT_4000_TOKENS - 1]):
        figures = {name: figure(rows) for name, rows in found.items()}
        best = max(RETRIEVERS, key=lambda name: figures[name].mean())
        gains = figures["fused"] - figures[best]
        # One page of one question changes the mean by 2 points or more. So the tolerance of 1 point is widened by the
        # standard error of the gains.
        error = gains.std(ddof=1) / math.sqrt(len(gains))
        assert gains.mean() >= -0.01 - error, {name: values.mean() for name, values in figures.items()}
