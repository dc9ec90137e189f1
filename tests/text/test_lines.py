import pytest

from hiercomp.text.lines import lines
from hiercomp.types import Span


def kinds(text: str) -> list[str]:
    return [line.kind for line in lines(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    "table", ["\t2022\t2021\nOslo\t\t7.5\n", "\t2022\nOslo\t7.5\nBergen\t\n", "\t\tn\nOslo\t7\t\n", "\tOslo\t\n"]
)
def test_the_first_and_last_cells_of_a_row_may_be_empty(table: str) -> None:
    assert set(kinds(table)) == {"row"}


def test_a_tab_that_indents_a_line_makes_no_row() -> None:
    assert kinds("\tThe first sentence.\n\tThe second one.\n") == ["prose", "prose"]
    assert kinds("\tif ready:\n\t\tstart\tnow\n") == ["prose", "row"]


def test_a_row_of_empty_cells_is_blank() -> None:
    assert kinds("a\tb\n\t\nc\td\n") == ["row", "blank", "row"]


def test_rows_between_pipes_and_with_columns_are_rows() -> None:
    assert kinds("| a | b |\nIncome   310   287\nA   b\n") == ["row", "row", "prose"]


@pytest.mark.parametrize(
    "listing",
    [
        "A10237,Elm Oy,FI\nA10238,Alder Ltd,FR\n",
        "P-1000 nylon valve\nP-1001 nylon washer\n",
        "opt_1 sets the first\nopt_2 sets the second\n",
        "2025-05-01 Rain\n2025-05-02 Sun\n",
        "1.1 The buyer pays.\n1.2 The seller ships.\n",
        "Ana: We open.\nBen Moe: Fine with me.\n",
    ],
)
def test_lines_that_begin_in_the_same_way_are_entries(listing: str) -> None:
    assert kinds(listing) == ["entry", "entry"]


def test_a_line_alone_is_no_entry() -> None:
    assert kinds("P-1000 is a valve\nand it is made of nylon\n2022 was a good year\n2021 was not\n") == ["prose"] * 4


def test_records_and_items_are_told() -> None:
    assert kinds("2025-06-01T00:00:00Z INFO started\n\n- one\n(a) two\n") == ["record", "blank", "item", "item"]
