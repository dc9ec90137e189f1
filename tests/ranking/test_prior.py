import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.ranking.prior import WEIGHT, prior_of, with_prior
from hiercomp.types import PASSAGE, Document, Hit, Ranking

TEXTS = ("The rent is 1,200 a month.", "Lunch is served at noon.", "The lease ends in May.")
HIERARCHY = join([build_hierarchy(Document(text, source=text, title="")) for text in TEXTS])
DOCUMENTS = [document.id for document in HIERARCHY.documents]
PASSAGES = [node.id for node in HIERARCHY.level(PASSAGE)]


def ranked(*probabilities):
    pairs = zip(PASSAGES, probabilities, strict=True)
    return Ranking.of(Hit(node_id, probability, probability) for node_id, probability in pairs)


def log_odds(probability):
    return math.log(probability / (1 - probability))


def test_a_document_gets_the_logarithm_of_its_rank_less_the_mean():
    prior = prior_of({"a": 0.9, "b": 0.1, "c": 0.5})
    mean = (math.log(2) + math.log(3)) / 3
    assert prior == pytest.approx(
        {"a": WEIGHT * mean, "b": WEIGHT * (mean - math.log(3)), "c": WEIGHT * (mean - math.log(2))}
    )
    assert sum(prior.values()) == pytest.approx(0)


def test_only_the_order_of_the_scores_counts():
    assert prior_of({"a": 0.9, "b": 0.1, "c": 0.5}) == prior_of({"a": 71, "b": -40, "c": 70.9})


def test_equal_scores_share_a_rank():
    prior = prior_of({"a": 0.5, "b": 0.9, "c": 0.5, "d": 0.1})
    assert prior["a"] == prior["c"]
    assert prior["b"] - prior["a"] == pytest.approx(WEIGHT * math.log(2))
    assert prior["b"] - prior["d"] == pytest.approx(WEIGHT * math.log(4))
    assert prior_of({"a": 1.0, "b": 1.0}) == {"a": 0.0, "b": 0.0}
    assert prior_of({}) == {}


def test_a_prior_moves_the_log_odds_of_the_passages_of_its_document():
    prior = {DOCUMENTS[0]: -1.5, DOCUMENTS[2]: 2.0}
    before = ranked(0.6, 0.5, 0.2)
    after = {hit.node_id: hit for hit in with_prior(HIERARCHY, before, prior).hits}
    for hit, change in zip(before.hits, (-1.5, 0.0, 2.0), strict=True):
        found = after[hit.node_id]
        assert log_odds(found.probability) == pytest.approx(log_odds(hit.probability) + change)
        assert found.score == found.probability
    assert list(after) == [PASSAGES[2], PASSAGES[1], PASSAGES[0]]


def test_without_a_prior_a_ranking_stays():
    before = ranked(0.6, 0.5, 0.2)
    assert with_prior(HIERARCHY, before, None) is before
    assert with_prior(HIERARCHY, before, {}) is before


@given(
    st.lists(st.sampled_from([0.0, 1e-12, 0.3, 1 - 1e-12, 1.0]), min_size=3, max_size=3),
    st.lists(st.floats(-50, 50), min_size=3, max_size=3),
)
def test_every_probability_stays_between_0_and_1(probabilities, changes):
    prior = dict(zip(DOCUMENTS, changes, strict=True))
    after = with_prior(HIERARCHY, ranked(*probabilities), prior)
    assert all(0 <= hit.probability <= 1 for hit in after.hits)
    kept = {hit.node_id: hit.probability for hit in after.hits}
    for node_id, probability in zip(PASSAGES, probabilities, strict=True):
        assert probability not in (0, 1) or kept[node_id] == probability
