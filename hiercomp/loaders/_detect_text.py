"""Detection of the formats that are text. The suffix decides, and the content if the suffix says nothing."""

from __future__ import annotations

import re

from hiercomp.loaders._delimiter import delimiter_of
from hiercomp.text.records import is_record

_BY_SUFFIX = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"), "markdown"),
    **dict.fromkeys((".csv", ".tsv", ".tab", ".psv"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson"), "json"),
    **dict.fromkeys((".srt", ".vtt"), "subtitles"),
    **dict.fromkeys((".eml", ".mbox"), "mail"),
    **dict.fromkeys((".rst", ".rest"), "rst"),
    **dict.fromkeys((".tex", ".ltx", ".latex"), "latex"),
    ".ipynb": "notebook",
}
_PREFIX = rb"\s*(?:(?:<\?.*?\?>|<!--.*?-->)\s*)*"
_HTML = re.compile(_PREFIX + rb"<(?:!doctype\s+html|html|head|body|title)[\s>]", re.IGNORECASE | re.DOTALL)
_HTML_FRAGMENT = re.compile(
    _PREFIX + rb"<(?:meta|link|script|style|div|p|table|h[1-6]|article|section|main|header|span|ul|ol|a|b)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_NO_SUFFIX = ("", ".html", ".htm", ".xhtml", ".pdf")
"""Suffixes of web pages that are kept with none or with a wrong one."""
_PLAIN_SUFFIXES = (*_NO_SUFFIX, ".txt", ".log")
_MARKDOWN_HEADING = re.compile(rb"^#{1,6} \S", re.MULTILINE)
_MARKDOWN_MARKUP = re.compile(rb"^(?:```|\s*[-*] \S|> |\|.+\||#{2,6} \S)|\]\(\S+\)|\*\*\S", re.MULTILINE)
_SUBTITLES = re.compile(rb"WEBVTT\s|\s*\d+\r?\n\d\d:\d\d:\d\d,\d{3} --> ")
_NOTEBOOK = re.compile(rb'\s*\{\s*"(?:cells"\s*:\s*\[|nbformat")')
_JSON = re.compile(rb'\s*(?:\{\s*"|\[\s*["\[{])')
_LATEX = re.compile(rb"(?:\s|%.*\n)*\\documentclass")
_HEADER = re.compile(rb"([A-Za-z][\w-]{1,60}):[ \t]*\S?.*(?:\r?\n[ \t].*)*\r?\n")
_MAIL_HEADERS = {b"date", b"message-id", b"mime-version", b"received", b"return-path", b"delivered-to"}
_TABLE_BYTES = 16_384
_MEAN_CELL = 30
"""Longer cells are prose with commas."""


def text_kind(head: bytes, suffix: str) -> str:
    """Return the format of a text from its beginning, without a byte order mark, and its suffix in lower case."""
    if _HTML.match(head):
        return "html"
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    kind = _kind_by_content(head) if suffix in _PLAIN_SUFFIXES else "text"
    if kind != "text" or suffix not in _NO_SUFFIX:
        return kind
    if _LATEX.match(head):
        return "latex"
    if _HTML_FRAGMENT.match(head):
        return "html"
    is_script = head.startswith(b"#!")
    is_markdown = _MARKDOWN_HEADING.search(head) and _MARKDOWN_MARKUP.search(head) and not is_script
    return "markdown" if is_markdown else "text"


def _kind_by_content(head: bytes) -> str:
    if _SUBTITLES.match(head):
        return "subtitles"
    if _NOTEBOOK.match(head):
        return "notebook"
    if _JSON.match(head):
        return "json"
    if _is_mail(head):
        return "mail"
    return "csv" if _is_table(head[:_TABLE_BYTES].decode("utf-8", "replace")) else "text"


def _is_mail(head: bytes) -> bool:
    """Return whether a text begins with the header fields of a mail."""
    position = re.compile(rb"(?:From \S+.*\r?\n)?").match(head)
    names = set()
    end = position.end() if position else 0
    while field := _HEADER.match(head, end):
        names.add(field[1].lower())
        end = field.end()
    return b"from" in names and len(names & _MAIL_HEADERS) > 1


def _is_table(sample: str) -> bool:
    """Return whether all lines of a text have the same number of short cells, and the first one names the columns."""
    complete = sample[: sample.rfind("\n") + 1] or sample
    first = complete.partition("\n")[0]
    if complete.count("\n") < 4 or is_record(first) or first.startswith("|"):
        return False
    delimiter = delimiter_of(complete)
    names = first.rstrip("\r").split(delimiter.character)
    length = len(complete) / (complete.count("\n") * delimiter.cells)
    # In prose, a blank follows a comma.
    is_prose = 2 * complete.count(f"{delimiter.character} ") > complete.count(delimiter.character)
    is_regular = delimiter.share == 1 and delimiter.cells > 2 and length < _MEAN_CELL and not is_prose
    return is_regular and delimiter.character != "\t" and all(re.search(r"[^\W\d_]", name) for name in names)
