"""Parser of Jupyter notebooks. It runs in the child process."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._decode import decode, replace_surrogates
from hiercomp.loaders._html import add_html
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.loaders.markdown import find_headings
from hiercomp.types import Document, Span

_Json = str | int | float | bool | None | list["_Json"] | dict[str, "_Json"]
_TERMINAL_CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
_PICTURE = "picture"


def parse(job: Job) -> Document:
    """Return the cells of a notebook in their order: text with its headings, code, and the text that code put out.

    Raises:
        DocumentError: the file is no notebook, or holds no text.
    """
    try:
        notebook = json.loads(replace_surrogates(decode(Path(job.path).read_bytes(), job.source)))
    except ValueError as error:
        raise DocumentError(f"{job.source}: the notebook is damaged ({error}); get it again") from error
    reader = _Reader(job.source)
    for cell in _cells(notebook):
        reader.add_cell(cell)
    document = reader.document()
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the notebook holds no text")
    return select_pages(document, job.pages)


def _cells(notebook: _Json) -> list[dict[str, _Json]]:
    """Return the cells. Notebooks before version 4 have them in sheets."""
    sheets = [notebook, *_dicts(_get(notebook, "worksheets"))]
    return [cell for sheet in sheets for cell in _dicts(_get(sheet, "cells"))]


def _get(value: _Json, key: str) -> _Json:
    return value.get(key) if isinstance(value, dict) else None


def _dicts(value: _Json) -> list[dict[str, _Json]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: _Json) -> str:
    """Return a text, which may be split into lines."""
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""


class _Reader:
    """Reads cells into a document."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._builder = TextBuilder()
        self._left_out: Counter[str] = Counter()

    def add_cell(self, cell: dict[str, _Json]) -> None:
        """Add a cell, its outputs included."""
        kind = cell.get("cell_type")
        source = _text(cell.get("source", cell.get("input")))
        if kind == "heading":
            level = cell.get("level")
            self._builder.add_heading(source, level if isinstance(level, int) else 1)
        elif kind == "code":
            number = cell.get("execution_count", cell.get("prompt_number"))
            label = f"[{number if isinstance(number, int) else ' '}]: "
            self._add_lines(source, f"In {label}")
            for output in _dicts(cell.get("outputs")):
                self._add_output(output, f"Out {label}")
        else:
            self._add_markdown(source)

    def document(self) -> Document:
        """Return the document of all cells."""
        for what, count in self._left_out.items():
            self._builder.omit(f"{count:,} {what}{'s' * (count > 1)}")
        stem = Path(self._source).stem
        found = self._builder.build(self._source, stem)
        return self._builder.build(self._source, found.headings[0].title if found.headings else stem)

    def _add_markdown(self, source: str) -> None:
        """Add the lines of a text as they are, and mark its headings."""
        source, count = _EMBEDDED.subn("", source)
        if count:
            self._left_out[_PICTURE] += count
        spans: dict[int, Span] = {}
        position = 0
        for line in source.splitlines(keepends=True):
            if line.strip():
                spans[position] = self._builder.add_line(line.rstrip("\r\n"))
            else:
                self._builder.add_gap()
            position += len(line)
        for heading in find_headings(source):
            first = spans[heading.span.start]
            last = spans[source.rfind("\n", 0, heading.span.end) + 1]
            self._builder.mark_heading(Span(first.start, last.end), heading.depth, heading.title)
        self._builder.add_gap()

    def _add_output(self, output: dict[str, _Json], label: str) -> None:
        """Add what code put out: text, or a table of a data frame. Pictures and widgets are only counted."""
        if output.get("output_type") in ("pyerr", "error"):
            self._add_lines(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}".strip(), label)
            return
        data = output.get("data", output)
        html, plain = _text(_get(data, "text/html")), _text(_get(data, "text/plain")) or _text(_get(data, "text"))
        if "<table" in html.lower():
            self._builder.add_gap()
            add_html(self._builder, html.encode("utf-8-sig"), self._source)
            self._builder.add_gap()
        elif isinstance(data, dict) and any(key.startswith("image/") or key in ("png", "jpeg") for key in data):
            self._left_out[_PICTURE] += 1
        elif text := _text(_get(data, "text/markdown")):
            self._add_markdown(text)
        else:
            self._add_lines(plain, label)

    def _add_lines(self, text: str, label: str) -> None:
        """Add lines as they are. The label stands before the first one."""
        text = _TERMINAL_CODE.sub("", text).strip("\n")
        # A line that is written again, such as a bar of progress, ends with its last state.
        for line in text.split("\n") if text.strip() else ():
            self._builder.add_line(f"{label}{line.rstrip().rpartition(chr(13))[2]}")
            label = ""
        self._builder.add_gap()
