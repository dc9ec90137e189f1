import random
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder_trees import best_values, hierarchy_of, is_cut, ladder_of, tokens_of, trees

from eval.baselines.cut import Cut
from hiercomp.allocation import lagrangian
from hiercomp.allocation.lagrangian import LadderTree, at_budget, priced
from hiercomp.allocation.tree_cut import allocate
from hiercomp.types import Dropped, Ladder, Rendering, Span

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "allocation.md"
# n0 is the document, n1 taxes with the passages n2 (a), n3 (b) and n4 (e), and n5 risks with the passage n6 (c).
EXAMPLE = hierarchy_of([None, 0, 1, 1, 1, 0, 5])
EXAMPLE_LADDERS = {
    "n1": ladder_of("n1", opening=10),
    "n2": ladder_of("n2", (40, 0.60), (100, 0.72)),
    "n3": ladder_of("n3", (30, 0.24)),
    "n4": ladder_of("n4", (25, 0.08)),
    "n5": ladder_of("n5", (20, 0.10), opening=10, detail="summary"),
    "n6": ladder_of("n6", (50, 0.25)),
}


def corpus(passages, seed=0):
    """Build a document with sections of 25 passages. Few sections have most of the evidence."""
    rng = random.Random(seed)
    sections = max(1, passages // 25)
    parents = [None] + [0] * sections + [1 + index % sections for index in range(passages)]
    ladders = {}
    section_evidence = [rng.random() ** 6 for _ in range(sections)]
    for index in range(1 + sections, len(parents)):
        probability = section_evidence[parents[index] - 1] * rng.random() ** 3
        tokens, value, rungs = 8, 0.0, []
        for step in range(4):
            tokens += rng.randint(12, 60)
            value += probability * rng.random() / (step + 1) + 1e-9
            rungs.append((tokens, value))
        ladders[f"n{index}"] = ladder_of(f"n{index}", *rungs)
    for index in range(1, 1 + sections):
        summary = (60, section_evidence[index - 1] / 4 + 1e-9)
        ladders[f"n{index}"] = ladder_of(f"n{index}", summary, opening=15, detail="summary")
    return hierarchy_of(parents), ladders


@settings(deadline=None, max_examples=40)
@given(trees())
def test_allocation_is_worth_what_the_best_cut_is_worth_at_every_budget(tree):
    hierarchy, ladders = tree
    for budget, best in enumerate(best_values(hierarchy, ladders, 40)):
        allocation = allocate(hierarchy, ladders, budget)
        assert allocation.value == pytest.approx(best, abs=1e-9)
        assert allocation.bound == pytest.approx(best, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(trees(most_nodes=30), st.integers(-5, 120))
def test_allocation_never_exceeds_the_budget_and_accounts_for_every_token(tree, budget):
    hierarchy, ladders = tree
    allocation = allocate(hierarchy, ladders, budget)
    assert is_cut(hierarchy, allocation)
    assert allocation.tokens == tokens_of(hierarchy, ladders, allocation) <= max(0, budget)
    assert sum(tokens for _, tokens in allocation.tokens_by_level) == allocation.tokens
    assert allocation.value == pytest.approx(sum(rendering.value for rendering in allocation.renderings), abs=1e-12)
    assert allocation.value <= allocation.bound


@settings(deadline=None, max_examples=25)
@given(trees(most_nodes=30))
def test_a_greater_budget_is_never_worth_less(tree):
    values = [allocate(*tree, budget).value for budget in range(0, 90, 3)]
    assert all(less <= more + 1e-12 for less, more in pairwise(values))


@settings(deadline=None, max_examples=60)
@given(trees(most_nodes=20), st.integers(0, 80), st.randoms(use_true_random=False))
def test_allocation_does_not_depend_on_the_order_of_the_ladders(tree, budget, rng):
    hierarchy, ladders = tree
    names = list(ladders)
    rng.shuffle(names)
    assert allocate(hierarchy, {name: ladders[name] for name in names}, budget) == allocate(hierarchy, ladders, budget)


@settings(deadline=None, max_examples=60)
@given(trees(most_nodes=20), st.integers(0, 80))
def test_every_passage_that_offers_something_is_shown_or_dropped_with_a_reason(tree, budget):
    hierarchy, ladders = tree
    allocation = allocate(hierarchy, ladders, budget)
    listed = {rendering.node_id for rendering in allocation.renderings}
    listed |= {dropped.node_id for dropped in allocation.dropped}
    offered = {name for name, ladder in ladders.items() if ladder.renderings and not hierarchy.node(name).child_ids}
    assert offered <= listed
    assert len(listed) == len(allocation.renderings) + len(allocation.dropped)


@pytest.mark.parametrize("budget", [300, 1000, 4000])
def test_allocation_is_worth_more_than_greedy_score_order_and_the_best_single_rendering(budget):
    hierarchy, ladders = corpus(400)
    tree = LadderTree.of(hierarchy, ladders)
    greedy = Cut(tree)
    greedy.take_best_first(range(len(tree.tokens)), budget)
    by_score = Cut(tree)
    for rung in sorted(range(len(tree.tokens)), key=lambda rung: -tree.values[rung]):
        by_score.take_best_first([rung], budget)
    singles = [rung.value for ladder in ladders.values() for rung in ladder.renderings if rung.tokens + 15 <= budget]
    value = allocate(hierarchy, ladders, budget).value
    assert value >= sum(tree.values[greedy.choice[greedy.choice >= 0]]) > 0
    assert value >= sum(tree.values[by_score.choice[by_score.choice >= 0]]) > 0
    assert value >= max(singles)


def test_renderings_come_in_document_order():
    hierarchy, ladders = corpus(200)
    order = []

    def walk(node):
        order.append(node.id)
        for child in hierarchy.children(node):
            walk(child)

    walk(hierarchy.root)
    shown = [rendering.node_id for rendering in allocate(hierarchy, ladders, 3000).renderings]
    assert len(shown) > 10
    assert shown == [node_id for node_id in order if node_id in shown]


@pytest.mark.timing
def test_ten_thousand_passages_are_allocated_and_proved_best_within_a_second_of_processor_time():
    hierarchy, ladders = corpus(10_000)
    started = time.process_time()
    allocation = allocate(hierarchy, ladders, 4000)
    assert time.process_time() - started < 1.0
    assert allocation.bound == allocation.value > 0
    assert 3950 <= allocation.tokens <= 4000


def test_a_chain_of_a_thousand_nodes_does_not_exhaust_the_stack():
    count = 1000
    hierarchy = hierarchy_of([None, *range(count - 1)])
    ladders = {f"n{index}": Ladder(f"n{index}", (), 1) for index in range(count - 1)}
    ladders[f"n{count - 1}"] = ladder_of(f"n{count - 1}", (10, 0.5))
    assert allocate(hierarchy, ladders, count + 8).tokens == 0
    assert allocate(hierarchy, ladders, count + 9).tokens == count + 9  # 999 openings and 10 tokens


def test_nothing_offered_is_nothing_chosen():
    allocation = allocate(hierarchy_of([None, 0]), {"n1": ladder_of("n1")}, 100)
    assert (allocation.renderings, allocation.tokens, allocation.value, allocation.dropped) == ((), 0, 0.0, ())


def test_everything_that_fits_is_shown_at_the_price_of_nothing():
    allocation = allocate(EXAMPLE, EXAMPLE_LADDERS, 225)
    assert allocation.price == 0
    # 10 + 100 + 30 + 25 for taxes, 10 + 50 for risks
    assert allocation.tokens == 225
    assert allocation.tokens_by_level == (("passage", 205), ("section", 20), ("document", 0), ("corpus", 0))


def test_a_value_that_is_not_finite_is_refused():
    ladder = Ladder("n0", (Rendering("n0", "verbatim", (Span(0, 1),), (float("nan"),), 5),))
    with pytest.raises(ValueError, match="not finite"):
        allocate(hierarchy_of([None]), {"n0": ladder}, 10)


def test_the_documented_hull_is_the_one_that_is_computed():
    rows = re.findall(
        r"^\| [^|]+ \| (0\.\d+) \| (\d+) \| (\d\.\d+) \|$", DOCUMENTATION.read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == 6
    for price, tokens, value in rows:
        at_point = allocate(EXAMPLE, EXAMPLE_LADDERS, int(tokens))
        assert at_point.tokens == int(tokens)
        assert at_point.value == at_point.bound == pytest.approx(float(value))
        assert allocate(EXAMPLE, EXAMPLE_LADDERS, int(tokens) - 1).price == pytest.approx(float(price))


def test_the_documented_prices_are_those_that_are_tried(monkeypatch):
    tried = []

    def recorded(tree, price):
        result = priced(tree, price)
        tokens = tree.total(result.fewest_tokens())
        value = result.total_net_value + price * tokens
        tried.append((f"{price:.5f}", str(tokens), f"{value:.2f}", "yes" if tokens <= 125 else "no"))
        return result

    monkeypatch.setattr(lagrangian, "priced", recorded)
    found = at_budget(LadderTree.of(EXAMPLE, EXAMPLE_LADDERS), 125)
    rows = re.findall(
        r"^\| (0\.\d+) \| (\d+) \| (\d\.\d+) \| (yes|no) \|$", DOCUMENTATION.read_text("utf-8"), re.MULTILINE
    )
    assert rows == tried[2:]  # the first two tries find everything that has value, and the empty cut
    assert found.total_net_value + found.price * 125 == pytest.approx(1.03375)


def test_the_documented_example_is_what_is_computed():
    allocation = allocate(EXAMPLE, EXAMPLE_LADDERS, 125)
    assert [rendering.node_id for rendering in allocation.renderings] == ["n2", "n3", "n4", "n5"]
    assert allocation.tokens == 125
    assert allocation.price == pytest.approx(0.00375)  # (1.09 - 0.94) / (140 - 100)
    assert allocation.value == allocation.bound == pytest.approx(1.02)  # 0.94 + 0.08
    assert allocation.dropped == (Dropped("n6", "its section is summarised"),)


@pytest.mark.parametrize(
    ("budget", "dropped"),
    [
        (0, {"n0": "does not fit: 50 tokens", "n1": "its document is not opened"}),
        (60, {"n3": "does not fit: 30 tokens", "n6": "worth less than the price: 0.25 evidence for 50 tokens"}),
        (60, {"n5": "worth less than the price: 0.1 evidence for 20 tokens"}),  # 0.1 - 0.008 * 20 < 0
    ],
)
def test_reasons_name_evidence_and_tokens(budget, dropped):
    reasons = {entry.node_id: entry.reason for entry in allocate(EXAMPLE, EXAMPLE_LADDERS, budget).dropped}
    assert dropped.items() <= reasons.items()


def test_reasons_name_the_summarised_section_or_the_lack_of_evidence():
    hierarchy = hierarchy_of([None, 0, 0])
    below = {"n1": ladder_of("n1", (50, 0.1)), "n2": ladder_of("n2", (50, 0.0))}
    summarized = {"n0": ladder_of("n0", (5, 0.2), detail="summary"), **below}
    assert allocate(hierarchy, summarized, 10).dropped[0] == Dropped("n1", "its section is summarised")
    assert allocate(hierarchy, below, 100).dropped == (Dropped("n2", "no expected evidence"),)


def test_a_passage_worth_its_price_is_dropped_with_its_section():
    # The price is 0.5 / 30. At this price n3 has a net value of 0.13, but opening n2 for it costs 0.5.
    hierarchy = hierarchy_of([None, 0, 0, 2])
    ladders = {"n1": ladder_of("n1", (30, 0.5)), "n2": ladder_of("n2", opening=30), "n3": ladder_of("n3", (10, 0.3))}
    reasons = {entry.node_id: entry.reason for entry in allocate(hierarchy, ladders, 29).dropped}
    assert reasons["n3"] == "its section is not opened"
