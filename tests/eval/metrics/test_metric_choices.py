"""Tests of reading multiple-choice answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.choices import chosen

OPTIONS = {"A": "the river", "B": "the old river mill", "C": "a bridge", "D": "nothing at all"}


@pytest.mark.parametrize(
    ("answer", "letters"),
    [
        ("B", "B"),
        ("(B)", "B"),
        ("b", "B"),
        ("**B**", "B"),
        ("B.", "B"),
        ("BD", "BD"),
        ("B, D", "BD"),
        ("b and d", "BD"),
        ("A, B, and D.", "ABD"),
        ("Answer: B and D", "BD"),
        ("b d", "BD"),
        ("Answer: ABD", "ABD"),
        ("Answer:\nB", "B"),
        ("Answer:\nA. The river\nC. A bridge", "AC"),
        ("Answer: B\nD. nothing at all is wrong", "B"),
        ("The answer is (B).", "B"),
        ("The correct answer is B because the mill stood there.", "B"),
        ("The answers are A & C.", "AC"),
        ("B. The old river mill", "B"),
        ("B) the old river mill, not the bridge", "B"),
        ("A. The river\nC. A bridge", "AC"),
        ("It must be (C), as the text says.", "C"),
        ("I choose option C.", "C"),
        ("Options A and C are right.", "AC"),
        ("Option A is wrong.\nAnswer: C", "C"),
        ("Answer: A? No.\nFinal answer: D", "D"),
        ("The old river mill.", "B"),  # A's text is a part of B's
        ("the river and a bridge", "AC"),
        ("A dog crossed the river.", "A"),
        ("The answer is: a bridge", "C"),
        ("The answer: A bridge", "C"),
        ("Answer: BAD", ""),
        ("bad", ""),
        ("I do not know.", ""),
        ("", ""),
    ],
)
def test_letters_are_read_from_an_answer(answer: str, letters: str) -> None:
    assert chosen(answer, OPTIONS) == frozenset(letters)


def test_an_option_without_words_is_never_found_by_its_text() -> None:
    assert chosen("It is so.", {"A": "—", "B": "so"}) == {"B"}


def test_two_options_of_one_text_are_both_found() -> None:
    assert chosen("so", {"A": "So.", "B": "so", "C": "no"}) == {"A", "B"}


@given(st.text(alphabet="ABCDabcd answerOption:().,\n"))
def test_only_options_are_chosen(answer: str) -> None:
    assert chosen(answer, OPTIONS) <= set(OPTIONS)


@given(st.sets(st.sampled_from("ABCD"), min_size=1))
def test_an_answer_in_letters_is_read_as_those(letters: set[str]) -> None:
    assert chosen("Answer: " + ", ".join(sorted(letters)), OPTIONS) == letters
    assert chosen("".join(sorted(letters)), OPTIONS) == letters
