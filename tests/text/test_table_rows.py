import pytest

from hiercomp.text.rows import cells, is_figure, is_head, is_name, is_row, is_rule, label, names_columns_of, years


@pytest.mark.parametrize(
    "text",
    [
        "(in millions)", "(in thousands, except per share data)", "Dollars in millions", "$ in millions", "EUR million",
        "($000)", "($000s)", "in 000s", "(000s omitted)", "'000", "£'000", "€ 000", "$'000\t$'000", "T€", "\t€m\t€m",
        "in Mio. €", "Mrd. EUR", "in Tausend Euro", "(en millions d'euros)", "Thousands of dollars", "单位：百万元",
        "(Rs. in lakhs)", "(Amounts in thousands.)", "All amounts are in thousands of euros.",
    ],
)  # fmt: skip
def test_units_are_heads(text: str) -> None:
    assert is_head(text)


@pytest.mark.parametrize(
    "text",
    [
        "\t2022\t2021", "Year ended December 31,\t2022\t2021", "2022 2021 2020", "2022 and 2021", "Note\t2022\t2021",
        "Fiscal years ended January 28, 2023 and January 29, 2022", "\tFY22\tFY21", "Q1 2022\tQ2 2022", "\t2H23\t1H23",
        "2022-12-31\t2021-12-31", "\t31.12.2022\t31.12.2021", "12/31/2022\t12/31/2021", "\t12 months\t9 months",
        "\t2022 [1]\t2021 (2)", "As of March 31,\tAs of June 30,", "2021/22\t2020/21",
    ],
)  # fmt: skip
def test_periods_are_heads(text: str) -> None:
    assert is_head(text)


@pytest.mark.parametrize("text", ["Name\tAge\tPosition", "| a | b |", "$\t%", "Part   Kind   Price"])
def test_rows_of_names_have_the_form_of_a_head(text: str) -> None:
    assert is_head(text)


@pytest.mark.parametrize(
    "text",
    [
        "$25,000", "25.000 Euro", "305,000", "1'000'000", "Capacity\t1 000 000", "Total debt\t305,000\t340,000\t-10.3%",
        "00:05:00.000 --> 00:05:02.500", "The fee is $25,000 a year.", "Order 000123 was shipped.", "Room 000",
    ],
)  # fmt: skip
def test_round_thousands_are_no_heads(text: str) -> None:
    assert not is_head(text)


@pytest.mark.parametrize(
    "text",
    [
        "We paid $5 million in 2021.", "We paid $5 million in 2021 and 2022.", "Revenue fell in 2022 and 2021.",
        "The company employs people in thousands of places.", "We sold millions of shares in 2021 and 2022.",
        "Revenue (in millions)\t410\t380", "Total\t2022\t410", "Cash used\t(6)", "2022", "Revenue rose.",
        "x" * 200 + "\ty", "\t2022" + "\t2021" * 40, "Site\tn/a\t–",
    ],
)  # fmt: skip
def test_sentences_and_figures_are_no_heads(text: str) -> None:
    assert not is_head(text)


def test_rows_have_cells_also_if_some_are_empty() -> None:
    assert all(map(is_row, ["Revenue\t410", "Revenue    410", "\t2022", "Revenue\t", "| a | b |"]))
    assert not is_row("Revenue rose to 410.")
    assert not is_row("A line\n\tand one that is indented.")


def test_cells_keep_their_places() -> None:
    assert cells("\t2022\t\t2020\t") == ["", "2022", "", "2020", ""]
    assert cells("| a |  | c |") == ["a", "", "c"]
    assert cells("Revenue    410   380") == ["Revenue", "410", "380"]


@pytest.mark.parametrize("cell", ["410", "$ 410", "(1,204)", "-10.3%", "2022"])
def test_a_figure_starts_with_a_digit(cell: str) -> None:
    assert is_figure(cell)
    assert not is_name(cell)


@pytest.mark.parametrize("cell", ["", "–", "—", "n/a", "N.M.", "nil"])
def test_a_missing_value_is_neither_a_figure_nor_a_name(cell: str) -> None:
    assert not is_figure(cell)
    assert not is_name(cell)


def test_a_rule_has_neither_letters_nor_digits() -> None:
    assert is_rule("|---|:--:|")
    assert not is_rule("| a |")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Total assets\t83,402\t131,310", "Total assets"),
        ("North\tPro\t90\t30", "North Pro"),
        ("A10237\tElm Oy\tFI\t12.5\tpaid", "A10237 Elm Oy FI"),
        ("Operating income (loss)\t(31)", "Operating income"),
        ("Purchases of equipment, including software\t7", "Purchases of equipment"),
        ("Property, plant and equipment, net\t7", "Property, plant and equipment"),
        ("(loss)\t7", "(loss)"),
        ("\t2022\t2021", ""),
    ],
)
def test_the_label_of_a_row_stands_before_its_figures(row: str, expected: str) -> None:
    assert label(row) == expected


def test_years_are_told_from_amounts() -> None:
    assert years("FY22 and 2021, of 2,022 and 2019.5, 120201 and 2018%") == {"2022", "2021"}


def test_column_names_stand_first_and_above_figures() -> None:
    below = ["|---|---|", "P-1   48.34   B4", "P-2\t1.43", "P-3\t2.50"]
    assert names_columns_of("Part\tPrice", "", below)
    assert not names_columns_of("Part\tPrice", "P-0\t1.20", below)
    assert not names_columns_of("Part\tPrice", "", ["P-1\tsold out", "P-2\t1.43"])
    assert not names_columns_of("Part\tPrice", "", ["Some words in between.", *below])
    assert not names_columns_of("Prices are in euro.", "", below)
