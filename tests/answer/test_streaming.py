from itertools import pairwise

from cited_parts import REPORT, without_pages, written_part
from hypothesis import given, settings
from hypothesis import strategies as st
from readers import part_of

from hiercomp.answer.citations import cite
from hiercomp.answer.streaming import AnswerStream

TEXT = "The effective tax rate was 14.8 % in 2022. Ms. Tanaka leads Field Services. Costs rose by $3.5 million."
PART = part_of(TEXT, [(TEXT, 0.5)], mark=4)
ANSWERS = (
    "The rate was 14.8 % in 2022. It rose. [4] Costs rose by $3.5 million.",
    "Costs rose by $3.5 million [4]. Ms. Tanaka leads Field Services.\n\n- The rate was 14.8 % in 2022 [4]",
    "No stop at the end and no mark",
    "See [4]. [9] Then what? [4][4] “Yes.” [4] So it was.",
    "",
)


def _stream(pieces: list[str]) -> tuple[str, str]:
    shown: list[str] = []
    stream = AnswerStream([PART], without_pages, shown.append)
    for piece in pieces:
        stream.feed(piece)
    stream.close()
    return "".join(shown), stream.text


@settings(deadline=None)
@given(st.sampled_from(ANSWERS), st.lists(st.integers(0, 120), max_size=12))
def test_the_pieces_make_no_difference_and_what_is_shown_is_what_is_cited(answer: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(answer)) for cut in cuts), len(answer)]
    pieces = [answer[start:end] for start, end in pairwise(places)]
    shown, text = _stream(pieces)
    assert (shown, text) == _stream([answer])
    assert shown == cite(text, [PART], without_pages)[0]


def test_a_sentence_without_a_mark_gets_the_one_that_bears_it_out() -> None:
    shown, text = _stream(["Costs rose by ", "$3.5 million. It ", "is so."])
    assert text == "Costs rose by $3.5 million [4]. It is so."
    assert shown == "Costs rose by $3.5 million [report.pdf p. 3]. It is so."


def test_a_sentence_is_shown_when_the_next_one_begins() -> None:
    shown: list[str] = []
    stream = AnswerStream([PART], without_pages, shown.append)
    stream.feed("It is so. ")
    assert "".join(shown) == ""
    stream.feed("And")
    assert "".join(shown).rstrip() == "It is so."


def test_a_quotation_is_one_sentence_and_gets_no_mark_inside() -> None:
    quoted = "“The effective tax rate was 14.8 % in 2022. Costs rose by $3.5 million.” [4] It is so."
    assert _stream(list(quoted))[1] == quoted
    # A quotation without an end is one sentence until its line ends.
    assert _stream(["“Costs rose by $3.5 million. It is so.\nThe rate was 14.8 % in 2022. It is so."])[1] == (
        "“Costs rose by $3.5 million. It is so [4].\nThe rate was 14.8 % in 2022 [4]. It is so."
    )


def test_a_sentence_that_only_a_summary_states_gets_no_mark() -> None:
    summary = written_part(7, "The rate was 0.9%.", "The effective tax rate was 0.6%.")
    stream = AnswerStream([summary], lambda document_id: REPORT)
    stream.feed("The tax rate was 0.9%. The tax rate was 0.6%.")
    stream.close()
    assert stream.text == "The tax rate was 0.9%. The tax rate was 0.6% [7]."
