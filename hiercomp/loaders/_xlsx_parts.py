"""The parts of an XLSX workbook: its sheets, its texts and the styles of its cells."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from hiercomp.errors import DocumentError, MissingExtraError
from hiercomp.loaders._number_format import BUILT_IN
from hiercomp.loaders._scripts import lowered, raised

try:
    from lxml import etree  # type: ignore[import-untyped]
except ImportError as missing:
    raise MissingExtraError("reading XLSX", "formats") from missing

_RELATION_ID = re.compile(r"\{.*/relationships\}id")  # of the transitional or of the strict format
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Style(NamedTuple):
    """The style of a cell: its number format, and whether its text is struck."""

    code: str = "General"
    is_struck: bool = False


class Place(NamedTuple):
    """A sheet in the list of sheets: its name, its part and its kind, such as "worksheet"."""

    name: str
    part: str
    kind: str
    is_hidden: bool


class Workbook:
    """A workbook that is open.

    Attributes:
        strings: the texts that cells refer to by number.
        styles: the styles that cells refer to by number.
        is_1904: whether dates count from 1904.
    """

    def __init__(self, archive: zipfile.ZipFile, source: str) -> None:
        self._archive = archive
        self._source = source
        self._names = set(archive.namelist())
        mains = [part for _, kind, part in self._relations("") if kind == "officeDocument"]
        self._main = mains[0] if mains else "xl/workbook.xml"
        self.is_1904 = any(flag(each.get("date1904")) for each in self.elements(self._main, "workbookPr"))
        parts = {kind: part for _, kind, part in self._relations(self._main)}
        self.strings = [rich_text(each) for each in self.elements(parts.get("sharedStrings", ""), "si")]
        self.styles = self._styles(parts.get("styles", ""))

    def places(self) -> Iterator[Place]:
        """Yield the sheets in their order."""
        relations = {name: (kind, part) for name, kind, part in self._relations(self._main)}
        for sheet in self.elements(self._main, "sheet"):
            name = next((value for key, value in sheet.attrib.items() if _RELATION_ID.fullmatch(key)), "")
            kind, part = relations.get(name, ("", ""))
            yield Place(sheet.get("name", ""), part, kind, sheet.get("state", "visible") != "visible")

    def title(self) -> str:
        """Return the title in the properties of the file, or ""."""
        parts = (part for _, kind, part in self._relations("") if kind in ("core-properties", "coreProperties"))
        found = (each.text or "" for part in parts for each in self.elements(part, "title"))
        return " ".join(next(found, "").split())

    def elements(self, part: str, *names: str) -> Iterator[etree._Element]:
        """Yield the elements of a part that have one of the local names. An element is emptied after its turn.

        Raises:
            DocumentError: the part is damaged.
        """
        if part not in self._names:
            return
        tags = [f"{{*}}{name}" for name in names]
        try:
            with self._archive.open(part) as stream:
                for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, no_network=True):
                    yield element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise DocumentError(f"{self._source}: its part {part} is damaged ({error}); get it again") from error

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        """Return the relations of a part: their name, the last word of their kind, and the part that they lead to."""
        folder, name = posixpath.split(part)
        found = []
        for each in self.elements(posixpath.join(folder, "_rels", f"{name}.rels"), "Relationship"):
            target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
            found.append((each.get("Id", ""), each.get("Type", "").rpartition("/")[2], target))
        return found

    def _styles(self, part: str) -> dict[str, Style]:
        codes = dict(BUILT_IN)
        struck: list[bool] = []
        styles: list[Style] = []
        for element in self.elements(part, "numFmt", "font", "cellXfs"):
            name = etree.QName(element).localname
            if name == "numFmt":
                codes[int(element.get("numFmtId", 0))] = element.get("formatCode", "General")
            elif name == "font" and etree.QName(element.getparent()).localname == "fonts":
                struck.append(_has(element, "strike"))
            elif name == "cellXfs":
                for style in element:
                    font = int(style.get("fontId", 0))
                    code = codes.get(int(style.get("numFmtId", 0)), "General")
                    styles.append(Style(code, font < len(struck) and struck[font]))
        return {str(number): style for number, style in enumerate(styles)}


def rich_text(element: etree._Element) -> str:
    """Return a text with its raised and lowered runs marked, without struck runs and readings."""
    text = ""
    for child in element:
        name = etree.QName(child).localname
        if name == "t":
            text += child.text or ""
        elif name == "r" and not _has(child, "rPr/{*}strike"):
            run = "".join(each.text or "" for each in child.findall("{*}t"))
            raising = child.find("{*}rPr/{*}vertAlign")
            level = raising.get("val") if raising is not None else ""
            text += raised(text, run) if level == "superscript" else lowered(run) if level == "subscript" else run
    return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


def flag(value: str | None) -> bool:
    """Return whether an attribute says yes."""
    return value in ("1", "true", "on")


def _has(element: etree._Element, path: str) -> bool:
    found = element.find(f"{{*}}{path}")
    return found is not None and found.get("val", "1") in ("1", "true", "on")


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character.isprintable() else " "
