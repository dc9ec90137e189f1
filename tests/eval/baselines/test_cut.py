import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder_trees import hierarchy_of, is_cut, ladder_of, tokens_of, trees

from eval.baselines.cut import Cut
from hiercomp.allocation.lagrangian import OPENED, LadderTree, at_budget
from hiercomp.allocation.tree_cut import dual_report

SECTION = hierarchy_of([None, 0, 0])
LADDERS = {
    "n0": ladder_of("n0", (10, 0.9), opening=5),
    "n1": ladder_of("n1", (10, 0.5), (20, 0.8)),
    "n2": ladder_of("n2", (15, 0.6)),
}


def taken(rungs, limit):
    """Take these (node, rung) pairs; return the cut's tokens and the values of its rungs."""
    tree = LadderTree.of(SECTION, LADDERS)
    cut = Cut(tree)
    cut.take_best_first([tree.rungs(node)[rung] for node, rung in rungs], limit)
    return cut.tokens, sorted(tree.values[cut.choice[cut.choice >= 0]].tolist(), reverse=True)


def test_a_rung_that_does_not_fit_is_skipped_and_the_next_is_tried():
    # n1 with 10 tokens is best (0.05 a token) and opens n0: 15 in all. n2 needs 15 more, which 25 do not hold. n1 with
    # 20 tokens fits.
    assert taken([(1, 1), (1, 2), (2, 1)], 25) == (25, [0.8, 0.0])


def test_an_opening_is_paid_once():
    assert taken([(1, 1), (2, 1)], 30) == (30, [0.6, 0.5])  # 5 + 10 + 15


def test_nothing_is_taken_below_or_above_a_node_that_is_shown():
    assert taken([(0, 1), (1, 1)], 100) == (10, [0.9, 0.0, 0.0])  # the summary, 0.09 a token, comes first
    tree = LadderTree.of(SECTION, LADDERS)
    cut = Cut(tree)
    cut.take_best_first([tree.rungs(1)[1]], 100)
    cut.take_best_first([tree.rungs(0)[1]], 100)
    assert cut.tokens == 15


def test_taking_until_full_ends_at_the_first_rung_that_does_not_fit():
    # n1 takes 10 tokens at 0.05 each, n2 30 at 0.03, n3 5 at 0.01. With 20 tokens n3 would fit, but n2 comes first.
    ladders = {name: ladder_of(name, rung) for name, rung in (("n1", (10, 0.5)), ("n2", (30, 0.9)), ("n3", (5, 0.05)))}
    tree = LadderTree.of(hierarchy_of([None, 0, 0, 0]), ladders)
    tokens = []
    for limit in (9, 20, 44, 45):
        cut = Cut(tree)
        cut.take_until_full(range(len(tree.tokens)), limit)
        tokens.append(cut.tokens)
    assert tokens == [0, 10, 40, 45]


def test_a_cut_continues_from_a_choice():
    tree = LadderTree.of(SECTION, LADDERS)
    cut = Cut(tree, np.array([OPENED, tree.rungs(1)[1], tree.rungs(2)[0]]))
    assert cut.tokens == 15  # 5 for opening n0 and 10
    cut.take_until_full(tree.rungs(2), 30)
    assert cut.tokens == 30
    # Nothing counts below a node that is shown.
    assert Cut(tree, np.array([tree.rungs(0)[1], tree.rungs(1)[1], tree.rungs(2)[1]])).tokens == 10


@settings(deadline=None, max_examples=60)
@given(trees(most_nodes=20), st.integers(0, 60))
def test_a_cut_counts_its_tokens_as_its_allocation_does(tree, budget):
    hierarchy, ladders = tree
    ladder_tree = LadderTree.of(hierarchy, ladders)
    if not ladder_tree.nodes:
        return
    cut = Cut(ladder_tree)
    cut.take_best_first(range(len(ladder_tree.tokens)), budget)
    allocation = dual_report(at_budget(ladder_tree, budget), cut.choice, budget)
    assert is_cut(hierarchy, allocation)
    assert cut.tokens == allocation.tokens == tokens_of(hierarchy, ladders, allocation) <= budget
