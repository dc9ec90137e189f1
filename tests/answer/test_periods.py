"""A figure under the head of another year does not support a claim."""

import pytest

from hiercomp.answer.periods import is_of_other_years

TABLE = "Losses in percent\nSite\t2022\t2023\t2024\t2025\nOslo\t\t\t\t7.5\nBergen\t6.1\t\t\t\n"
FISCAL = "In millions\nYear ended June 30,\t2024\t2023\nNet sales\t5,210\t4,870\nGain of 2022\t12\t9\n"


@pytest.mark.parametrize(
    ("claim", "text", "expected"),
    [
        ("The loss of Oslo in 2022 was 7.5%.", TABLE, True),
        ("The loss of Oslo in 2025 was 7.5%.", TABLE, False),
        ("The loss of Oslo was 7.5%.", TABLE, False),
        ("Oslo lost 7.5% in 2022.", f"{TABLE}In 2022 the loss was 7.5%.\n", False),
        ("Oslo lost 7.5% in 2022.", "Site\tLoss\nOslo\t7.5\n", False),
        ("Net sales rose from 4,870 to 5,210 in 2024.", FISCAL, False),
        ("Net sales were 4,870 in 2024.", FISCAL, True),
        ("The gain of 2022 was 9.", FISCAL, False),
        ("Net sales were 7,777 in 2024.", FISCAL, False),
    ],
)
def test_a_figure_of_another_year_is_told(claim: str, text: str, expected: bool) -> None:
    assert is_of_other_years(claim, [text]) is expected
