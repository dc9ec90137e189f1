"""Tests of splitting text into words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.words import is_number, whole_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Net sales ROSE", ["net", "sales", "rose"]),
        ("12,645 and 24.2%", ["12645", "and", "24.2"]),
        ("$(1,234.50)", ["1234.50"]),
        ("1,23,45,678 rupees", ["12345678", "rupees"]),
        ("see [1,2,30]", ["see", "1", "2", "30"]),
        ("in 10,12,2019", ["in", "10", "12", "2019"]),
        ("the year 2019.", ["the", "year", "2019"]),
        ("2019-2020", ["2019", "2020"]),
        ("１２，６４５", ["12645"]),
        ("Q3FY24", ["q", "3", "fy", "24"]),
        ("long-term it's snake_case", ["long", "term", "it", "s", "snake", "case"]),
        ("compre\u00adhension", ["comprehension"]),
        ("compre-\nhension", ["compre", "hension"]),
        ("ﬁnal Straße", ["final", "strasse"]),
        ("", []),
        (" … — \n", []),
    ],
)
def test_text_is_read_as_these_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018年に行く。", ["2018", "年", "に", "行", "く"]),
        ("𠀀𠀁", ["𠀀", "𠀁"]),
        ("ภาษา", ["ภ", "า", "ษ", "า"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("မြန်မာ။", ["မြ", "န်", "မာ"]),
        ("한국어는 쉽다", ["한국어는", "쉽다"]),
        ("कनेक्शन रहित।", ["कनेक्शन", "रहित"]),
        ("بِسْمِ اللَّه", ["بِسْمِ", "اللَّه"]),
        ("١٢٣ دولار", ["١٢٣", "دولار"]),
    ],
)
def test_other_scripts_keep_their_marks_and_unspaced_ones_go_one_by_one(text: str, expected: list[str]) -> None:
    assert words(text) == [unicodedata.normalize("NFKC", word) for word in expected]


def test_accents_that_stand_alone_and_those_that_are_joined_are_the_same() -> None:
    assert words("cafe\u0301") == words("café") == ["café"]


def test_line_breaks_and_spaces_do_not_matter() -> None:
    assert words("net\u00a0sales\r\n\trose\u2003 by\f9 %") == words("net sales rose by 9%")


@given(st.text(), st.text())
def test_the_words_of_two_texts_are_those_of_the_one_and_the_other(left: str, right: str) -> None:
    assert words(f"{left}\n{right}") == words(left) + words(right)


@given(st.text())
def test_words_are_read_from_words_as_they_are(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found
    assert all(word and not any(character.isspace() for character in word) for word in found)


def test_a_number_is_told_from_a_word() -> None:
    assert [is_number(word) for word in words("12,645 items ١٢")] == [True, False, True]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (5, 11, "years ago"),
        (5, 5, ""),
        (5, 9, "years"),
        (4, 13, "years ago"),
        (3, 4, " "),
        (4, 5, "years"),
        (0, 17, "two years ago now"),
        (0, 0, ""),
    ],
)
def test_a_part_that_cuts_words_is_made_whole(start: int, end: int, expected: str) -> None:
    assert whole_words("two years ago now", start, end) == expected


def test_a_part_of_an_unspaced_text_stays_as_it_is() -> None:
    assert whole_words("以下内容", 1, 2) == "下"


def test_a_part_outside_the_text_is_empty() -> None:
    assert whole_words("short", 10, 20) == ""
