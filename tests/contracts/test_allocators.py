"""The contract of allocators."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder_trees import best_values, hierarchy_of, is_cut, ladder_of, tokens_of, trees

from hiercomp.errors import ConfigError
from hiercomp.registry import build, names

ALLOCATORS = names("allocators")


def test_the_allocators_are_listed():
    assert "tree_cut" in ALLOCATORS


@pytest.mark.parametrize("name", ALLOCATORS)
@settings(deadline=None, max_examples=40)
@given(tree=trees(), budget=st.integers(0, 40))
def test_allocation_is_a_cut_within_the_budget_and_its_bound_holds(name, tree, budget):
    hierarchy, ladders = tree
    allocation = build("allocators", name).allocate(hierarchy, ladders, budget)
    assert is_cut(hierarchy, allocation)
    assert allocation.tokens == tokens_of(hierarchy, ladders, allocation) <= budget
    assert sum(tokens for _, tokens in allocation.tokens_by_level) == allocation.tokens
    assert allocation.value == pytest.approx(sum(rendering.value for rendering in allocation.renderings), abs=1e-9)
    best = best_values(hierarchy, ladders, budget)[budget]
    assert allocation.value <= best + 1e-9
    assert allocation.price >= 0
    assert allocation.bound >= best - 1e-9


@pytest.mark.parametrize("name", ALLOCATORS)
@settings(deadline=None, max_examples=20)
@given(tree=trees(most_nodes=20), budget=st.integers(0, 80), rng=st.randoms(use_true_random=False))
def test_allocation_is_the_same_for_any_order_of_the_ladders(name, tree, budget, rng):
    hierarchy, ladders = tree
    order = list(ladders)
    rng.shuffle(order)
    allocator = build("allocators", name)
    shuffled = {node_id: ladders[node_id] for node_id in order}
    assert allocator.allocate(hierarchy, shuffled, budget) == allocator.allocate(hierarchy, ladders, budget)


@pytest.mark.parametrize("name", ALLOCATORS)
def test_passages_that_fit_are_all_shown_in_full(name):
    hierarchy = hierarchy_of([None, 0, 0, 1, 1, 2])
    ladders = {
        "n1": ladder_of("n1", opening=3),
        "n2": ladder_of("n2", opening=4),
        "n3": ladder_of("n3", (10, 0.25), (20, 0.5)),
        "n4": ladder_of("n4", (30, 0.125)),
        "n5": ladder_of("n5", (40, 0.25)),
    }
    allocation = build("allocators", name).allocate(hierarchy, ladders, 97)  # 3 + 20 + 30 + 4 + 40
    assert (allocation.tokens, allocation.value, allocation.price) == (97, 0.875, 0.0)
    assert allocation.bound == pytest.approx(0.875)
    assert not allocation.dropped


@pytest.mark.parametrize("name", ALLOCATORS)
@pytest.mark.parametrize("budget", [-1, 0, 5])
def test_a_budget_that_holds_nothing_gives_nothing(name, budget):
    allocation = build("allocators", name).allocate(hierarchy_of([None]), {"n0": ladder_of("n0", (6, 1.0))}, budget)
    assert (allocation.tokens, allocation.value, allocation.renderings) == (0, 0.0, ())
    assert allocation.dropped[0].reason == "does not fit: 6 tokens"


@pytest.mark.parametrize("name", ALLOCATORS)
def test_no_ladders_give_nothing(name):
    assert build("allocators", name).allocate(hierarchy_of([None, 0]), {}, 100).value == 0


@pytest.mark.parametrize("name", ALLOCATORS)
def test_an_argument_that_means_nothing_is_refused(name):
    with pytest.raises(ConfigError, match="nonsense"):
        build("allocators", f"{name}/nonsense")
