import pytest

from hiercomp.text.analysis import terms
from hiercomp.text.identifiers import identifiers


def is_in(question: str, text: str) -> bool:
    """Return whether a text holds the only identifier of a question."""
    (identifier,) = identifiers(question)
    return bool(identifier.pattern.search(text)) if identifier.pattern else terms(identifier.text)[0] in terms(text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is the status of order A10237?", "A10237\tElm"),
        ("Is A10237's invoice paid?", "A10237, paid"),
        ("What does part P-1073 cost?", "| P-1073 | 61.37 |"),
        ("What does part P-1073 cost?", "part p_1073."),
        ("What is the default of opt_44?", "| `opt_44` | 132 |"),
        ("What is the default of opt_44?", "client.opt_44 = 3"),
        ("What does --max-retries do?", "run with --max-retries=5"),
        ("What is FLUSH_INTERVAL?", "| `flush_interval` | 157 |"),
        ("What is maxRetries?", "maxRetries: 5"),
        ("What does clause 12.3(b) say?", "12.3 (b) The seller"),
        ("What does section 5.2 say?", "5.2 Scope"),
        ("Which order has 4120.57?", "K188,4120.57,824.13"),
        ("Which order has 824.13?", "K188,4120.57,824.13"),
        ("Who paid $4,120.57?", "4120.57"),
        ("Wer zahlte 4.120,57?", "4120,57"),
        ("Who paid 25,000?", "a fee of $25,000 a year"),
        ("What was shipped on 2023-05-01?", "A1\t2023-05-01\tpaid"),
        ("What was logged on 2023-05-01?", "2023-05-01T10:00 start"),
        ("订单A10237的状态是什么？", "A10237,paid"),
        ("What is IL-6?", "of IL-6 in"),
    ],
)
def test_an_identifier_is_found_as_a_whole(question: str, text: str) -> None:
    assert is_in(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("opt_44?", "opt_441"), ("opt_44?", "opt_44_b"), ("P-1073?", "P-1073-X"), ("P-1073?", "XP-1073"),
        ("12.3(b)?", "1.12.3(b)"), ("12.3?", "12.3.1"), ("234.56?", "1,234.56"), ("4120.57?", "4120.575"),
        ("25,000?", "125,000"), ("10237?", "102375"), ("2023-05-01?", "2023-05-011"), ("v1-2a?", "v1-2a.3"),
    ],
)  # fmt: skip
def test_a_part_of_a_longer_identifier_is_another_one(question: str, text: str) -> None:
    assert not is_in(question, text)


@pytest.mark.parametrize(
    "word",
    [
        "FY2022", "FY22", "Q3", "1H2023", "2021-22", "2021-2022", "2020", "mid-2021", "10-K", "7-day", "12-month",
        "5kg", "20th", "3M", "3-year-old", "Amazon's", "state-of-the-art", "5%", "$5m", "100", "PepsiCo", "and/or",
        "U.S.", "1/2",
    ],
)  # fmt: skip
def test_periods_quantities_and_words_are_no_identifiers(word: str) -> None:
    assert identifiers(f"What about {word} then?") == []


def test_an_identifier_may_have_a_long_number() -> None:
    assert [each.number for each in identifiers("A10237, X-12-7, P-1073, FY2022-AB, 40210.5")] == [
        "10237", "", "1073", "", "40210.5",
    ]  # fmt: skip
    assert identifiers("INV-1001-3002")[0].number == ""


def test_an_identifier_is_named_once_and_a_short_one_is_a_label() -> None:
    assert [each.text for each in identifiers("Compare opt_44 with opt_44.")] == ["opt_44"]
    assert [each.is_label for each in identifiers("5.2 and 12.3")] == [True, False]


def test_a_very_long_word_is_no_identifier() -> None:
    assert identifiers("opt_44" * 20) == []
