import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder_trees import best_values, hierarchy_of, ladder_of, trees

from hiercomp.allocation.lagrangian import OPENED, LadderTree, at_budget, hull_neighbours, priced, visited


def test_the_net_value_of_a_subtree_is_the_best_of_its_own_renderings_and_its_children():
    # Net values at 0.01 per token: n1 0.50 - 20 * 0.01 = 0.30, n2 0.20 - 30 * 0.01 < 0. Opening n0 costs 5 * 0.01.
    hierarchy = hierarchy_of([None, 0, 0])
    ladders = {
        "n0": ladder_of("n0", (10, 0.30), opening=5),
        "n1": ladder_of("n1", (20, 0.50)),
        "n2": ladder_of("n2", (30, 0.20)),
    }
    at_price = priced(LadderTree.of(hierarchy, ladders), 0.01)
    assert at_price.net_value.tolist() == pytest.approx([0.25, 0.30, 0.0])
    assert at_price.opened_net_value.tolist() == pytest.approx([0.25, -np.inf, -np.inf])
    assert at_price.best_choice(at_price.fewest_tokens())[0] == OPENED
    # At 0.02 the summary of n0 has 0.30 - 0.20 = 0.10, and opening n0 has 0.10 - 0.10 = 0.
    at_higher_price = priced(LadderTree.of(hierarchy, ladders), 0.02)
    assert at_higher_price.total_net_value == pytest.approx(0.10)
    assert at_higher_price.fewest_tokens().tolist() == [10, 20, 0]


def test_nodes_that_offer_nothing_are_left_out_with_all_below_them():
    tree = LadderTree.of(hierarchy_of([None, 0, 0, 1, 2]), {"n3": ladder_of("n3", (1, 1.0)), "n4": ladder_of("n4")})
    assert [node.id for node in tree.nodes] == ["n0", "n1", "n3"]
    assert tree.depths == (slice(0, 1), slice(1, 2), slice(2, 3))


def test_a_node_below_a_node_that_is_shown_is_not_visited():
    tree = LadderTree.of(hierarchy_of([None, 0, 1]), {name: ladder_of(name, (1, 1.0)) for name in ("n0", "n1", "n2")})
    assert visited(tree, np.array([OPENED, 3, 5])).tolist() == [True, True, False]


@settings(deadline=None, max_examples=60)
@given(trees(), st.integers(0, 40))
def test_the_dual_bounds_the_best_cut_at_any_price_and_the_price_found_is_the_tightest(tree, budget):
    hierarchy, ladders = tree
    ladder_tree = LadderTree.of(hierarchy, ladders)
    if not ladder_tree.nodes:
        return
    best = best_values(hierarchy, ladders, budget)[budget]
    found = at_budget(ladder_tree, budget)
    bound = found.total_net_value + found.price * budget
    assert bound >= best - 1e-9
    for price in (0.0, 0.01, 0.1, 1.0, found.price * 0.9, found.price * 1.1):
        assert priced(ladder_tree, price).total_net_value + price * budget >= bound - 1e-9


@settings(deadline=None, max_examples=60)
@given(trees(), st.integers(0, 40))
def test_the_price_of_a_budget_parts_what_fits_from_what_does_not(tree, budget):
    ladder_tree = LadderTree.of(*tree)
    if not ladder_tree.nodes:
        return
    found = at_budget(ladder_tree, budget)
    assert ladder_tree.total(found.fewest_tokens()) <= budget
    assert found.price == 0 or ladder_tree.total(found.most_tokens()) > budget


def test_the_neighbours_of_a_value_by_hand():
    # The hull adds n1 (10 tokens, 0.5), then n2 (30 tokens, 0.9), then n3 (5 tokens, 0.05).
    hierarchy = hierarchy_of([None, 0, 0, 0])
    ladders = {name: ladder_of(name, rung) for name, rung in (("n1", (10, 0.5)), ("n2", (30, 0.9)), ("n3", (5, 0.05)))}
    tree = LadderTree.of(hierarchy, ladders)
    assert hull_neighbours(tree, 0.4) == (0, 10)
    assert hull_neighbours(tree, 0.6) == (10, 40)
    assert hull_neighbours(tree, 1.42) == (40, 45)
    assert hull_neighbours(tree, 2.0) == (45, 45)


@settings(deadline=None, max_examples=60)
@given(trees(), st.floats(0.01, 0.99))
def test_one_neighbour_of_a_value_is_worth_less_and_the_other_reaches_it(tree, share):
    hierarchy, ladders = tree
    best = best_values(hierarchy, ladders, 200)
    value = share * best[-1]
    if best[-1] == 0:
        return
    below, above = hull_neighbours(LadderTree.of(hierarchy, ladders), value)
    assert best[above] >= value - 1e-9
    assert below == 0 or best[below] < value + 1e-9
