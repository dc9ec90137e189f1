"""The element tree of HTML, as a browser builds it. It also takes XHTML and the tables of old text filings."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

Node = LexborNode
Attributes = dict[str, str]

TEXT = "-text"
_XHTML = re.compile(r"""\s*<\?xml|xmlns\s*=\s*["']http://www\.w3\.org/1999/xhtml""", re.IGNORECASE)
_HEAD_CHARACTERS = 4096
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_VOID = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
_EMPTY_ELEMENT = re.compile(rf"<(?!(?:{_VOID})\b)([A-Za-z][\w:.-]*)((?:\s[^<>]*)?)/>", re.IGNORECASE)
# Filings of the 1990s mark the columns of a table of plain text by <S> and <C>. A browser strikes the text of <S> out.
_TABLE_TAG = re.compile(r"(</?table\b[^<>]*>)", re.IGNORECASE)
_COLUMNS = re.compile(r"<s>.*?<c>", re.IGNORECASE | re.DOTALL)
_COLUMN_MARKS = re.compile(r"</?(?:caption|s|c|fn)>", re.IGNORECASE)


def parse(text: str) -> Node | None:
    """Return the root element of HTML, or None if there is none."""
    if _XHTML.search(text[:_HEAD_CHARACTERS]):
        text = _CDATA.sub(lambda match: html.escape(match[1]), text)
        text = _EMPTY_ELEMENT.sub(r"<\1\2></\1>", text)
    if _COLUMNS.search(text):
        text = _with_text_tables_as_lines(text)
    return LexborHTMLParser(text.encode("utf-8", "replace")).root


def _with_text_tables_as_lines(text: str) -> str:
    parts = _TABLE_TAG.split(text)  # texts, with the tags of tables between them
    for index in range(1, len(parts) - 2, 2):
        start, content, end = parts[index : index + 3]
        if start[1] != "/" and end[1] == "/" and _COLUMNS.search(content):
            parts[index : index + 3] = "<pre>", _COLUMN_MARKS.sub("", content), "</pre>"
    return "".join(parts)


def name(node: Node) -> str:
    """Return the name of an element, without the prefix of a namespace if it is a formula's. See `TEXT`."""
    prefix, colon, local = (node.tag or "").rpartition(":")
    return local if prefix in ("m", "mml", "math") else prefix + colon + local


def attributes_of(node: Node) -> Attributes:
    """Return the attributes of an element. One without a value has the value ""."""
    return {key: value or "" for key, value in node.attributes.items()}


def children(node: Node) -> Iterator[Node]:
    """Yield the elements and texts directly inside an element."""
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def text_of(node: Node, *, without: Collection[str] = ()) -> str:
    """Return the text inside an element, without that of elements of some names."""
    pieces: list[str] = []
    pending = [node]
    while pending:
        current = pending.pop()
        if current.tag == TEXT:
            pieces.append(current.text_content or "")
        elif current.tag not in without:
            pending.extend(reversed(list(children(current))))
    return "".join(pieces)
