"""Fields of DOCX files: their results are shown, their instructions are not."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from hiercomp.loaders._ooxml import find, full, is_on, number, value
from hiercomp.loaders._scripts import fraction, root

_PAGE_NUMBERS = ("PAGE", "NUMPAGES", "SECTIONPAGES")
_FRACTION = re.compile(r"\s*EQ\s+\\f\s*\((.+)[,;](.+)\)\s*", re.IGNORECASE)
_ROOT = re.compile(r"\s*EQ\s+\\r\s*\((?:(.*)[,;])?(.+)\)\s*", re.IGNORECASE)


def checkbox(is_checked: bool) -> str:
    """Return the sign of a check box."""
    return "☒" if is_checked else "☐"


class Fields:
    """The open fields of a paragraph, the outermost first: the instruction of each, and whether its result began."""

    def __init__(self) -> None:
        self._open: list[tuple[list[str], bool]] = []

    @property
    def hides_text(self) -> bool:
        """Whether the text here is part of an instruction."""
        return any(not has_result for _, has_result in self._open)

    def name(self) -> str:
        """Return the name of the innermost field, such as "PAGE", or ""."""
        words = "".join(self._open[-1][0]).split() if self._open else []
        return words[0].upper() if words else ""

    def add_instruction(self, text: str) -> None:
        """Add a part of the instruction of the innermost field."""
        if self._open:
            self._open[-1][0].append(text)

    def mark(self, character: Element, before: str) -> str:
        """Begin, divide or end a field. Return the text that it shows without a result.

        Args:
            character: the character that begins, divides or ends the field.
            before: the text before it on the same line.
        """
        kind = character.get(full("w:fldCharType"))
        if kind == "begin":
            is_inside = self.hides_text
            self._open.append(([], False))
            return "" if is_inside else form_value(find(character, "w:ffData"))
        if kind == "separate" and self._open:
            self._open[-1] = (self._open[-1][0], True)
        elif kind == "end" and self._open:
            instruction, has_result = self._open.pop()
            return "" if has_result or self.hides_text else _stacked("".join(instruction), before)
        return ""


def is_page_number(name: str) -> bool:
    """Return whether a field shows the number of its page, or how many there are."""
    return name in _PAGE_NUMBERS


def form_value(form: Element | None) -> str:
    """Return the value of a check box or a list of choices in a form. A text is the result of its field instead."""
    box, choices = find(form, "w:checkBox"), find(form, "w:ddList")
    if box is not None:
        checked = box.find(full("w:checked"))
        return checkbox(is_on(checked if checked is not None else box.find(full("w:default"))))
    if choices is not None:
        entries = [entry.get(full("w:val"), "") for entry in choices.findall(full("w:listEntry"))]
        chosen = number(value(choices, "w:result"), number(value(choices, "w:default")))
        return entries[chosen] if chosen < len(entries) else ""
    return ""


def _stacked(instruction: str, before: str) -> str:
    """Return the fraction or the root that a field of the kind EQ draws, or ""."""
    parts = _FRACTION.fullmatch(instruction)
    if parts:
        return fraction(parts[1], parts[2], before)
    parts = _ROOT.fullmatch(instruction)
    return root(parts[2], parts[1] or "") if parts else ""
