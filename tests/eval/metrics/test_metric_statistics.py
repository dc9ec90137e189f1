"""Tests of intervals, areas and tokens to a target."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.statistics import Interval, area, bootstrap_interval, paired_difference, tokens_for

SHARES = st.floats(0, 1)
CURVES = st.dictionaries(st.integers(1, 100_000), SHARES, min_size=1, max_size=8)


def test_equal_values_have_an_interval_of_no_width() -> None:
    assert bootstrap_interval([0.5, 0.5, 0.5], seed=1) == Interval(0.5, 0.5, 0.5)


def test_of_two_values_the_interval_reaches_from_one_to_the_other() -> None:
    # Two draws of {0, 1}: the mean is 0, 1/2 or 1 with 1/4, 1/2, 1/4, so the 2.5 % and 97.5 % points are 0 and 1, and
    # the 40 % and 60 % points of a level of 20 % are both 1/2.
    assert bootstrap_interval([0, 1], seed=1) == Interval(0.5, 0, 1)
    assert bootstrap_interval([0, 1], seed=1, level=0.2) == Interval(0.5, 0.5, 0.5)


def test_documents_are_drawn_with_all_their_values() -> None:
    # Document a has 0, 0, 0 and b has 1: draws of two documents have the means 0 (a, a), 1/4 (a, b) and 1 (b, b).
    interval = bootstrap_interval([0, 0, 0, 1], clusters=["a", "a", "a", "b"], seed=1)
    assert interval == Interval(0.25, 0, 1)
    assert bootstrap_interval([0, 0, 0, 1], clusters=["a", "a", "a", "b"], seed=1, level=0.2) == Interval(
        0.25, 0.25, 0.25
    )


def test_questions_that_agree_within_documents_have_a_wider_interval_than_independent_ones() -> None:
    values = [float(document % 2) for document in range(20) for _ in range(10)]
    clusters = [str(document) for document in range(20) for _ in range(10)]
    clustered, alone = bootstrap_interval(values, clusters=clusters, seed=3), bootstrap_interval(values, seed=3)
    # 20 fair coins have a standard error of 0.5/sqrt(20) = 0.112, 200 of 0.035; an interval is 3.92 of them wide.
    assert clustered.high - clustered.low == pytest.approx(3.92 * 0.112, rel=0.15)
    assert alone.high - alone.low == pytest.approx(3.92 * 0.0354, rel=0.15)


def test_with_a_single_document_its_values_are_drawn() -> None:
    values = [0.0, 1.0, 1.0]
    assert bootstrap_interval(values, clusters=["a"] * 3, seed=5) == bootstrap_interval(values, seed=5)


def test_the_order_of_the_questions_does_not_matter_where_documents_are_drawn() -> None:
    values, clusters = [0.0, 0.25, 1.0, 0.5], ["b", "a", "c", "b"]
    turned = bootstrap_interval(values[::-1], clusters=clusters[::-1], seed=7)
    assert bootstrap_interval(values, clusters=clusters, seed=7) == turned


def test_the_same_seed_gives_the_same_interval_and_another_may_not() -> None:
    values = list(np.random.default_rng(0).random(30))
    assert bootstrap_interval(values, seed=1) == bootstrap_interval(values, seed=1)
    assert bootstrap_interval(values, seed=1) != bootstrap_interval(values, seed=2)


def test_a_lower_level_has_a_narrower_interval() -> None:
    values = list(np.random.default_rng(0).random(30))
    wide, narrow = bootstrap_interval(values, seed=1), bootstrap_interval(values, seed=1, level=0.5)
    assert wide.low < narrow.low < narrow.mean < narrow.high < wide.high


def test_no_values_and_labels_that_do_not_fit_are_errors() -> None:
    with pytest.raises(ValueError, match="needs a value"):
        bootstrap_interval([], seed=1)
    with pytest.raises(ValueError, match="2 values, 1 clusters"):
        bootstrap_interval([0, 1], clusters=["a"], seed=1)
    with pytest.raises(ValueError, match="argument 2"):
        paired_difference([0, 1], [1], seed=1)


def test_a_steady_difference_is_certain_though_the_scores_vary() -> None:
    # Each pair differs by 1/8. Without pairing, the spread of the scores would hide the difference.
    first = [0.25, 0.5, 0.875]
    second = [0.125, 0.375, 0.75]
    assert paired_difference(first, second, seed=1) == Interval(0.125, 0.125, 0.125)
    assert paired_difference(second, first, seed=1) == Interval(-0.125, -0.125, -0.125)


def test_differences_are_clustered_too() -> None:
    # Differences 0, 0, 0 on document a and 1 on b, as above.
    assert paired_difference([1, 1, 1, 1], [1, 1, 1, 0], clusters=["a", "a", "a", "b"], seed=1) == Interval(0.25, 0, 1)


@given(st.lists(st.tuples(SHARES, st.sampled_from("abc")), min_size=1, max_size=30))
def test_an_interval_lies_within_the_values(scored: list[tuple[float, str]]) -> None:
    values, clusters = [value for value, _ in scored], [cluster for _, cluster in scored]
    interval = bootstrap_interval(values, clusters=clusters, seed=0, samples=200)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9


def test_the_area_is_taken_on_the_logarithm_of_the_budget() -> None:
    # From 1,000 to 10,000 and to 100,000 both steps are one decade: ((0 + 1)/2 + (1 + 1)/2) / 2 = 3/4.
    assert area([1_000, 10_000, 100_000], [0, 1, 1]) == pytest.approx(0.75)
    # With steps of one and two doublings: (1 * 0.5 + 2 * 1) / 3.
    assert area([8, 1, 2], [1, 0, 1]) == pytest.approx(2.5 / 3)


def test_a_single_budget_has_its_recall_for_an_area() -> None:
    assert area([500], [0.3]) == 0.3


@given(CURVES, SHARES)
def test_a_constant_recall_is_its_own_area(curve: dict[int, float], recall: float) -> None:
    assert area(list(curve), [recall] * len(curve)) == pytest.approx(recall)


@given(CURVES)
def test_an_area_lies_within_the_recalls(curve: dict[int, float]) -> None:
    found = area(list(curve), list(curve.values()))
    assert min(curve.values()) - 1e-9 <= found <= max(curve.values()) + 1e-9


@pytest.mark.parametrize(
    ("target", "tokens"),
    [
        (0.1, 1_000),  # the smallest budget is enough already
        (0.2, 1_000),
        (0.5, math.sqrt(1_000 * 10_000)),  # half-way from 0.2 to 0.8, so half-way between the logarithms
        (0.8, 10_000),
        (0.9, None),
    ],
)
def test_tokens_for_a_target_lie_between_budgets_on_the_logarithm(target: float, tokens: float | None) -> None:
    assert tokens_for([10_000, 1_000], [0.8, 0.2], target) == (tokens if tokens is None else pytest.approx(tokens))


def test_the_first_crossing_counts_where_the_curve_falls_again() -> None:
    # 0.5 is reached at 2 * 2^(1/2); later 0.1 and 1.0 do not matter.
    assert tokens_for([2, 4, 8, 16], [0, 1, 0.1, 1], 0.5) == pytest.approx(2 * math.sqrt(2))


@given(CURVES, SHARES)
def test_tokens_for_a_target_lie_within_the_budgets(curve: dict[int, float], target: float) -> None:
    tokens = tokens_for(list(curve), list(curve.values()), target)
    if tokens is None:
        assert max(curve.values()) < target
    else:
        assert min(curve) <= tokens <= max(curve) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("budgets", "recalls"), [([], []), ([0, 1], [0, 1]), ([-1, 1], [0, 1]), ([5, 5], [0, 1]), ([1, 2], [0])]
)
def test_what_is_no_curve_is_an_error(budgets: list[float], recalls: list[float]) -> None:
    with pytest.raises(ValueError, match=r"not the budgets|argument 2"):
        area(budgets, recalls)
    with pytest.raises(ValueError, match=r"not the budgets|argument 2"):
        tokens_for(budgets, recalls, 0.5)
