"""Styles of DOCX files: headings, and the look of text that decides what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

from hiercomp.loaders._ooxml import find, full, is_on, number, value
from hiercomp.loaders._ooxml_drawing import SUBSCRIPT, SUPERSCRIPT

_HEADING = re.compile(r"heading (\d)|(title)$", re.IGNORECASE)
_NO_LEVEL = 9
_SCRIPTS = {"superscript": SUPERSCRIPT, "subscript": SUBSCRIPT}


class Look(NamedTuple):
    """How a run looks: raised or lowered, hidden, struck out, and its font."""

    script: str
    is_hidden: bool
    is_struck: bool
    font: str


class Styles:
    """The styles of a file. None is a file without styles."""

    def __init__(self, root: Element | None) -> None:
        found = root.findall(full("w:style")) if root is not None else []
        self._styles = {style.get(full("w:styleId"), ""): style for style in found}
        self._of_style = cache(self._properties)

    def chain(self, style_id: str | None) -> list[tuple[str, Element]]:
        """Return a style and the styles that it is based on, with their identifiers."""
        chain: dict[str, Element] = {}
        while style_id in self._styles and style_id not in chain:
            chain[style_id] = self._styles[style_id]
            style_id = value(chain[style_id], "w:basedOn")
        return list(chain.items())

    def heading_depth(self, paragraph: Element) -> int | None:
        """Return the depth of a heading by its outline level or its style, or None if a paragraph is no heading."""
        own = number(value(paragraph, "w:pPr/w:outlineLvl"), _NO_LEVEL)
        if own < _NO_LEVEL:
            return own + 1
        for _, style in self.chain(style_of(paragraph)):
            name = _HEADING.match(value(style, "w:name") or "")
            level = number(value(style, "w:pPr/w:outlineLvl"), _NO_LEVEL)
            if name or level < _NO_LEVEL:
                return int(name[1] or 1) if name else level + 1
        return None

    def look(self, run: Element, paragraph_style: str) -> Look:
        """Return how a run of a paragraph looks."""
        properties = {**self._of_style(paragraph_style), **self._of_style(value(run, "w:rPr/w:rStyle") or "")}
        properties |= _direct(find(run, "w:rPr"))
        return Look(
            _SCRIPTS.get(properties.get("script", ""), ""),
            "vanish" in properties and properties["vanish"] == "on",
            "on" in (properties.get("strike"), properties.get("dstrike")),
            properties.get("font", ""),
        )

    def _properties(self, style_id: str) -> Mapping[str, str]:
        properties: dict[str, str] = {}
        for _, style in reversed(self.chain(style_id)):
            properties |= _direct(find(style, "w:rPr"))
        return properties


def style_of(paragraph: Element) -> str:
    """Return the identifier of the style of a paragraph, or ""."""
    return value(paragraph, "w:pPr/w:pStyle") or ""


def _direct(properties: Element | None) -> dict[str, str]:
    """Return what the properties of a run say themselves."""
    said: dict[str, str] = {}
    if properties is None or not len(properties):
        return said
    for name in ("vanish", "strike", "dstrike"):
        switch = properties.find(full(f"w:{name}"))
        if switch is not None:
            said[name] = "on" if is_on(switch) else "off"
    script, fonts = value(properties, "w:vertAlign"), properties.find(full("w:rFonts"))
    if script:
        said["script"] = script
    if fonts is not None:
        said["font"] = fonts.get(full("w:ascii")) or fonts.get(full("w:hAnsi")) or ""
    return said
