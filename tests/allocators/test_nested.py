from hypothesis import given, settings
from hypothesis import strategies as st
from ladder_trees import hierarchy_of, ladder_of, trees

from hiercomp.allocators.nested import build
from hiercomp.types import Ladder, Rendering, Span


def spans_shown(allocation):
    return {(rendering.node_id, span) for rendering in allocation.renderings for span in rendering.spans}


@settings(deadline=None, max_examples=80)
@given(trees(most_nodes=25), st.integers(0, 60), st.integers(0, 60))
def test_what_a_budget_shows_every_greater_budget_shows(tree, budget, more):
    allocator = build()
    less, greater = allocator.allocate(*tree, budget), allocator.allocate(*tree, budget + more)
    assert spans_shown(less) <= spans_shown(greater)
    assert less.value <= greater.value


def test_budgets_go_along_the_hull_and_stop_at_the_first_step_that_does_not_fit():
    # steps: n1 in 10 at 0.05, n2 in 30 at 0.03, n3 in 5 at 0.01; with 20 tokens n3 would fit but comes after n2
    hierarchy = hierarchy_of([None, 0, 0, 0])
    ladders = {
        "n1": ladder_of("n1", (10, 0.5)),
        "n2": ladder_of("n2", (30, 0.9)),
        "n3": ladder_of("n3", (5, 0.05)),
    }
    shown = [
        [each.node_id for each in build().allocate(hierarchy, ladders, budget).renderings] for budget in (20, 40, 45)
    ]
    assert shown == [["n1"], ["n1", "n2"], ["n1", "n2", "n3"]]
    assert build().allocate(hierarchy, ladders, 20).bound > 0.5


def test_of_a_step_that_opens_a_section_as_much_is_shown_as_fits():
    # opening n0 takes 20: n1 alone is worth 0.5 / 30, with n2 0.9 / 40, so the first step of the hull is both
    hierarchy = hierarchy_of([None, 0, 0])
    ladders = {
        "n0": ladder_of("n0", opening=20),
        "n1": ladder_of("n1", (10, 0.5)),
        "n2": ladder_of("n2", (10, 0.4)),
    }
    shown = [
        [each.node_id for each in build().allocate(hierarchy, ladders, budget).renderings] for budget in (29, 30, 40)
    ]
    assert shown == [[], ["n1"], ["n1", "n2"]]


def test_a_rendering_that_the_fuller_one_does_not_contain_is_not_offered():
    title = Rendering("n0", "title", (Span(90, 95),), (0.5,), 2)
    extract = Rendering("n0", "extract", (Span(0, 9),), (0.6,), 8)
    written = Rendering("n0", "summary", (Span(0, 9),), (0.7,), 9, text="written by a model")
    verbatim = Rendering("n0", "verbatim", (Span(0, 9), Span(9, 20)), (0.6, 0.3), 20)
    ladders = {"n0": Ladder("n0", (title, extract, written, verbatim))}
    hierarchy = hierarchy_of([None])
    details = [
        [rendering.detail for rendering in build().allocate(hierarchy, ladders, budget).renderings]
        for budget in (7, 8, 20)
    ]
    assert details == [[], ["extract"], ["verbatim"]]
