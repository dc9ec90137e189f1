import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiercomp.types import (
    PASSAGE,
    Allocation,
    Answer,
    Budget,
    Completion,
    Context,
    Document,
    Evidence,
    Hierarchy,
    Hit,
    Ladder,
    Ledger,
    Node,
    Page,
    Part,
    Plan,
    Ranking,
    Rendering,
    Run,
    Span,
)  # fmt: skip


def node(node_id, level=PASSAGE, **more):
    return Node(node_id, "d", level, "", Span(0, 1), "", (), **more)


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (5, 4)])
def test_a_span_does_not_run_backwards(start, end):
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


def test_a_span_covers_code_points():
    assert Span(1, 3).of("a👩字b") == "👩字"
    assert len(Span(1, 3)) == 2
    assert sorted([Span(2, 3), Span(0, 9), Span(0, 2)]) == [Span(0, 2), Span(0, 9), Span(2, 3)]


def test_pages_tile_the_text():
    pages = (Page(1, Span(0, 3)), Page(2, Span(3, 3)), Page(4, Span(3, 7)))
    document = Document("abcdefg", "a.pdf", "A", pages)
    assert [document.page_at(place) for place in (0, 2, 3, 6, 7)] == [1, 1, 4, 4, 4]
    assert Document("abc", "a.txt", "").page_at(1) is None


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ((Page(1, Span(1, 7)),), "page 1 starts at 1, not at 0"),
        ((Page(1, Span(0, 3)), Page(2, Span(4, 7))), "page 2 starts at 4, not at 3"),
        ((Page(1, Span(0, 3)),), "pages end at 3, the text at 7"),
    ],
)
def test_pages_that_leave_text_out_are_refused(pages, message):
    with pytest.raises(ValueError, match=message):
        Document("abcdefg", "a.pdf", "A", pages)


def test_a_document_is_named_by_its_text_alone():
    document = Document("text", "a.pdf", "A")
    assert document.id == Document("text", "b.txt", "").id == hashlib.sha256(b"text").hexdigest()
    assert document.id != Document("text ", "a.pdf", "A").id
    assert len(Document("\ud800", "a", "").id) == 64


def test_values_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Span(0, 1).start = 5


def test_a_hierarchy_finds_its_nodes():
    root = node("root", 2, child_ids=("a", "b"))
    below = (node("a", parent_id="root"), node("b", parent_id="root"))
    document = Document("text", "a", "")
    tree = Hierarchy((document,), (root, *below))
    assert tree.root is root
    assert tree.node("b") is below[1]
    assert tree.document(document.id) is document
    assert tree.level(PASSAGE) == tuple(tree.children(root)) == below


def test_a_hierarchy_with_a_repeated_node_is_refused():
    with pytest.raises(ValueError, match="repeat"):
        Hierarchy((), (node("a"), node("a")))


@given(scores=st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=8))
def test_a_ranking_falls_and_its_ties_are_in_order_of_ids(scores):
    hits = [Hit(f"n{len(scores) - place}", score) for place, score in enumerate(scores)]
    keys = [(-hit.score, hit.node_id) for hit in Ranking.of(hits).hits]
    assert keys == sorted(keys)


def test_a_ranking_that_names_a_node_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        Ranking((Hit("a", 1.0), Hit("a", 0.5)))


def rendering(tokens, *values):
    return Rendering("a", "extract", tuple(Span(place, place + 1) for place in range(len(values))), values, tokens)


def test_a_rendering_is_worth_the_sum_of_its_sentences():
    # 0.25 + 0.5
    assert rendering(3, 0.25, 0.5).value == 0.75


def test_renderings_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="one value for each span"):
        Rendering("a", "extract", (Span(0, 1),), (), 1)
    with pytest.raises(ValueError, match="cannot cost -1 tokens"):
        rendering(-1)
    with pytest.raises(ValueError, match="exactly if a model wrote it"):
        Rendering("a", "summary", (Span(0, 1),), (0.5,), 1, text="Its own words.")
    with pytest.raises(ValueError, match="exactly if a model wrote it"):
        Rendering("a", "written", (Span(0, 1),), (0.5,), 1)


@pytest.mark.parametrize(("tokens", "values"), [((3, 3), (0.1, 0.2)), ((3, 4), (0.2, 0.2)), ((4, 3), (0.1, 0.2))])
def test_a_ladder_rises_in_tokens_and_in_value(tokens, values):
    rungs = [rendering(count, value) for count, value in zip(tokens, values, strict=True)]
    with pytest.raises(ValueError, match="ladder of a does not rise"):
        Ladder("a", tuple(rungs))


def test_a_ladder_may_be_empty_or_rise():
    assert Ladder("a", ()).opening == 0
    assert len(Ladder("a", (rendering(1, 0.1), rendering(5, 0.2))).renderings) == 2


def test_a_part_is_worth_the_sum_of_its_sentences():
    spans = (Span(0, 1), Span(1, 2))
    part = Part("a", 0, "extract", "d", "a.pdf", 3, Span(0, 2), spans, (0.25, 0.5), "ab", 1, 1)
    assert part.value == 0.75


def test_the_context_is_what_prompt_and_answer_leave():
    # 4000 - 150 - 320
    assert Budget(4000, 150, 320, "t").context == 3530


def test_the_pages_of_a_span_are_named_with_their_printed_numbers():
    pages = (Page(6, Span(0, 2), "ii"), Page(7, Span(2, 4), "1"), Page(8, Span(4, 6)))
    document = Document("abcdef", "a.pdf", "", pages)
    assert document.pages_of(Span(0, 2)) == "p. 6 (printed ii)"
    assert document.pages_of(Span(0, 3)) == "pp. 6-7 (printed ii-1)"
    assert document.pages_of(Span(3, 6)) == "pp. 7-8 (printed 1-8)"
    assert document.pages_of(Span(5, 5)) == "p. 8"
    assert Document("abc", "a.txt", "").pages_of(Span(0, 3)) == ""
    assert [document.label_at(position) for position in (1, 2, 5)] == ["ii", "1", None]


def test_a_context_and_an_answer_read_as_their_text():
    budget, allocation = Budget(10, 0, 0, "t"), Allocation((), 0, (), 0.0, 0.0, 0.0)
    context, ledger = Context("because", 1, ()), Ledger((), 0, 0, None, None)
    plan, nothing = Plan.of("Why?", [], "rules"), Ranking(())
    run = Run(
        "Why?", hierarchy_of(), plan, (nothing,), nothing, Evidence({}), {}, budget, allocation, context, ledger
    )  # fmt: skip
    answer = Answer("So.", (), Completion("So.", 1, 1, "m"), run)
    assert (str(context), str(answer)) == ("because", "So.")
    assert (answer.context, answer.ledger) == (context, ledger)


def test_the_tokens_of_levels_add_up_and_headings_are_the_sections():
    spans = (Span(0, 1),)
    parts = tuple(
        Part(f"n{level}", level, "extract", "d", "a.pdf", 3, Span(0, 1), spans, (0.25,), "a", tokens, 1)
        for level, tokens in ((0, 10), (0, 5), (1, 7), (2, 3))
    )
    # 40 tokens in all: 25 of parts, 15 of headings and addresses.
    levels = Context("text", 40, parts).tokens_by_level
    assert levels == (("passage", 15), ("section", 22), ("document", 3), ("corpus", 0))


def hierarchy_of():
    document = Document("because", "a.txt", "")
    return Hierarchy((document,), (Node("n", document.id, PASSAGE, "", Span(0, 7), "because", (Span(0, 7),)),))
