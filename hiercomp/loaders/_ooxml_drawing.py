"""Text of DrawingML: of slides, tables, charts and SmartArt. And the joining of runs, which WordprocessingML shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hiercomp.loaders._ooxml import find, full, number, short, value
from hiercomp.loaders._ooxml_math import equation
from hiercomp.loaders._ooxml_numbers import numeral
from hiercomp.loaders._scripts import lowered, raised

SUPERSCRIPT, SUBSCRIPT, MARK = "superscript", "subscript", "mark"

_AUTONUMBERS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "circleNum": "decimalEnclosedCircle",
    "arabic": "decimal",
}
_AUTONUMBER_SIGNS = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}."}


class Line:
    """Joins the runs of a line. Raised and lowered runs become exponents, marks of notes and indices."""

    def __init__(self) -> None:
        self._text = ""
        self._kind = ""
        self._pending = ""
        self._raw: list[str] = []
        self._has_base = False
        self._is_after_equation = False

    def add(self, text: str, kind: str = "") -> None:
        """Add a run: normal text, or a `SUPERSCRIPT`, a `SUBSCRIPT` or the `MARK` of a note."""
        if not text:
            return
        if kind != self._kind or kind == MARK:
            self._flush(text)
            self._kind = kind
        self._is_after_equation = False
        self._pending += text
        self._raw.append(text)
        self._has_base |= kind in ("", MARK) and not text.isspace()

    def add_equation(self, element: Element) -> None:
        """Add an equation. A blank separates it from an equation before it."""
        self.add(" " * self._is_after_equation)
        self.add(equation(element, self.before()))
        self._is_after_equation = True

    def before(self) -> str:
        """Return the text so far. A run that is added after that does not continue the last one."""
        self._flush("")
        return self._text

    def text(self) -> str:
        """Return the text of the line, with single blanks."""
        self._flush("")
        # A line that is raised as a whole has no base.
        return " ".join((self._text if self._has_base else "".join(self._raw)).split())

    def _flush(self, after: str) -> None:
        if self._kind == SUBSCRIPT:
            self._text += lowered(self._pending, before=self._text)
        elif self._kind:
            is_mark = True if self._kind == MARK else None
            self._text += raised(self._text, self._pending, is_mark=is_mark, after=after)
        else:
            self._text += self._pending
        self._pending = ""


def text_of(element: Element) -> str:
    """Return the text of all paragraphs in an element on one line."""
    paragraphs = [paragraph_text(paragraph) for paragraph in element.iter(full("a:p"))]
    if any(paragraphs):
        return " ".join(filter(None, paragraphs))
    # The title of a chart may be the value of a cell.
    values = (cell.text or "" for name in ("c:v", "cx:v") for cell in element.iter(full(name)))
    return " ".join(" ".join(values).split())


def paragraph_text(paragraph: Element) -> str:
    """Return the text of a paragraph. Text that is struck out is left out."""
    line = Line()
    for child in paragraph:
        name = short(child.tag)
        if name in ("a:r", "a:fld"):
            if value(child, "a:rPr", "strike") in (None, "noStrike"):
                line.add("".join(part.text or "" for part in child.iter(full("a:t"))), _script(child))
        elif name == "a:br":
            line.add(" ")
        elif name == "?:m":
            for formula in child:
                line.add_equation(formula)
    return line.text()


def _script(run: Element) -> str:
    baseline = value(run, "a:rPr", "baseline") or ""
    if not re.search("[1-9]", baseline):
        return ""
    return SUBSCRIPT if baseline.startswith("-") else SUPERSCRIPT


def body_lines(body: Element | None) -> Iterator[str]:
    """Yield the text of each paragraph of a text body, with the number that it has in a list."""
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in body.findall(full("a:p")) if body is not None else ():
        text = paragraph_text(paragraph)
        level = number(value(paragraph, "a:pPr", "lvl"))
        kind = value(paragraph, "a:pPr/a:buAutoNum", "type") or ""
        if not text:
            continue
        counts = {deeper: count for deeper, count in counts.items() if deeper < level or (deeper == level and kind)}
        if not kind:
            yield text
            continue
        start = number(value(paragraph, "a:pPr/a:buAutoNum", "startAt"), 1)
        before = counts.get(level)
        place = before[1] + 1 if before is not None and before[0] == f"{kind} {start}" else start
        counts[level] = (f"{kind} {start}", place)
        yield f"{_autonumber(kind, place)} {text}"


def _autonumber(kind: str, place: int) -> str:
    digits = next((digits for name, digits in _AUTONUMBERS.items() if kind.startswith(name)), "decimal")
    sign = next((sign for name, sign in _AUTONUMBER_SIGNS.items() if kind.endswith(name)), "{}")
    return sign.format(numeral(place, digits))


def diagram_lines(root: Element) -> Iterator[str]:
    """Yield the texts of a SmartArt diagram, from its data: each node before the nodes below it."""
    points = {point.get("modelId", ""): point for point in root.iter(full("dgm:pt"))}
    children: dict[str, list[tuple[int, str]]] = {}
    for connection in root.iter(full("dgm:cxn")):
        if connection.get("type", "parOf") == "parOf":
            place = (number(connection.get("srcOrd")), connection.get("destId", ""))
            children.setdefault(connection.get("srcId", ""), []).append(place)
    waiting = [name for name, point in points.items() if point.get("type") == "doc"]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in points:
            continue
        seen.add(name)
        yield from body_lines(find(points[name], "dgm:t"))
        waiting += [child for _, child in sorted(children.get(name, ()), reverse=True)]
