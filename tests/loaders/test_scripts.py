from __future__ import annotations

import pytest

from hiercomp.loaders._scripts import fraction, lowered, raised, root, ruby


@pytest.mark.parametrize(
    ("before", "text", "written"),
    [
        ("3 x 10", "6", "^6"),
        ("10", "\u22123", "^-3"),
        ("450 m", "2", "^2"),
        ("kg/m", "3", "^3"),
        ("min", "-1", "^-1"),
        ("3 in", "2", "^2"),
        ("x", "n+1", "^(n+1)"),
        ("x", "i", "^i"),
        ("2", "32", "^32"),
        ("(a+b)", "2", "^2"),
        ("Ca", "2+", "^(2+)"),
        ("CO_2", "1", "[1]"),
        ("$5.2 million", "3", "[3]"),
        ("in 2025", "1", "[1]"),
        ("1,234", "(1)", "[1]"),
        ("12.5", "b", "[b]"),
        ("$10", "2", "[2]"),
        ("Class A", "2", "[2]"),
        ("sales (net)", "2", "[2]"),
        ("the risk in", "2", "[2]"),
        ("Total", "1,2", "[1,2]"),
        ("5%", "\u2020", "[\u2020]"),
        ("text", "[1][2]", "[1][2]"),
        ("text[1]", ": 12", ": 12"),
        ("", "1", "[1]"),
        ("21", "st", "st"),
        ("n", "th", "th"),
        ("Acme", "TM", "\u2122"),
        ("20", "o", "\u00b0"),
        ("10", "6 ", "^6 "),
        ("10", " ", " "),
        ("10", "", ""),
    ],
)
def test_raised_text_is_an_exponent_a_mark_or_part_of_the_word(before, text, written):
    assert raised(before, text) == written


def test_the_format_decides_where_it_knows():
    assert raised("x", "2", is_mark=True) == "[2]"
    assert raised("word", "2", is_mark=False) == "^2"


def test_a_slash_makes_a_fraction_of_raised_and_lowered_numbers():
    assert raised("2", "1", after="\u2044") == " 1"
    assert lowered("2", before="1\u2044") == "2"
    assert raised("note", "1", after="/page") == "[1]"


def test_lowered_text_fractions_roots_and_ruby():
    assert [lowered("2"), lowered("i+1"), lowered(""), lowered(" ")] == ["_2", "_(i+1)", "", " "]
    assert [fraction("1", "2"), fraction("1", "2", "2"), fraction("a + b", "c")] == ["1/2", " 1/2", "(a + b)/c"]
    assert [root("2"), root("x", "3"), root("x", "2")] == ["sqrt(2)", "root(3, x)", "sqrt(x)"]
    assert [ruby("漢字", "かんじ"), ruby("漢字", "(かんじ)"), ruby("a", "")] == ["漢字(かんじ)", "漢字(かんじ)", "a"]


def test_several_marks_in_brackets_stay_apart() -> None:
    assert raised("Wireless retail prepaid", "(2)(3)", is_mark=True) == "[2][3]"
    assert raised("Total", "(1)", is_mark=True) == "[1]"
    assert raised("Total", "a)", is_mark=True) == "[a]"
