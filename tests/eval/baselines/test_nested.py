from itertools import pairwise

from documents import document_of
from gathered import evidence_of
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder_trees import hierarchy_of, ladder_of, trees

from eval.baselines.nested import Nested, pack_nested
from hiercomp.allocation.ladder import offer
from hiercomp.hierarchy import build_hierarchy
from hiercomp.types import Hit, Ladder, Ranking, Rendering, Span


def spans_shown(allocation):
    return {(rendering.node_id, span) for rendering in allocation.renderings for span in rendering.spans}


@settings(deadline=None, max_examples=80)
@given(trees(most_nodes=25), st.integers(0, 60), st.integers(0, 60))
def test_a_greater_budget_shows_everything_that_a_smaller_one_shows(tree, budget, more):
    allocator = Nested()
    less, greater = allocator.allocate(*tree, budget), allocator.allocate(*tree, budget + more)
    assert spans_shown(less) <= spans_shown(greater)
    assert less.value <= greater.value


def test_budgets_follow_the_hull_and_stop_at_the_first_step_that_does_not_fit():
    # n1 takes 10 tokens at 0.05 each, n2 30 at 0.03, n3 5 at 0.01. With 20 tokens n3 would fit, but n2 comes first.
    hierarchy = hierarchy_of([None, 0, 0, 0])
    ladders = {
        "n1": ladder_of("n1", (10, 0.5)),
        "n2": ladder_of("n2", (30, 0.9)),
        "n3": ladder_of("n3", (5, 0.05)),
    }
    shown = [
        [each.node_id for each in Nested().allocate(hierarchy, ladders, budget).renderings] for budget in (20, 40, 45)
    ]
    assert shown == [["n1"], ["n1", "n2"], ["n1", "n2", "n3"]]
    assert Nested().allocate(hierarchy, ladders, 20).bound > 0.5


def test_a_step_that_opens_a_section_shows_as_much_as_fits():
    # Opening n0 takes 20 tokens. n1 alone gives 0.5 for 30 tokens, n1 and n2 give 0.9 for 40: the first step has both.
    hierarchy = hierarchy_of([None, 0, 0])
    ladders = {
        "n0": ladder_of("n0", opening=20),
        "n1": ladder_of("n1", (10, 0.5)),
        "n2": ladder_of("n2", (10, 0.4)),
    }
    shown = [
        [each.node_id for each in Nested().allocate(hierarchy, ladders, budget).renderings] for budget in (29, 30, 40)
    ]
    assert shown == [[], ["n1"], ["n1", "n2"]]


def test_a_rendering_that_the_fuller_one_does_not_contain_is_not_offered():
    other = Rendering("n0", "extract", (Span(90, 95),), (0.5,), 2)
    extract = Rendering("n0", "extract", (Span(0, 9),), (0.6,), 8)
    written = Rendering("n0", "written", (Span(0, 9),), (0.7,), 9, text="written by a model")
    verbatim = Rendering("n0", "verbatim", (Span(0, 9), Span(9, 20)), (0.6, 0.3), 20)
    ladders = {"n0": Ladder("n0", (other, extract, written, verbatim))}
    hierarchy = hierarchy_of([None])
    details = [
        [rendering.detail for rendering in Nested().allocate(hierarchy, ladders, budget).renderings]
        for budget in (7, 8, 20)
    ]
    assert details == [[], ["extract"], ["verbatim"]]


def count_words(texts):
    return [len(text.split()) for text in texts]


def words(text, parts):
    """Measure a context by its words."""
    return len(text.split())


def shown_spans(context):
    return {(part.document_id, span) for part in context.parts for span in part.spans}


def test_packed_contexts_fit_and_contain_all_that_smaller_ones_contain():
    tree = build_hierarchy(
        document_of(
            *[f"# Section {place}\nThe rate of part {place} was {place} percent. It rose.\n" for place in range(8)]
        )
    )
    ranking = Ranking(tuple(Hit(node.id, 1 / place, 1 / place) for place, node in enumerate(tree.level(0), start=2)))
    ladders = offer(tree, evidence_of(tree, "What was the rate?", ranking), count_words)
    budgets = (20, 35, 50, 80, 130)
    contexts = [pack_nested(tree, ladders, Nested(), budget, measure=words) for budget in budgets]
    assert all(context.tokens <= budget for context, budget in zip(contexts, budgets, strict=True))
    assert contexts[0].parts
    for less, greater in pairwise(contexts):
        assert shown_spans(less) <= shown_spans(greater)
    assert shown_spans(contexts[0]) < shown_spans(contexts[-1])


def test_a_budget_without_room_for_a_sentence_gets_the_cheapest_context():
    tree = build_hierarchy(document_of("The rate of the year was four percent.\n"))
    ranking = Ranking((Hit(tree.level(0)[0].id, 0.5, 0.5),))
    ladders = offer(tree, evidence_of(tree, "rate", ranking), count_words)
    context = pack_nested(tree, ladders, Nested(), 1, measure=words)
    assert context.parts
    assert context.tokens > 1
