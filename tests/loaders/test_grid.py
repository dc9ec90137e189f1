from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._grid import Cell, lines


def rows(*table: list[str | Cell]) -> list[str]:
    return lines([[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in table])


def test_an_empty_cell_stays_a_cell():
    assert rows(["City", "2022", "2023"], ["Oslo", "", "7.5"], ["Bergen", "6.1"]) == [
        "City\t2022\t2023",
        "Oslo\t\t7.5",
        "Bergen\t6.1\t",
    ]


def test_a_spanned_label_stands_in_each_row_and_column_that_it_spans():
    assert rows(
        [Cell("Plan", rows=2), Cell("Fees", columns=2)],
        ["Setup", "Monthly"],
        [Cell("North", rows=2), "90", "30"],
        ["", "35"],
    ) == ["Plan\tFees\tFees", "Plan\tSetup\tMonthly", "North\t90\t30", "North\t\t35"]


def test_signs_in_columns_of_their_own_join_their_amounts_and_columns_between_are_dropped():
    head = [Cell("", 3), "", Cell("2022", 3), "", Cell("2021", 3)]
    assert rows(
        head,
        [Cell("Net sales", 3), "", "$", "5,893", "", "", "$", "4,000", ""],
        [Cell("Loss", 3), "", "", "(24", ")", "", "", "3", "[1]"],
        [Cell("Rate", 3), "", "", "(2.4", ")%", "", "", "3", "%"],
        [Cell("Cost", 3), "", Cell("7", 2), "", "", "US$", "(", ""],
    ) == ["\t2022\t2021", "Net sales\t$ 5,893\t$ 4,000", "Loss\t(24)\t3[1]", "Rate\t(2.4)%\t3 %", "Cost\t7\tUS$ ("]


def test_a_head_above_a_sign_belongs_to_the_amount_but_a_column_with_its_own_head_stays():
    assert rows(["", "2022", ""], ["Sales", "$", "5"], ["Costs", "", "3"]) == ["\t2022", "Sales\t$ 5", "Costs\t3"]
    table = ["Item", "Currency", "Amount"], ["Sales", "$", "5"], ["Costs", "€", "3"]
    assert rows(*table) == ["\t".join(row) for row in table]


def test_columns_that_are_filled_by_turns_stay_apart():
    table = ["Account", "Debit", "Credit"], ["Cash", "5", ""], ["Bank", "", "7"]
    assert rows(*table) == ["\t".join(row) for row in table]


def test_a_title_over_several_columns_is_a_line():
    assert rows([Cell("(in millions)", 2), ""], ["a", "b", "c"]) == ["(in millions)", "a\tb\tc"]


def test_a_cell_that_runs_into_a_spanned_one_covers_only_free_places():
    assert rows(["a", Cell("b", rows=2)], [Cell("c", columns=3)]) == ["a\tb\t", "c\tb\tc"]


def test_spans_below_one_and_beyond_the_table_are_cut():
    assert lines([[Cell("a", 0, 0), Cell("b", -2, 9)], [Cell("c")]]) == ["a\tb", "c\tb"]
    assert lines([]) == []
    assert lines([[Cell(" ")], []]) == ["", ""]


def test_hostile_spans_cost_no_memory():
    started = time.monotonic()
    assert lines([[Cell("x" * 999, 1000, 60_000)]] * 2000) == ["x" * 999] * 2000
    assert len(lines([[Cell("x")] * 50_000] + [[Cell("y")]] * 50_000)) == 50_001
    assert time.monotonic() - started < 20


@given(
    st.lists(
        st.lists(st.builds(Cell, st.sampled_from(["", "$", ")", "a\tb", "7"]), st.integers(0, 4), st.integers(0, 4)))
    )
)
def test_no_text_is_lost_and_all_rows_have_the_same_tabs(table):
    written = lines(table)
    assert len(written) == len(table)
    assert all(
        word in line for row, line in zip(table, written, strict=True) for cell in row for word in cell.text.split()
    )
    assert len({line.count("\t") for line in written if "\t" in line}) <= 1


def test_the_spans_of_rows_are_returned():
    builder = TextBuilder()
    spans = builder.add_table([[Cell("a"), Cell("b")], [Cell(""), Cell("")]])
    text = builder.build("s", "t").text
    assert [span.of(text) for span in spans] == ["a\tb", ""]
