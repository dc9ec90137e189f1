from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder_trees import best_values, hierarchy_of, ladder_of, trees

from hiercomp.allocation.lagrangian import LadderTree
from hiercomp.allocation.sufficiency import StoppingRule, least_budget, wanted
from hiercomp.allocation.tree_cut import allocate
from hiercomp.types import Choice

# The example of docs/allocation.md. The corners of its hull have 50, 80, 100, 140, 165 and 225 tokens, and the values
# 0.60, 0.84, 0.94, 1.09, 1.17 and 1.29. The prices of the steps are 0.012, 0.008, 0.005, 0.00375, 0.0032 and 0.002.
EXAMPLE = hierarchy_of([None, 0, 1, 1, 1, 0, 5])
LADDERS = {
    "n1": ladder_of("n1", opening=10),
    "n2": ladder_of("n2", (40, 0.60), (100, 0.72)),
    "n3": ladder_of("n3", (30, 0.24)),
    "n4": ladder_of("n4", (25, 0.08)),
    "n5": ladder_of("n5", (20, 0.10), opening=10, detail="summary"),
    "n6": ladder_of("n6", (50, 0.25)),
}


def chosen(hierarchy, ladders, allocate=allocate, **rule):
    tree = LadderTree.of(hierarchy, ladders)
    value, choice = wanted(tree, StoppingRule(**({"share": 1.0, "least_value": 0.0} | rule)))
    return least_budget(tree, value, lambda budget: allocate(hierarchy, ladders, budget).value), choice.ended


def wasteful(hierarchy, ladders, budget):
    """Allocate only a third of the budget."""
    return allocate(hierarchy, ladders, budget // 3)


@pytest.mark.parametrize(
    ("share", "budget"),
    [
        (1.0, 225),
        (0.95, 225),  # 0.95 * 1.29 = 1.2255 is more than 1.17 (165 tokens) and 1.21 (200 tokens, without e)
        (0.80, 140),  # 0.80 * 1.29 = 1.032
        (0.79, 125),  # 0.79 * 1.29 = 1.0191: off the hull, 100 tokens and e have 1.02
        (0.01, 20),  # 0.01 * 1.29 = 0.0129: the summary of risks, in 20 tokens
    ],
)
def test_a_share_takes_the_least_budget_that_reaches_it(share, budget):
    assert chosen(EXAMPLE, LADDERS, share=share) == (budget, "share")


@pytest.mark.parametrize(
    ("least_value", "budget"),
    [
        (0.0021, 165),
        (0.004, 100),  # the summary of risks has 0.005 per token, and opening it instead adds 0.00375 per token
        (0.005, 80),
        (0.5, 50),  # no step has that much per token: the first step alone is shown
    ],
)
def test_what_is_worth_less_than_a_value_is_not_shown(least_value, budget):
    assert chosen(EXAMPLE, LADDERS, least_value=least_value) == (budget, "value")


def test_the_nearer_of_share_and_value_decides():
    assert chosen(EXAMPLE, LADDERS, share=0.4, least_value=0.004) == (50, "share")
    assert chosen(EXAMPLE, LADDERS, share=0.9, least_value=0.004) == (100, "value")


def test_where_nothing_is_offered_nothing_is_enough():
    tree = LadderTree.of(hierarchy_of([None]), {})
    assert wanted(tree, StoppingRule(0.95, 0.01)) == (0.0, Choice("share", 0.95, 0.01, 0.0))
    assert least_budget(tree, 0.0, lambda budget: 0.0) == 0


@settings(deadline=None, max_examples=80)
@given(trees(), st.floats(0.01, 1.0))
def test_the_budget_is_the_least_of_all_by_trying_every_cut(tree, share):
    hierarchy, ladders = tree
    best = best_values(hierarchy, ladders, 200)
    goal = share * best[-1] * (1 - 1e-9)
    least = next(budget for budget, value in enumerate(best) if value >= goal)
    assert chosen(hierarchy, ladders, share=share)[0] == least


@settings(deadline=None, max_examples=40)
@given(trees(most_nodes=20))
def test_a_greater_share_and_a_lesser_value_never_take_less(tree):
    shares = [chosen(*tree, share=share)[0] for share in (0.1, 0.4, 0.7, 0.95, 1.0)]
    values = [chosen(*tree, least_value=value)[0] for value in (0.5, 0.1, 0.05, 0.01, 0.0)]
    assert shares == sorted(shares)
    assert values == sorted(values)


@settings(deadline=None, max_examples=40)
@given(trees(most_nodes=20))
def test_an_allocator_that_reaches_less_is_given_more(tree):
    hierarchy, ladders = tree
    flat = LadderTree.of(hierarchy, ladders)
    value = allocate(hierarchy, ladders, 1000).value / 2
    budget = least_budget(flat, value, lambda tokens: wasteful(hierarchy, ladders, tokens).value)
    assert wasteful(hierarchy, ladders, budget).value >= value
    assert budget >= least_budget(flat, value, lambda tokens: allocate(hierarchy, ladders, tokens).value)


def test_a_value_that_an_allocator_never_reaches_ends():
    ladders = {"n0": ladder_of("n0", (10, 1.0), detail="summary"), "n1": ladder_of("n1", (10, 0.5))}
    hierarchy = hierarchy_of([None, 0])
    assert chosen(hierarchy, ladders, lambda *given: allocate(*given[:2], 0))[0] > 1_000_000


def test_budgets_of_the_example_rise_step_by_step():
    budgets = [chosen(EXAMPLE, LADDERS, share=step / 20)[0] for step in range(1, 21)]
    assert all(less <= more for less, more in pairwise(budgets))
    assert (budgets[0], budgets[-1]) == (20, 225)
