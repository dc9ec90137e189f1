"""Tests of reading and comparing numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.figures import Figure, agrees, read_figures


def one(text: str) -> Figure:
    (figure,) = read_figures(text)
    return figure


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$12,645 and 24.2%", ["12645", "24.2"]),
        ("-5, −5, -$5, $-5, US$5, € 7", ["-5", "-5", "-5", "-5", "5", "7"]),
        ("2019-2020, COVID-19, pages 3–4", ["2019", "2020", "19", "3", "4"]),
        ("x - 5", ["5"]),
        ("1,2 and 1,234,567.89", ["1", "2", "1234567.89"]),
        (".45 of it. 5", ["0.45", "5"]),
        ("１２．５％", ["12.5"]),
        ("FY2022", ["2022"]),
        ("none, nine", []),
    ],
)
def test_numbers_are_read_with_their_sign(text: str, values: list[str]) -> None:
    assert [figure.value for figure in read_figures(text)] == [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("1.5 million", 6),
        ("$1.5M", 6),
        ("1.5mm", 6),
        ("3 billions", 9),
        ("3bn", 9),
        ("2 Trillion", 12),
        ("40k", 3),
        ("40 thousand", 3),
        ("3万", 4),
        ("2 億", 8),
        ("5 metres", None),
        ("5 b", None),
        ("5 millionaires", None),
    ],
)
def test_the_word_behind_a_number_scales_it(text: str, scale: int | None) -> None:
    assert one(text).scale == scale


def test_the_unit_is_that_of_the_last_digit() -> None:
    assert [one(text).unit for text in ("1577", "1577.00", "24.2%")] == [Decimal(1), Decimal("0.01"), Decimal("0.1")]


def test_only_a_number_in_closed_parentheses_has_an_unknown_sign() -> None:
    assert [figure.signed for figure in read_figures("(5) ($1,234) (5.2%) (5 of 57) -5")] == [
        False, False, False, True, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gold", "given"),
    [
        ("12,645", "12645"),
        ("16.5%", "16.5"),
        ("$1577.00", "$1,577 million"),
        ("$1.58 billion", "1,577 million"),
        ("1.6 million", "1,577,432"),
        ("1,600,000", "1.6 million"),
        ("24.2", "24.18"),
        ("24.2", "24.25"),  # half of the last digit is still within
        ("-5", "(5)"),
        ("5", "(5)"),
        ("(2019)", "2019"),
        ("0.40", "0.4"),
    ],
)
def test_these_are_the_same(gold: str, given: str) -> None:
    assert agrees(one(gold), one(given))


@pytest.mark.parametrize(
    ("gold", "given"),
    [
        ("24.2", "24.26"),
        ("24.2", "24.3"),
        ("24.2", "24"),
        ("-5", "5"),
        ("16.5%", "0.165"),
        ("1.5 million", "1.5 billion"),
        ("1577", "1.577 billion"),
        ("2019", "2020"),
    ],
)
def test_these_are_not_the_same(gold: str, given: str) -> None:
    assert not agrees(one(gold), one(given))


@given(st.text(alphabet="0123456789.,-−()$% millionbk万\n"))
def test_whatever_is_read_agrees_with_itself(text: str) -> None:
    assert all(agrees(figure, figure) for figure in read_figures(text))
