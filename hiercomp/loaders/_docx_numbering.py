"""Numbers of clauses and list items in DOCX files, as Word counts and shows them."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree.ElementTree import Element

from hiercomp.loaders._docx_styles import Styles, style_of
from hiercomp.loaders._docx_symbols import is_symbol_font, plain
from hiercomp.loaders._ooxml import find, full, is_on, number, value
from hiercomp.loaders._ooxml_numbers import numeral, padded

_BULLET = "•"
_BOXES = "☐☑☒✓✗"
_PLACE = re.compile(r"%(\d)")
_NO_NUMBER = "0"
_SUFFIXES = {"nothing": "", "space": " ", "tab": " "}


class _Level(NamedTuple):
    start: int
    number_format: str
    pattern: str  # the first numbers of a format of the author
    text: str
    is_legal: bool
    restart: int | None
    suffix: str
    style: str


class _List(NamedTuple):
    """A list that paragraphs refer to: the definition that counts, and what this list changes of it."""

    definition: str
    starts: dict[int, int]
    levels: dict[int, _Level]


class Numbering:
    """The definitions of lists, and how far each has counted. None is a file without lists."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        definitions = root.findall(full("w:abstractNum")) if root is not None else []
        self._definitions = {one.get(full("w:abstractNumId"), ""): one for one in definitions}
        self._levels = {key: _levels(one) for key, one in self._definitions.items()}
        lists = root.findall(full("w:num")) if root is not None else []
        self._lists = {one.get(full("w:numId"), ""): _list(one) for one in lists}
        self._counts: dict[str, dict[int, int]] = {}
        self._labels: dict[str, dict[int, str]] = {}
        self._started: set[tuple[str, int]] = set()

    def label(self, paragraph: Element) -> str | None:
        """Count a paragraph and return its number with what separates it from the text. None is no list item.

        A number such as "(a)" below a clause "1.2" becomes "1.2(a)", as people cite it.
        """
        list_id, depth = self._place(paragraph)
        definition = self._definition(list_id)
        if definition is None:
            return None
        self._count(list_id, definition, depth)
        level = self._level(list_id, definition, depth)
        label = self._text(list_id, definition, level)
        above = self._labels.setdefault(definition, {}).get(depth - 1, "").rstrip(".")
        if "(" not in above:
            above = above.rstrip(")")
        if re.fullmatch(r"\([^()]+\)", label) and re.search(r"[\d)]$", above):
            label = above + label
        self._labels[definition][depth] = label
        return label + level.suffix if label else ""

    def _place(self, paragraph: Element) -> tuple[str, int]:
        """Return the identifier of the list of a paragraph, and its depth there. The style may name both."""
        own = find(paragraph, "w:pPr/w:numPr")
        list_id, depth = value(own, "w:numId"), value(own, "w:ilvl")
        if list_id is not None:
            return list_id, number(depth)
        for style_id, style in self._styles.chain(style_of(paragraph)):
            properties = find(style, "w:pPr/w:numPr")
            list_id = value(properties, "w:numId")
            if list_id is not None:
                definition = self._definition(list_id)
                levels = self._levels.get(definition or "", {})
                linked = [place for place, level in levels.items() if level.style == style_id]
                default = linked[0] if linked else number(value(properties, "w:ilvl"))
                return list_id, number(depth, default)
        return _NO_NUMBER, 0

    def _definition(self, list_id: str) -> str | None:
        """Return the definition of a list. A definition may refer to a style, whose list has the definition."""
        for _ in range(len(self._lists)):
            if list_id == _NO_NUMBER or list_id not in self._lists:
                return None
            definition = self._lists[list_id].definition
            link = value(self._definitions.get(definition), "w:numStyleLink")
            target = next((value(style, "w:pPr/w:numPr/w:numId") for _, style in self._styles.chain(link)), None)
            if target is None:
                return definition if definition in self._definitions else None
            list_id = target
        return None

    def _level(self, list_id: str, definition: str, depth: int) -> _Level:
        own = self._lists[list_id].levels.get(depth)
        return own or self._levels[definition].get(depth) or _Level(1, "decimal", "", "", False, None, " ", "")

    def _count(self, list_id: str, definition: str, depth: int) -> None:
        counts = self._counts.setdefault(definition, {})
        start = self._lists[list_id].starts.get(depth)
        if start is not None and (list_id, depth) not in self._started:
            counts[depth] = start
        elif depth in counts:
            counts[depth] += 1
        else:
            counts[depth] = self._level(list_id, definition, depth).start if start is None else start
        self._started.add((list_id, depth))
        for deeper in [place for place in counts if place > depth]:
            restart = self._level(list_id, definition, deeper).restart
            if restart is None or depth < restart:
                del counts[deeper]

    def _text(self, list_id: str, definition: str, level: _Level) -> str:
        if level.number_format == "bullet":
            return level.text if level.text in _BOXES and level.text else _BULLET
        counts = self._counts[definition]

        def shown(place: re.Match[str]) -> str:
            depth = int(place[1]) - 1
            other = self._level(list_id, definition, depth)
            count = counts.get(depth, other.start)
            if other.pattern:
                return padded(count, other.pattern)
            return numeral(count, "decimal" if level.is_legal else other.number_format)

        return _PLACE.sub(shown, level.text).strip()


def _list(element: Element) -> _List:
    starts, levels = {}, {}
    for override in element.findall(full("w:lvlOverride")):
        depth = number(override.get(full("w:ilvl")))
        start, level = value(override, "w:startOverride"), find(override, "w:lvl")
        if start is not None:
            starts[depth] = number(start, 1)
        if level is not None:
            levels[depth] = _read_level(level)
    return _List(value(element, "w:abstractNumId") or "", starts, levels)


def _levels(definition: Element) -> dict[int, _Level]:
    return {number(level.get(full("w:ilvl"))): _read_level(level) for level in definition.findall(full("w:lvl"))}


def _read_level(level: Element) -> _Level:
    restart = value(level, "w:lvlRestart")
    font = value(level, "w:rPr/w:rFonts", "ascii") or ""
    text = value(level, "w:lvlText") or ""
    return _Level(
        number(value(level, "w:start"), 1),
        value(level, "w:numFmt") or "decimal",
        value(level, "w:numFmt", "format") or "",
        "" if is_on(find(level, "w:rPr/w:vanish")) else plain(text, font) if is_symbol_font(font) else text,
        is_on(find(level, "w:isLgl")),
        None if restart is None else number(restart),
        _SUFFIXES.get(value(level, "w:suff") or "tab", " "),
        value(level, "w:pStyle") or "",
    )
