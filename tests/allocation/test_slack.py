import random

import pytest
from ladder_trees import best_values, hierarchy_of, ladder_of

from hiercomp.allocation import slack
from hiercomp.allocation.lagrangian import LadderTree, at_budget
from hiercomp.allocation.slack import fill, hull_point_at
from hiercomp.allocation.tree_cut import allocate


def knapsack(tokens, values):
    """Build a document whose passages have one rendering each."""
    count = len(tokens)
    ladders = {f"n{index + 1}": ladder_of(f"n{index + 1}", (tokens[index], values[index])) for index in range(count)}
    return hierarchy_of([None, *[0] * count]), ladders


def test_slack_is_filled_by_undoing_what_greedy_would_keep():
    # The values per token are 0.7, 0.6 and 0.6. Greedy shows the first (100 tokens, 70), and nothing else fits.
    hierarchy, ladders = knapsack([100, 75, 75], [70.0, 45.0, 45.0])
    allocation = allocate(hierarchy, ladders, 150)
    assert allocation.value == allocation.bound == 90.0
    # The hull point is the first passage. The dual bound is 70 + 0.6 * 50 = 100.
    at_price = at_budget(LadderTree.of(hierarchy, ladders), 150)
    assert at_price.total_net_value + at_price.price * 150 == pytest.approx(100.0)


def test_equal_prices_are_taken_one_passage_at_a_time():
    hierarchy, ladders = knapsack([10] * 50, [0.5] * 50)
    point = hull_point_at(at_budget(LadderTree.of(hierarchy, ladders), 137), 137)
    assert (point.total_tokens, point.max_slack) == (130, 9)
    assert (point.choice > point.priced.tree.first_rung).tolist() == [False] + [True] * 13 + [False] * 37
    assert allocate(hierarchy, ladders, 137).value == 6.5


def test_twenty_thousand_equal_passages_end_in_time():
    hierarchy, ladders = knapsack([7] * 20_000, [0.125] * 20_000)
    allocation = allocate(hierarchy, ladders, 4000)
    assert allocation.tokens == 3997  # 571 * 7
    assert allocation.value == 571 * 0.125


@pytest.mark.parametrize(("nodes", "states"), [(3, 300_000), (1000, 60), (4, 20)])
def test_a_search_that_is_cut_off_is_still_bounded_and_never_worth_less_for_more(monkeypatch, nodes, states):
    monkeypatch.setattr(slack, "_MAX_FREE_NODES", nodes)
    monkeypatch.setattr(slack, "_MAX_STATES", states)
    unproved = 0
    for seed in range(10):
        rng = random.Random(seed)
        tokens = [rng.randint(5, 60) for _ in range(14)]
        hierarchy, ladders = knapsack(tokens, [count * (1 + rng.random() / 20) for count in tokens])
        best = best_values(hierarchy, ladders, 200)
        before = 0.0
        for budget in range(100, 201, 5):
            allocation = allocate(hierarchy, ladders, budget)
            assert before <= allocation.value <= best[budget] + 1e-9
            assert allocation.bound >= best[budget] - 1e-9
            before = allocation.value
            unproved += allocation.bound > allocation.value
    assert unproved > 0


def test_a_hull_point_needs_no_search():
    hierarchy, ladders = knapsack([10, 20], [5.0, 4.0])
    point = hull_point_at(at_budget(LadderTree.of(hierarchy, ladders), 10), 10)
    filled = fill(point, 10)
    assert filled.gap == 0
    assert filled.choice is point.choice
