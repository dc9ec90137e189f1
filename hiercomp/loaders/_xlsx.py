"""Parser of XLSX and XLSM workbooks. It runs in the child process."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hiercomp.errors import DocumentError
from hiercomp.loaders._containers import check_container, open_container
from hiercomp.loaders._number_format import shown_number, shown_text
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._sheets import Area, Sheet, document
from hiercomp.loaders._wire import Job
from hiercomp.loaders._xlsx_parts import Style, Workbook, flag, rich_text
from hiercomp.types import Document

if TYPE_CHECKING:
    from lxml import etree  # type: ignore[import-untyped]

_COLUMNS = 16_384
_PLAIN = Style()
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
# What is left out: singular, plural, and how its parts are called.
_LEFT_OUT = (
    ("chart", "charts", re.compile(r"/charts/chart(?:Ex)?\d+\.xml$")),
    ("picture", "pictures", re.compile(r"/media/[^/]+$")),
    ("embedded file", "embedded files", re.compile(r"/embeddings/[^/]+$")),
)
_STRUCK = ("struck cell", "struck cells")
_NO_VALUE = ("formula without a stored value", "formulas without a stored value")
_COMMENT = ("comment", "comments")


def parse(job: Job) -> Document:
    """Return the sheets of a workbook: each is a section, and each row is a line with a tab between cells.

    Numbers stand as the workbook shows them. Hidden sheets, rows and columns are left out.

    Raises:
        DocumentError: the file is damaged or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    with open_container(job.path, job.source) as archive:
        workbook = Workbook(archive, job.source)
        counts = _counts(archive, workbook)
        omissions: list[str] = []
        sheets: list[Sheet] = []
        for place in workbook.places():
            if place.is_hidden or place.kind != "worksheet":
                kind = "hidden sheet" if place.is_hidden else "sheet without cells"
                omissions.append(f"the {kind} {place.name}")
            else:
                sheets.append(_sheet(workbook, place.name, place.part, counts))
        title = workbook.title() or Path(job.source).stem
    omissions += [f"{count:,} {one if count == 1 else many}" for (one, many), count in counts.items() if count]
    found = document(sheets, job.source, title, omissions)
    if not found.text.strip():
        raise DocumentError(f"{job.source}: the workbook holds no text{f' but {omissions[0]}' if omissions else ''}")
    return select_pages(found, job.pages)


def _counts(archive: zipfile.ZipFile, workbook: Workbook) -> Counter[tuple[str, str]]:
    """Return how much is left out of each kind that has parts of its own."""
    names = archive.namelist()
    counts = Counter({(one, many): sum(bool(part.search(name)) for name in names) for one, many, part in _LEFT_OUT})
    for name in names:
        if re.search(r"/comments\d*\.xml$", name):
            counts[_COMMENT] += sum(1 for _ in workbook.elements(name, "comment"))
    return counts


def _sheet(workbook: Workbook, name: str, part: str, counts: Counter[tuple[str, str]]) -> Sheet:
    sheet = Sheet(name)
    number = 0
    for element in workbook.elements(part, "col", "row", "mergeCell"):
        is_hidden = flag(element.get("hidden"))
        if element.tag.endswith("}row"):
            number = int(element.get("r", number + 1))
            if is_hidden:
                sheet.hidden_rows.add(number)
            sheet.add_row(number, _cells(workbook, element, counts))
        elif element.tag.endswith("}col"):
            if is_hidden:
                first, last = int(element.get("min", 1)), int(element.get("max", 1))
                sheet.hidden_columns.update(range(first, min(last, _COLUMNS) + 1))
        elif match := _AREA.fullmatch(element.get("ref", "")):
            sheet.merged.append(Area(int(match[2]), int(match[4]), _column(match[1]), _column(match[3])))
    return sheet


def _cells(workbook: Workbook, row: etree._Element, counts: Counter[tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """Yield the columns and texts of a row."""
    column = 0
    for cell in row:
        address = cell.get("r")
        column = _column(address.rstrip("0123456789")) if address else column + 1
        style = workbook.styles.get(cell.get("s", "0"), _PLAIN)
        text = None
        for child in cell:
            name = child.tag[-3:]
            if name.endswith("}v"):
                text = _text(workbook, child.text or "", cell.get("t", "n"), style.code)
            elif name == "}is":
                text = rich_text(child)
        if text is None:
            counts[_NO_VALUE] += len(cell) > 0
        elif style.is_struck:
            counts[_STRUCK] += 1
        else:
            yield column, text


def _text(workbook: Workbook, value: str, kind: str, code: str) -> str:
    """Return the value of a cell as the workbook shows it."""
    if kind == "n":
        return shown_number(value, code, is_1904=workbook.is_1904)
    if kind == "s":
        number = int(value)
        value = workbook.strings[number] if number < len(workbook.strings) else ""
    elif kind == "b":
        return "TRUE" if flag(value) else "FALSE"
    return value if code == "General" or kind in ("e", "d") else shown_text(value, code)


@lru_cache(maxsize=_COLUMNS)
def _column(letters: str) -> int:
    """Return the number of a column from its letters: A is 1."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
