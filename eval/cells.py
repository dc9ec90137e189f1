"""Measure exact reading: whether table cells stand in their columns, in documents, contexts and answers.

    python -m eval.cells DATA [--budget 1500] [--reader extractive] [--output FILE.md]

DATA is a folder that holds the PDFs, at any depth. `statements.jsonl` has whole tables, and `look_ups.jsonl` questions
for one cell each. Both were written from the printed pages by hand. Files that DATA lacks are named and left out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.report._format import table
from hiercomp import Config, Pipeline, loaders
from hiercomp.types import Document

FOLDER = Path(__file__).parent / "cell_data"
_SIGNS = str.maketrans("’", "'", "$€£_ \u00a0")
_DASHES = re.compile("[−–—-]+")
_LEADERS = re.compile(r"\.{2,}$|(?<=[a-z)\]])\.$")
_NOTE_MARKS = re.compile(r"[(\[](?:\d{1,2}|[a-z]|\*+)[)\]]")


@dataclass(frozen=True, slots=True)
class Statement:
    """A table of a page: the cells of its head, and its rows. The first cell of a row is its label."""

    file: str
    page: int
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class LookUp:
    """A question for one cell: the label of its row, the head of its column, its value and its page."""

    file: str
    question: str
    row: str
    column: str
    value: str
    page: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a look-up: in the context, under its column's head in the context, and in the answer."""

    in_context: bool
    under_head: bool
    in_answer: bool


def read_statements(folder: Path = FOLDER) -> list[Statement]:
    """Read the whole tables."""
    return [
        Statement(row["file"], row["page"], tuple(row["head"]), tuple(map(tuple, row["rows"])))
        for row in _read(folder / "statements.jsonl")
    ]


def read_look_ups(folder: Path = FOLDER) -> list[LookUp]:
    """Read the questions for single cells."""
    return [LookUp(**row) for row in _read(folder / "look_ups.jsonl")]


def _read(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def normal(cell: str) -> str:
    """Return a cell without blanks, underscores and currency signs, in lower case and with one kind of dash."""
    return _DASHES.sub("-", cell.translate(_SIGNS)).lower()


def label(cell: str) -> str:
    """Return the label of a row as `normal` does, without dot leaders and note marks, such as "(1)" and "[a]"."""
    return _NOTE_MARKS.sub("", _LEADERS.sub("", normal(cell)))


def _cells(line: Sequence[str]) -> tuple[str, ...]:
    return (label(line[0]), *map(normal, line[1:]))


def exact_rows(statement: Statement, document: Document) -> list[bool]:
    """Return, for each row of a statement, whether its page has a line with exactly these cells."""
    lines = {_cells(line.split("\t")) for line in _page_lines(document, statement.page)}
    return [_cells(row) in lines for row in statement.rows]


def _page_lines(document: Document, number: int) -> list[str]:
    return [
        line for page in document.pages if page.number == number for line in page.span.of(document.text).split("\n")
    ]


def shows(look_up: LookUp, text: str) -> bool:
    """Return whether a text has a line with the value and, before it, the label of its row."""
    return any(_column_of(look_up, line) is not None for line in text.split("\n"))


def shows_under_head(look_up: LookUp, text: str) -> bool:
    """Return whether the value stands in a row under the head of its column.

    The head is the nearest line above that has the head's text in the same column as the value.
    """
    lines = text.split("\n")
    for index, line in enumerate(lines):
        column = _column_of(look_up, line)
        if column is not None and any(_heads(look_up, above, column) for above in lines[:index]):
            return True
    return False


def _column_of(look_up: LookUp, line: str) -> int | None:
    """Return the column of the value in the row of a look-up, or None if a line is not that row."""
    cells = _cells(line.split("\t"))
    if label(look_up.row) not in cells[0]:
        return None
    return next((index for index, cell in enumerate(cells) if index and cell == normal(look_up.value)), None)


def _heads(look_up: LookUp, line: str, column: int) -> bool:
    cells = line.split("\t")
    return column < len(cells) and normal(look_up.column) in normal(cells[column])


def answers(look_up: LookUp, answer: str) -> bool:
    """Return whether an answer states the value."""
    return normal(look_up.value) in normal(answer)


def try_look_up(pipeline: Pipeline, look_up: LookUp, budget: int) -> Found:
    """Compress and answer one question."""
    context = pipeline.compress(look_up.question, budget=budget).text
    answer = pipeline.ask(look_up.question, budget=budget).text
    return Found(shows(look_up, context), shows_under_head(look_up, context), answers(look_up, answer))


def report(rows: Mapping[str, Sequence[bool]], found: Mapping[str, Sequence[Found]], budget: int, reader: str) -> str:
    """Format the results by file as Markdown tables. `rows` and `found` lead from a file to its results."""
    all_rows = [each for results in rows.values() for each in results]
    all_found = [each for results in found.values() for each in results]
    looked = [(name, results) for name, results in (*found.items(), ("**all**", all_found))]
    return "\n".join(
        [
            "# Exact reading of tables",
            "",
            "Rows of hand-checked statements whose cells are all in their columns:",
            "",
            table(["file", "rows", "exact"], [_exact(*each) for each in (*rows.items(), ("**all**", all_rows))]),
            "",
            f"Look-ups of single cells: the value in its row in the context of {budget:,} tokens, under the head of its"
            f" column there, and in the answer of `{reader}`:",
            "",
            table(
                ["file", "questions", "in the context", "under its head", "in the answer"],
                [
                    [
                        name,
                        str(len(results)),
                        _share(results, lambda each: each.in_context),
                        _share(results, lambda each: each.under_head),
                        _share(results, lambda each: each.in_answer),
                    ]
                    for name, results in looked
                ],
            ),
            "",
        ]
    )


def _exact(name: str, results: Sequence[bool]) -> list[str]:
    return [name, str(len(results)), f"{sum(results) / max(1, len(results)):.3f}"]


def _share(results: Sequence[Found], holds: Callable[[Found], bool]) -> str:
    return f"{sum(map(holds, results)) / max(1, len(results)):.3f}"


def measure(data: Path, budget: int, reader: str, *, verbose: bool) -> str:
    """Measure all statements and look-ups whose files are in a folder, and return the report."""
    paths = {path.name: path for path in data.rglob("*.pdf")}
    statements, look_ups = read_statements(), read_look_ups()
    named = dict.fromkeys([*(item.file for item in statements), *(item.file for item in look_ups)])
    if missing := [name for name in named if name not in paths]:
        print(f"not in {data}: {', '.join(missing)}", file=sys.stderr)
    rows: dict[str, list[bool]] = {}
    for statement in (item for item in statements if item.file in paths):
        exact = exact_rows(statement, loaders.load(paths[statement.file]))
        rows.setdefault(statement.file, []).extend(exact)
        if verbose:
            _print_missing(statement, exact)
    found = {}
    for name in dict.fromkeys(item.file for item in look_ups if item.file in paths):
        asked = [item for item in look_ups if item.file == name]
        with Pipeline(paths[name], config=Config(model=reader)) as pipeline:
            found[name] = [try_look_up(pipeline, item, budget) for item in asked]
        if verbose:
            _print_failed(asked, found[name])
    return report(rows, found, budget, reader)


def _print_missing(statement: Statement, exact: Sequence[bool]) -> None:
    for row, is_exact in zip(statement.rows, exact, strict=True):
        if not is_exact:
            print(f"{statement.file} p. {statement.page}: {' | '.join(row)}", file=sys.stderr)


def _print_failed(asked: Sequence[LookUp], found: Sequence[Found]) -> None:
    for item, result in zip(asked, found, strict=True):
        if not (result.in_context and result.under_head and result.in_answer):
            print(f"{item.file} p. {item.page}: {item.question} {item.value}: {result}", file=sys.stderr)


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.cells", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="a folder with the PDFs, at any depth")
    parser.add_argument("--budget", type=int, default=1500, help="the tokens of a context and of a call")
    parser.add_argument("--reader", default="extractive", help="the model that answers")
    parser.add_argument("--output", type=Path, help="the file of the report; the default is the screen")
    parser.add_argument("--verbose", action="store_true", help="name each row and question that is not right")
    options = parser.parse_args()
    text = measure(options.data, options.budget, options.reader, verbose=options.verbose)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
