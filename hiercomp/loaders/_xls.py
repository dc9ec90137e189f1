"""Parser of XLS and XLSB workbooks. It runs in the child process.

Its reader does not tell number formats, so numbers stand with all of their digits, and dates in ISO form.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from hiercomp.errors import DocumentError, MissingExtraError
from hiercomp.loaders._containers import check_container
from hiercomp.loaders._number_format import shown_number
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._sheets import Area, Sheet, document
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

try:
    import python_calamine as calamine
except ImportError as missing:
    raise MissingExtraError("reading XLS and XLSB", "formats") from missing

_Value = int | float | str | bool | time | date | datetime | timedelta


def parse(job: Job) -> Document:
    """Return the sheets of a workbook: each is a section, and each row is a line with a tab between cells.

    Raises:
        DocumentError: the file is damaged or protected, or holds no text.
    """
    path = Path(job.path)
    with path.open("rb") as stream:
        is_container = stream.read(2) == b"PK"
    if is_container:
        check_container(job.path, job.source, job.limits)
    omissions: list[str] = []
    try:
        with calamine.CalamineWorkbook.from_path(path) as workbook:
            sheets = list(_sheets(workbook, omissions))
    except calamine.PasswordError as error:
        raise DocumentError(f"{job.source}: it is encrypted; save it without a password") from error
    except calamine.CalamineError as error:
        raise DocumentError(f"{job.source}: the workbook is damaged ({error}); get it again or save it anew") from error
    found = document(sheets, job.source, path.stem, omissions)
    if not found.text.strip():
        raise DocumentError(f"{job.source}: the workbook holds no text")
    return select_pages(found, job.pages)


def _sheets(workbook: calamine.CalamineWorkbook, omissions: list[str]) -> Iterator[Sheet]:
    for about in workbook.sheets_metadata:
        is_hidden = about.visible != calamine.SheetVisibleEnum.Visible
        if is_hidden or about.typ != calamine.SheetTypeEnum.WorkSheet:
            omissions.append(f"the {'hidden sheet' if is_hidden else 'sheet without cells'} {about.name}")
            continue
        source = workbook.get_sheet_by_name(about.name)
        top, left = source.start or (0, 0)
        sheet = Sheet(about.name)
        for row, values in enumerate(source.to_python(), top):
            sheet.add_row(row, ((column, _shown(value)) for column, value in enumerate(values, left)))
        for (first_row, first_column), (last_row, last_column) in source.merged_cell_ranges or ():
            sheet.merged.append(Area(first_row, last_row, first_column, last_column))
        yield sheet


def _shown(value: _Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return shown_number(repr(value), "General")
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, date | time) else str(value)
