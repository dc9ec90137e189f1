"""The text of OpenDocument paragraphs, with raised, struck and hidden text as their styles say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple
from xml.etree.ElementTree import Element

from hiercomp.loaders._scripts import lowered, raised, ruby

_URI = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = {
    "office": "office:1.0",
    "style": "style:1.0",
    "text": "text:1.0",
    "table": "table:1.0",
    "draw": "drawing:1.0",
}
_PERCENT = re.compile(r"(-?)\d+%")


def full(name: str) -> str:
    """Return the full name of an element or attribute, such as "text:p"."""
    prefix, _, local = name.partition(":")
    return f"{{{_URI}{_PREFIXES[prefix]}}}{local}"


class TextStyle(NamedTuple):
    """What a style says about text: whether it is raised (1) or lowered (-1), struck, or hidden."""

    level: int = 0
    is_struck: bool = False
    is_hidden: bool = False


class Styles:
    """The styles of a document.

    Attributes:
        text: the styles of runs of text.
        outlines: the depth of the paragraph styles that are headings.
        hidden_tables: the styles of tables that are not shown.
    """

    def __init__(self, roots: Iterable[Element]) -> None:
        self.text: dict[str, TextStyle] = {}
        self.outlines: dict[str, int] = {}
        self.hidden_tables: set[str] = set()
        for root in roots:
            for style in root.iter(full("style:style")):
                self._add(style, style.get(full("style:name"), ""))

    def _add(self, style: Element, name: str) -> None:
        depth = style.get(full("style:default-outline-level"), "")
        parent = style.get(full("style:parent-style-name"), "")
        if depth.isdigit() or name == "Title" or parent in self.outlines:
            self.outlines[name] = int(depth) if depth.isdigit() else self.outlines.get(parent, 1)
        for properties in style.iter(full("style:table-properties")):
            if properties.get(full("table:display")) == "false":
                self.hidden_tables.add(name)
        for properties in style.iter(full("style:text-properties")):
            position = properties.get(full("style:text-position"), "")
            match = _PERCENT.match(position)
            is_lowered = position.startswith("sub") or bool(match and match[1])
            is_raised = position.startswith("super") or bool(match and not match[0].startswith(("0", "-")))
            line = properties.get(full("style:text-line-through-style"), "none")
            self.text[name] = TextStyle(
                is_raised - is_lowered, line != "none", properties.get(full("text:display")) == "none"
            )


class Reader:
    """Reads the text of paragraphs. It keeps the notes and boxes that it meets, and counts what it leaves out."""

    def __init__(self, styles: Styles) -> None:
        self._omissions: Counter[str] = Counter()
        self.outlines = styles.outlines
        self.hidden_tables = styles.hidden_tables
        self._text_styles = styles.text
        self._notes: list[str] = []
        self._boxes: list[Element] = []
        self._special: dict[str, Callable[[Element, str], str]] = {
            full("text:s"): lambda element, _: " " * min(int(element.get(full("text:c"), 1)), 100),
            full("text:tab"): lambda *_: " ",
            full("text:line-break"): lambda *_: " ",
            full("text:span"): self._span,
            full("text:note"): self._note,
            full("text:ruby"): self._ruby,
            full("office:annotation"): self._comment,
            full("draw:text-box"): self._box,
            full("draw:image"): lambda *_: self.omit("picture"),
            full("draw:object"): lambda *_: self.omit("embedded object"),
            full("text:hidden-text"): lambda *_: "",
            full("text:hidden-paragraph"): lambda *_: "",
            full("text:tracked-changes"): lambda *_: "",
        }

    def text(self, element: Element, before: str = "") -> str:
        """Return the text of a paragraph or of a part of one. `before` is the text before the part."""
        text = element.text or ""
        for child in element:
            special = self._special.get(child.tag)
            text += special(child, before + text) if special else self.text(child, before + text)
            text += child.tail or ""
        return text

    def comment(self, annotation: Element) -> str:
        """Return a comment in brackets, or "" if it has no text."""
        text = self._paragraphs(annotation)
        return f"[Comment: {text}]" if text else ""

    def take(self) -> tuple[list[str], list[Element]]:
        """Return the notes and the text boxes met since the last call."""
        notes, boxes = self._notes, self._boxes
        self._notes, self._boxes = [], []
        return notes, boxes

    def omit(self, what: str) -> str:
        """Count something that is left out, such as "picture". Return the text that stands for it, which is empty."""
        self._omissions[what] += 1
        return ""

    def left_out(self) -> list[str]:
        """Return what was left out, a line for each kind."""
        return [f"{count:,} {what}{'s' * (count > 1)}" for what, count in self._omissions.items()]

    def _span(self, span: Element, before: str) -> str:
        style = self._text_styles.get(span.get(full("text:style-name"), ""), TextStyle())
        if style.is_struck or style.is_hidden:
            return ""
        if style.level == 0:
            return self.text(span, before)
        text = self.text(span)
        return raised(before, text) if style.level > 0 else lowered(text, before=before)

    def _note(self, note: Element, before: str) -> str:
        mark = "".join(part for each in note.findall(full("text:note-citation")) for part in each.itertext())
        self._notes += [f"[{mark}] {self._paragraphs(body)}" for body in note.findall(full("text:note-body"))]
        return raised(before, mark, is_mark=True)

    def _comment(self, annotation: Element, before: str) -> str:
        self._notes += filter(None, [self.comment(annotation)])
        return ""

    def _paragraphs(self, element: Element) -> str:
        return " ".join(" ".join(self.text(each).split()) for each in element.iter(full("text:p")))

    def _ruby(self, element: Element, before: str) -> str:
        base, reading = (
            "".join(map(self.text, element.findall(full(name)))) for name in ("text:ruby-base", "text:ruby-text")
        )
        return ruby(base, reading)

    def _box(self, box: Element, before: str) -> str:
        self._boxes.append(box)
        return ""
