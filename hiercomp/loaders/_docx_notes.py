"""Footnotes, endnotes and comments of DOCX files."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from hiercomp.loaders._ooxml import Package, find, full, number, short, value
from hiercomp.loaders._ooxml_numbers import numeral

_FOOTNOTE, _ENDNOTE = "footnote", "endnote"
_FORMATS = {_FOOTNOTE: "decimal", _ENDNOTE: "lowerRoman"}


class Notes:
    """The notes and comments of a file. Each note and comment is given out once.

    Args:
        package: the file.
        main: the name of its main part.
        properties: the settings of the file and the properties of its sections, which may set the format of the labels.
    """

    def __init__(self, package: Package, main: str, properties: list[Element]) -> None:
        self._notes: dict[str, tuple[str, Element]] = {}
        for kind in (_FOOTNOTE, _ENDNOTE):
            for target in package.targets(main, f"{kind}s"):
                root = package.part(target)
                for note in root if root is not None else ():
                    if note.get(full("w:type"), "normal") == "normal":
                        self._notes[f"{kind} {note.get(full('w:id'))}"] = (target, note)
        self._comments: dict[str, tuple[str, Element]] = {}
        for target in package.targets(main, "comments"):
            root = package.part(target)
            for comment in root if root is not None else ():
                self._comments[comment.get(full("w:id"), "")] = (target, comment)
        self._formats = dict(_FORMATS)
        self._counts = dict.fromkeys(_FORMATS, 0)
        for element in properties:
            self._read_format(element)

    def key(self, reference: Element) -> str:
        """Return the key of the note to which a reference refers."""
        return f"{_kind(reference)} {reference.get(full('w:id'))}"

    def next_label(self, reference: Element) -> str:
        """Count a reference and return its label, such as "1" or "iv"."""
        kind = _kind(reference)
        self._counts[kind] += 1
        return numeral(self._counts[kind], self._formats[kind])

    def take_note(self, key: str) -> tuple[str, Element] | None:
        """Return the part and the element of a note that was not taken yet."""
        return self._notes.pop(key, None)

    def take_comment(self, comment_id: str) -> tuple[str, Element] | None:
        """Return the part and the element of a comment that was not taken yet."""
        return self._comments.pop(comment_id, None)

    def _read_format(self, properties: Element) -> None:
        for kind in _FORMATS:
            own = find(properties, f"w:{kind}Pr")
            self._formats[kind] = value(own, "w:numFmt") or self._formats[kind]
            start = value(own, "w:numStart")
            if start is not None:
                self._counts[kind] = number(start, 1) - 1


def _kind(reference: Element) -> str:
    return _ENDNOTE if short(reference.tag) == "w:endnoteReference" else _FOOTNOTE
