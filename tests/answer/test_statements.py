from decimal import Decimal

import pytest

from hiercomp.answer.statements import answer_claim


def _numbers(text: str) -> list[Decimal]:
    return [number.magnitude for number in answer_claim(text, opens_sentence=True).numbers]


@pytest.mark.parametrize(
    "text",
    [
        "The totals are:",
        "The 3 largest customers of Acme in 2019 are:",
        "**Key Findings:**",
        "## Results Of Operations In 2022",
        "|---|---|",
        "The document does not say.",
        "The excerpts do not explicitly mention what Boeing paid in 2019.",
        "No specific information on Boeing is given.",
        "Boeing's results of 2019 aren’t disclosed.",
        "I cannot find the sales of Acme.",
        "Nothing in the document answers this.",
        "According to excerpts [3] and Note 4, as shown on page 55 and in Section 7.3.3, it fell.",
        "1. The rate fell.",
        "**2.",  # sentence splitters end a sentence there
        "- 3) The rate fell.",
        "The drivers are (1) price and (2) volume.",
        "It fell in Q3 and rose in H1.",
    ],
)
def test_talk_of_the_answer_itself_states_nothing(text: str) -> None:
    claim = answer_claim(text, opens_sentence=True)
    assert (claim.numbers, claim.names) == ((), frozenset())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Sales of 2022 were $410 million, made up of:", ["410"]),
        ("The 25 segments are:", ["25"]),  # a list has fewer items
        ("The document does not say; sales were 410.", ["410"]),
        ("It does not state the sales, but in 2019 they were 410.", ["2019", "410"]),
        ("The company did not report sales of 5.5%.", ["5.5"]),
        ("The net loss was $(5) million.", ["5"]),
        ("Notes 5% higher.", ["5"]),
        ("12. The rate was 5.", ["5"]),
        ("12.", ["12"]),  # an answer, not an item
        ("**12.**", ["12"]),
        ("-5.", ["5"]),
        ("| 2022 | 410 |", ["2022", "410"]),
    ],
)
def test_amounts_are_stated_wherever_they_stand(text: str, numbers: list[str]) -> None:
    assert _numbers(text) == list(map(Decimal, numbers))


def test_capitals_in_bold_and_in_tables_make_no_names_but_those_of_prose_do() -> None:
    assert not answer_claim("**Rising Competition**: prices fell.").names
    assert not answer_claim("| Net Income | Total |").names
    assert answer_claim("The prices of Boeing fell.", opens_sentence=True).names == answer_claim("x Boeing").names


def test_only_the_first_half_of_a_contrast_opens_a_sentence() -> None:
    assert answer_claim("Prices fell, but Boeing rose.", opens_sentence=True).names == answer_claim("x Boeing").names
    assert answer_claim("Boeing fell, but prices rose.", opens_sentence=True).names == frozenset()
