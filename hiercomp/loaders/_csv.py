"""Parser of comma-, tab-, semicolon- and bar-separated values. It runs in the child process."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._decode import decode
from hiercomp.loaders._delimiter import delimiter_of
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._sheets import Sheet, document
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_SAMPLE_LENGTH = 65_536
_DECLARED = re.compile(r'"?sep=(.)"?\r?\n')
_LONGEST_CELL = 2**31 - 1
"""More than the size of any text. The limits of the child process bound the time and the memory."""
_MOST_BREAKS = 200
"""A cell with more line breaks has an opening quote that is never closed."""


def parse(job: Job) -> Document:
    """Return the table in a file. Each record is a line with a tab between cells.

    Raises:
        DocumentError: the file is binary or holds no text.
    """
    text = decode(Path(job.path).read_bytes(), job.source)
    csv.field_size_limit(_LONGEST_CELL)
    sheet = Sheet()
    for row, cells in enumerate(_records(text)):
        sheet.add_row(row, enumerate(cells))
    found = document([sheet], job.source, Path(job.source).stem, ())
    if not found.text:
        raise DocumentError(f"{job.source}: the file holds no text, only separators")
    return select_pages(found, job.pages)


def _records(text: str) -> list[list[str]]:
    """Return the cells of each record."""
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    sample = text[:_SAMPLE_LENGTH]
    sample = sample[: sample.rfind("\n") + 1] or sample
    delimiter = declared[1] if declared else delimiter_of(sample).character
    is_escaped = '\\"' in sample and '""' not in sample
    records = list(
        csv.reader(
            io.StringIO(text, newline=""),
            delimiter=delimiter,
            skipinitialspace=f'{delimiter} "' in sample,
            doublequote=not is_escaped,
            escapechar="\\" if is_escaped else None,
        )
    )
    if any(cell.count("\n") > _MOST_BREAKS for cells in records for cell in cells):
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
    return records
