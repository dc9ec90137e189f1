from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.answer.claims import WORD_SHARE, Claim, Evidence


def _numbers(text: str) -> list[Decimal]:
    return [number.magnitude for number in Claim.of(text).numbers]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$1,234.5 million", "1234.5"),
        ("1,234.5", "1234.5"),
        ("12.5%", "12.5"),
        ("12.5 %", "12.5"),
        ("12.50", "12.5"),
        ("FY2022", "2022"),
        ("FY22", "2022"),
        ("2022's", "2022"),
        ("1.234.567,89", "1234567.89"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("66\u00a0608", "66608"),
        ("1’234", "1234"),
        ("US$ 5.2bn", "5.2"),
        ("(21)", "21"),
        ("-21", "21"),
        ("3.50x", "3.5"),
        ("人民币12150.00元", "12150"),
    ],
)
def test_a_number_is_read_by_its_value(written: str, value: str) -> None:
    assert _numbers(f"It was {written}.") == [Decimal(value)]


@pytest.mark.parametrize("code", ["777X", "A320", "Q3", "7th"])
def test_a_code_is_a_name_and_not_a_number(code: str) -> None:
    assert _numbers(f"It was {code}.") == []
    assert Claim.of(f"It was {code}.").names


def test_groups_that_make_no_one_number_are_read_one_by_one() -> None:
    assert _numbers("Sections 1.2.10 apply.") == [1, 2, 10]


@pytest.mark.parametrize("zero", ["(21)%", "(21%)", "$(21)", "-21%", "−21", "($21)"])
def test_a_table_writes_negative_numbers_in_parentheses_or_with_a_minus(zero: str) -> None:
    evidence = Evidence.of([f"Change\t{zero}"])
    assert evidence.supports(Claim.of("It changed by -21%."))
    assert evidence.supports(Claim.of("It fell by 21%."))


def test_a_gain_does_not_bear_out_a_loss() -> None:
    assert not Evidence.of(["Change\t21%"]).supports(Claim.of("It changed by -21%."))


def test_a_dash_between_years_is_no_minus() -> None:
    assert Evidence.of(["It rose from 2021 to 2022"]).supports(Claim.of("In 2021-2022 it rose."))


def test_parentheses_in_a_claim_are_only_punctuation() -> None:
    assert Evidence.of(["Employees\t156,000"]).supports(Claim.of("The staff is large (156,000)."))


@pytest.mark.parametrize(
    ("claim", "held", "supported"),
    [
        ("It was $66.608 billion.", "66,608", True),  # a table in millions: 66,608 x 10^6 = 66.608 x 10^9
        ("It was $66.6 billion.", "66,608", True),  # 66.608 rounds to 66.6
        ("It was $66.5 billion.", "66,608", False),
        ("It was $66.6.", "66,608", False),  # the text names no other unit
        ("It was $7 billion.", "6,608", False),  # one digit can occur by chance
        ("It was $3.0 million.", "2,999,800", True),  # 2.9998 rounds to 3.0
        ("It was 0.6%.", "0.6 %", True),
        ("It was 0.60%.", "0.6 %", True),
        ("It was 0.7%.", "0.6 %", False),
    ],
)
def test_a_number_is_borne_out_in_its_own_unit_or_a_named_other_one(claim: str, held: str, supported: bool) -> None:
    assert Evidence.of([f"Total\t{held}"]).supports(Claim.of(claim)) is supported


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("twelve", [12]),
        ("twenty-five million", [25]),
        ("two hundred and fifty thousand", [250]),
        ("ninety nine", [99]),
        ("five percent", [5]),
        ("three per cent", [3]),
        ("one million", [1]),
        ("one of two", []),  # an idiom
        ("ten", []),
        ("the twenty-first", []),
        ("eleventh", []),
        ("a twelve-month term", [12]),
        ("Fifteen", [15]),
    ],
)
def test_a_number_in_words_is_stated_from_eleven_on_or_with_its_unit(written: str, values: list[int]) -> None:
    assert _numbers(f"It was {written}.") == values


@pytest.mark.parametrize(
    ("claim", "held", "supported"),
    [
        ("It has 3 segments.", "three segments", True),
        ("It has 4 segments.", "three segments", False),
        ("The term is twelve months.", "a 12-month term", True),
        ("The term is thirteen months.", "a 12-month term", False),
        ("It was twenty-five million dollars.", "Total\t25,003", True),  # 25,003 x 10^-3 rounds to 25
        ("It was twenty-six million dollars.", "Total\t25,003", False),
        ("It was five percent.", "Rate\t5 %", True),
    ],
)
def test_numbers_in_words_and_in_digits_bear_each_other_out(claim: str, held: str, supported: bool) -> None:
    assert Evidence.of([held]).supports(Claim.of(claim)) is supported


@pytest.mark.parametrize(
    ("claim", "supported"),
    [
        ("It was $3,756 million.", False),  # 3,756 x 10^3 is not 3,756 x 10^6
        ("It was $3,756 thousand.", True),
        ("It was $3.8 million.", True),  # 3.756 rounds to 3.8
        ("It was $3,756.", True),  # as it is written
        ("It was $6.3 million.", True),  # said in words below the table
        ("It was $6.3 billion.", False),
        ("It was $9 billion.", True),
        ("It was 2 thousand.", True),  # a plain number may be meant as it is: 2,000
    ],
)
def test_a_table_that_declares_its_unit_holds_its_numbers_in_no_other(claim: str, supported: bool) -> None:
    held = "(in thousands)\nRevenues\t3,756\nThey were $6.3 million, of a market of $9 billion, from 2,000 customers."
    assert Evidence.of([held]).supports(Claim.of(claim)) is supported


def test_the_code_of_a_currency_is_no_name() -> None:
    assert Evidence.of(["Revenues\t$66,608"]).supports(Claim.of("Revenues were USD 66,608."))


def test_what_a_question_states_is_taken_from_a_claim() -> None:
    question = Claim.of("What was the rate of Acme in 2022?")
    claim = Claim.of("In 2022, the rate of Acme and Boeing was 5%.").minus(question)
    assert [number.magnitude for number in claim.numbers] == [5]
    assert claim.names == Claim.of("x Boeing").names
    assert claim.words == Claim.of("In 2022, the rate of Acme and Boeing was 5%.").words


def test_names_are_capitalised_words_inside_a_sentence_and_acronyms_anywhere() -> None:
    assert Claim.of("Revenue of Boeing rose. Costs at Airbus fell.").names == Claim.of("x Boeing Airbus").names
    assert Claim.of("EBITDA rose.").names == Claim.of("x EBITDA").names
    assert not Claim.of("Revenue rose. The costs fell: Much better.").names


def test_the_first_word_of_half_a_sentence_may_be_a_name() -> None:
    assert not Claim.of("Boeing rose.").names
    assert Claim.of("Boeing rose.", opens_sentence=False).names == Claim.of("x Boeing").names


def test_a_name_may_stand_in_the_address() -> None:
    claim = Claim.of("In 2022 the Boeing rate was 0.6%.")
    assert Evidence.of(["The rate was 0.6%."], address="BOEING_2022_10K.pdf").supports(claim)
    assert not Evidence.of(["The rate was 0.6%."], address="AIRBUS_2022.pdf").supports(claim)


def test_of_an_address_only_the_years_count_as_numbers() -> None:
    assert not Evidence.of(["The rate rose."], address="Report_10.pdf").supports(Claim.of("The rate was 10%."))


def test_a_claim_without_names_and_numbers_must_share_half_its_words() -> None:
    # Content words: supply, chain, delay, hurt, margin, badly; 3 of 6 occur.
    claim = Claim.of("Supply chain delays hurt margins badly.")
    assert WORD_SHARE == 0.5
    assert Evidence.of(["The supply chain saw a delay."]).supports(claim)
    assert not Evidence.of(["The supply chain grew."]).supports(claim)


def test_a_year_alone_is_not_enough() -> None:
    claim = Claim.of("In 2022 supply chain delays hurt margins.")
    assert not Evidence.of(["Leases expire in 2022."]).supports(claim)
    assert Evidence.of(["Supply chain delays hurt margins in 2022."]).supports(claim)


def test_a_claim_that_says_nothing_is_not_borne_out() -> None:
    assert not Evidence.of(["Supply chain delays."]).supports(Claim.of("It is so."))


def test_scripts_without_spaces_are_compared_by_pairs_of_characters() -> None:
    assert Evidence.of(["公司的有效税率为百分之五"]).supports(Claim.of("有效税率为百分之五"))
    assert not Evidence.of(["租赁合同到期"]).supports(Claim.of("有效税率为百分之五"))


def test_a_name_amid_a_script_without_spaces_is_found() -> None:
    assert Evidence.of(["计算CRC校验码"]).supports(Claim.of("需要CRC校验码"))
    assert not Evidence.of(["计算校验码"]).supports(Claim.of("需要CRC校验码"))


def test_overlap_weighs_numbers_most() -> None:
    claim = Claim.of("The rate at Boeing was 0.6%.")
    # a number 3, a name 2 and, as a word, 1 more; the word "rate" 1
    assert Evidence.of(["0.6"]).overlap(claim) == 3
    assert Evidence.of(["Boeing"]).overlap(claim) == 3
    assert Evidence.of(["The rate at Boeing was 0.6%."]).overlap(claim) == 7


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="0123456789.,$%()- −’'xkFYabBoeing元")))
def test_a_text_supports_itself_if_it_states_anything_but_negative_parentheses(text: str) -> None:
    claim = Claim.of(text)
    assert Evidence.of([text]).supports(claim) == (claim.is_specific or bool(claim.words))


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_thousands_separators_do_not_change_a_number(value: Decimal) -> None:
    assert _numbers(f"x {value:,} y") == _numbers(f"x {value} y") == [value]
