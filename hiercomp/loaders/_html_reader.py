"""HTML elements to blocks of text, in document order. Elements that a browser hides are left out."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from hiercomp.loaders._html_inline import (
    STRUCK,
    formula_in,
    is_hidden,
    is_struck,
    omissions,
    replacement,
    script_of,
    write_script,
)
from hiercomp.loaders._html_lists import BULLET, ItemNumbers
from hiercomp.loaders._html_tables import GAP, HEADING, LINE, PARAGRAPH, Block, Table
from hiercomp.loaders._html_tree import TEXT, Attributes, Node, attributes_of, name, text_of

_SKIPPED = frozenset({"head", "ix:header", "noscript", "script", "style", "template", "title"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl"}
    | {"dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "legend", "li", "main"}
    | {"menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead"}
    | {"tr", "ul"}
)
_HEADINGS = frozenset(f"h{depth}" for depth in range(1, 7))
_LISTS = frozenset({"menu", "ol", "ul"})
_ROW_GROUPS = frozenset({"tbody", "tfoot", "thead"})
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
# Characters that are not seen: places where a word may be broken, and marks of the byte order.
_UNSEEN = str.maketrans({"\u00ad": None, "\u200b": None, "\u2060": None, "\ufeff": None, "\u2044": "/"})
_BEFORE = 8  # pieces of text by which a raised text is read


class _Open(NamedTuple):
    """An open element: whether it sets bold type, whether it is raised or lowered, and the start of its text."""

    node: Node
    tag: str
    is_bold: bool
    script: str | None
    start: int


class HtmlReader:
    """Reads the elements of a page.

    Attributes:
        blocks: the blocks of the page.
        omissions: what was left out of them, and how often.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.omissions: Counter[str] = Counter()
        self._sinks = [self.blocks]  # the blocks of the page, and those of each open caption and cell
        self._tables: list[Table] = []
        self._lists: list[ItemNumbers] = []
        self._open: list[_Open] = []
        self._text: list[str] = []
        self._marker = ""  # what stands before the next block: the marker of a list item, or a term
        self._bold_depth = 0
        self._all_bold = True
        self._heading_depth = 0  # 0 outside headings
        self._pre_depth = 0
        self._after_break = False

    def read(self, root: Node) -> None:
        """Read an element and all that is in it. The depth of elements is not limited."""
        node: Node | None = root
        while True:
            while node is None:
                if not self._open:
                    self._flush()
                    return
                node = self._leave(self._open.pop()).next
            if node.tag == TEXT:
                self._add_text(node.text_content or "")
            elif node.is_element_node and self._enter(node):
                node = node.first_child
                continue
            node = node.next

    def _enter(self, node: Node) -> bool:
        """Begin an element. Return whether to read what is in it."""
        tag, values = name(node), attributes_of(node)
        if tag in _SKIPPED:
            return False
        if is_hidden(tag, values):
            self._text.append(formula_in(node) or "")
            return False
        if is_struck(tag, values):
            self.omissions[STRUCK] += bool(text_of(node).strip())
            return False
        text = replacement(tag, node, values)
        if text is not None:
            self._replace(tag, node, values, text)
            return False
        self._begin(tag, node, values)
        script = script_of(node, tag, values)
        self._open.append(_Open(node, tag, _is_bold(tag, values), script, len(self._text)))
        self._bold_depth += self._open[-1].is_bold
        return True

    def _leave(self, element: _Open) -> Node:
        """End an element and return it."""
        tag = element.tag
        self._bold_depth -= element.is_bold
        if element.script:
            start = min(element.start, len(self._text))
            before, text = "".join(self._text[max(start - _BEFORE, 0) : start]), "".join(self._text[start:])
            self._text[start:] = [write_script(element.script, before, text, element.node)]
        elif tag in _HEADINGS:
            self._flush()
            self._heading_depth = 0
        elif tag == "dt":
            self._end_term()
        elif tag in _BLOCKS:
            self._flush()
            self._end_block(tag)
        elif tag == "q":
            self._add_text("”")
        return element.node

    def _add_text(self, text: str) -> None:
        if self._pre_depth and "\n" in text:
            for line in text.split("\n")[:-1]:
                self._text.append(line)
                self._flush()
            text = text.rpartition("\n")[2]
        if not self._bold_depth and text.strip():
            self._all_bold = False
        self._text.append(text)

    def _replace(self, tag: str, node: Node, values: Attributes, text: str) -> None:
        """Add the text that stands for an element, and count what is lost."""
        what, count = omissions(tag, node, values, text)
        if count:
            self.omissions[what] += count
        is_block = tag == "math" and values.get("display") == "block"
        if is_block:
            self._flush()
        self._add_text(text)
        if is_block:
            self._flush()

    def _begin(self, tag: str, node: Node, values: Attributes) -> None:
        if tag in _HEADINGS:
            self._flush()
            self._heading_depth = int(tag[1])
        elif tag == "br":
            self._break()
        elif tag in _BLOCKS:
            self._flush()
            self._begin_block(tag, node, values)
        elif tag == "q":
            self._add_text("“")

    def _break(self) -> None:
        if self._heading_depth:
            self._text.append(" ")
            return
        if self._after_break and self._sinks[-1] and not "".join(self._text).strip():
            self._sinks[-1].append(Block(GAP))
        self._flush(at_break=True)

    def _begin_block(self, tag: str, node: Node, values: Attributes) -> None:
        if tag in _LISTS:
            self._add_gap()  # before an outer list only, so that an inner one stays with its item
            self._lists.append(ItemNumbers(node, values))
        elif tag == "li":
            self._marker += self._lists[-1].marker(values) if self._lists else BULLET
        elif tag in ("dl", "dt"):
            self._add_marker()
        elif tag == "pre":
            self._pre_depth += 1
        else:
            self._begin_part_of_table(tag, values)

    def _begin_part_of_table(self, tag: str, values: Attributes) -> None:
        if tag == "table":
            self._add_marker()
            self._tables.append(Table(values))
            self._sinks.append(self._tables[-1].captions)
        elif tag in _ROW_GROUPS:
            self._tables[-1].groups.append((tag, []))
        elif tag == "tr":
            self._tables[-1].groups[-1][1].append([])
        elif tag in ("td", "th"):
            self._sinks.append(self._tables[-1].add_cell(tag, values).blocks)

    def _end_block(self, tag: str) -> None:
        if tag in _LISTS:
            self._lists.pop()
            self._add_gap()
        elif tag == "li":
            self._marker = ""
        elif tag in ("dd", "dl"):
            self._add_marker()
        elif tag == "pre":
            self._pre_depth -= 1
        elif tag in ("td", "th"):
            self._sinks.pop()
        elif tag == "table":
            self._sinks.pop()
            self._sinks[-1].extend(self._tables.pop().blocks())

    def _end_term(self) -> None:
        """Put a term before its description."""
        term = _clean("".join(self._text))
        self._text.clear()
        self._all_bold = True
        if term:
            self._marker += f"{term} " if term[-1] in ":?!." else f"{term}: "

    def _add_marker(self) -> None:
        """Add a marker or a term that no text follows."""
        text = self._marker.strip().removesuffix(":")
        self._marker = ""
        if text and text != BULLET.strip():
            self._sinks[-1].append(Block(LINE, text))

    def _add_gap(self) -> None:
        if not self._marker and not self._lists:
            self._sinks[-1].append(Block(GAP))

    def _flush(self, *, at_break: bool = False) -> None:
        """End the current block and add it. At a line break, only a line of the block ends."""
        text, is_bold = "".join(self._text), self._all_bold
        is_line, self._after_break = at_break or self._after_break, at_break
        self._text.clear()
        self._all_bold = True
        text = text.translate(_UNSEEN) if self._pre_depth else _clean(text)
        if not text.strip():
            return
        marker, self._marker = self._marker, ""
        if self._heading_depth:
            block = Block(HEADING, text, self._heading_depth)
        elif marker or is_line or self._pre_depth:
            block = Block(LINE, marker + text)
        else:
            block = Block(PARAGRAPH, text, is_bold=is_bold)
        self._sinks[-1].append(block)


def _clean(text: str) -> str:
    return " ".join(text.translate(_UNSEEN).split())


def _is_bold(tag: str, values: Attributes) -> bool:
    return tag in ("b", "strong") or bool(_BOLD.search(values.get("style", "")))
