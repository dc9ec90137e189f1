"""The measure of exact reading, on the demo report and on texts that are right and wrong."""

from pathlib import Path

import pytest

from eval.cells import (
    Found,
    LookUp,
    Statement,
    answers,
    exact_rows,
    main,
    read_look_ups,
    read_statements,
    report,
    shows,
    shows_under_head,
)
from hiercomp import Document
from hiercomp.types import Page, Span

LOOK_UP = LookUp("f.pdf", "What was the loss of Oslo in 2025?", "Oslo", "2025", "7.5", 1)
RIGHT = "Site\t2024\t2025\nOslo\t\t7.5\nBergen\t6.1\t"
SLID = "Site\t2024\t2025\nOslo\t7.5\nBergen\t6.1"


def test_a_value_under_another_head_is_shown_and_not_under_its_head() -> None:
    assert shows(LOOK_UP, RIGHT)
    assert shows_under_head(LOOK_UP, RIGHT)
    assert shows(LOOK_UP, SLID)
    assert not shows_under_head(LOOK_UP, SLID)
    assert not shows(LOOK_UP, "Oslo lost 7.5 in 2025.")


def test_signs_and_note_marks_do_not_count() -> None:
    assert shows_under_head(LOOK_UP, "Site\t2024\tYear 2025\nOslo (1)\t\t$ 7.5")
    assert answers(LOOK_UP, "It was 7.5 %.")
    assert not answers(LOOK_UP, "It was 75.")


def test_a_row_is_exact_if_a_line_of_its_page_has_its_cells() -> None:
    statement = Statement("f.pdf", 1, ("Site", "2024", "2025"), (("Oslo", "", "7.5"), ("Bergen", "6.1", "")))
    for text, expected in ((RIGHT, [True, True]), (SLID, [False, False])):
        document = Document(text, "f.pdf", "", (Page(1, Span(0, len(text))),))
        assert exact_rows(statement, document) == expected
    elsewhere = Document(RIGHT, "f.pdf", "", (Page(2, Span(0, len(RIGHT))),))
    assert exact_rows(statement, elsewhere) == [False, False]


def test_the_hand_made_data_is_whole() -> None:
    for statement in read_statements():
        assert {len(row) for row in statement.rows} == {len(statement.head)}, statement
    assert len(read_look_ups()) > 60
    assert all(item.value and item.row and item.page > 0 for item in read_look_ups())


def test_the_report_counts_each_file_and_all() -> None:
    text = report({"a.pdf": [True, False]}, {"a.pdf": [Found(True, True, False), Found(True, False, False)]}, 1500, "r")
    assert "| a.pdf | 2 | 0.500 |" in text
    assert "| a.pdf | 2 | 1.000 | 0.500 | 0.000 |" in text


def test_files_that_are_absent_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["cells", str(tmp_path), "--output", str(tmp_path / "cells.md")])
    main()
    assert "AMAZON_2017_10K.pdf" in capsys.readouterr().err
    assert (tmp_path / "cells.md").read_text().startswith("# Exact reading of tables")
