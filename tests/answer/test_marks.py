from dataclasses import replace
from itertools import islice

import pytest
from cited_parts import PARTS, REPORT, without_pages, written_part
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.answer.citations import cite
from hiercomp.answer.marks import MarkStream, free_marks


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The rate was 0.6% [1].", "The rate was 0.6% [report.pdf p. 55]."),
        ("The rate was 0.6%[1].", "The rate was 0.6% [report.pdf p. 55]."),
        ("Delays hurt [4].", "Delays hurt [notes.md]."),
        ("Both [1][3].", "Both [report.pdf pp. 55, 57]."),
        ("Both [1, 3].", "Both [report.pdf pp. 55, 57]."),
        ("Both [1], [3] say so.", "Both [report.pdf pp. 55, 57] say so."),
        ("Both [1] [1].", "Both [report.pdf p. 55]."),
        ("All [4][1]", "All [notes.md; report.pdf p. 55]"),
        ("A range [3-4].", "A range [report.pdf p. 57; notes.md]."),
        ("Unknown [99].", "Unknown."),
        ("Unknown too [1, 99].", "Unknown too [report.pdf p. 55]."),
        ("Of the text [12].", "Of the text [12]."),
        ("Mixed [1][12].", "Mixed [report.pdf p. 55] [12]."),
        ("A year [2022] is no mark.", "A year [2022] is no mark."),
        ("[1] opens.", "[report.pdf p. 55] opens."),
        ("(see [1])", "(see [report.pdf p. 55])"),
        ("([1])", "([report.pdf p. 55])"),
        ("No mark.", "No mark."),
        ("A link [x](y) and an open [3", "A link [x](y) and an open [3"),
    ],
)
def test_marks_become_addresses(text: str, shown: str) -> None:
    assert cite(text, PARTS, without_pages)[0] == shown


def test_a_summary_of_several_pages_is_cited_with_all_of_them() -> None:
    summary = replace(written_part(1, "The rate was low.", "The revenue was"), last_page=9)
    assert cite("Low [1].", [summary], lambda _: REPORT)[0] == "Low [annual.pdf pp. 8-9]."


def test_the_printed_number_of_a_page_stands_behind_its_physical_number() -> None:
    parts = [replace(part, label={55: "iv", 57: "3"}.get(part.page or 0)) for part in PARTS]
    answer, citations, *_ = cite("Both [1][3].", parts, without_pages)
    assert answer == "Both [report.pdf pp. 55 (printed iv), 57 (printed 3)]."
    assert [(citation.page, citation.label) for citation in citations] == [(55, "iv"), (57, "3")]
    assert cite("One [1].", parts, without_pages)[0] == "One [report.pdf p. 55 (printed iv)]."


def test_marks_that_a_document_uses_itself_are_passed_over() -> None:
    assert list(islice(free_marks(["See [1] and [3].", "As [4]"]), 3)) == [2, 5, 6]


@settings(deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.sampled_from(
                ["[1]", "[", "3", "]", " ", ",", "[3, ", "[99]", "[12]", "\n", ".", "-", "The rate", "0.6%"]
            ),
            st.text(max_size=4),
        )
    )
)
def test_a_stream_shows_what_cite_shows_however_it_is_cut(pieces: list[str]) -> None:
    text = "".join(pieces)
    stream = MarkStream(PARTS)
    assert "".join(map(stream.feed, pieces)) + stream.close() == cite(text, PARTS, without_pages)[0]
    letters = MarkStream(PARTS)
    assert "".join(map(letters.feed, text)) + letters.close() == cite(text, PARTS, without_pages)[0]


def test_a_stream_holds_back_only_what_may_become_a_mark() -> None:
    stream = MarkStream(PARTS)
    assert stream.feed("The rate was 0.6% [") == "The rate was 0.6%"
    assert stream.feed("1") == ""
    assert stream.feed("]") == ""
    assert stream.feed(". So") == " [report.pdf p. 55]. So"
    assert stream.close() == ""
