"""Fixtures that make small documents."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from hiercomp.loaders._pdf import parse
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

PROSE = (
    "The company sold more anvils than in any year before, and its long-term plan",
    "holds that a third works will open. Prices rose by four percent while the cost",
    "of iron fell, so that the margin is the best since the foundation.",
)
ROWS = (
    ("Years ended December 31,", "2022", "2021"),
    ("Sales of anvils", "$55,893", "$51,386"),
    ("Sales of services", "10,715", "10,900"),
    ("Total revenues", "66,608", "62,286"),
)


def draw_report(path: Path, pages: int = 4, *, outline: bool = False, password: str | None = None) -> Path:
    """Write a report as PDF. Each page has a header, a heading, a wrapped paragraph, a table and a page number."""
    encrypt = StandardEncryption(password, canPrint=1) if password is not None else None
    canvas = Canvas(str(path), pagesize=(612, 792), encrypt=encrypt)
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 760, "Acme Annual Report")
        canvas.drawString(300, 30, str(number))
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, 700, f"Item {number}. Results of the year")
        if outline:
            canvas.bookmarkPage(f"item{number}", fit="XYZ", left=0, top=720)
            canvas.addOutlineEntry(f"Item {number}. Results of the year", f"item{number}", 0)
        canvas.setFont("Helvetica", 10)
        for index, line in enumerate(PROSE):
            canvas.drawString(72, 670 - 12 * index, line)
        for index, (label, *figures) in enumerate(ROWS):
            canvas.drawString(72, 600 - 14 * index, label)
            for column, figure in enumerate(figures):
                canvas.drawRightString(380 + 80 * column, 600 - 14 * index, figure)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def draw() -> Callable[..., Path]:
    return draw_report


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return draw_report(tmp_path / "report.pdf")


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a zip container of named parts."""

    def write(name: str, parts: dict[str, str | bytes]) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
            for part, content in parts.items():
                container.writestr(part, content)
        return path

    return write


@pytest.fixture
def job() -> Callable[..., Job]:
    def make(kind: str, path: Path, **options: object) -> Job:
        return Job(kind, str(path), path.name, **options)

    return make


@pytest.fixture
def read(tmp_path: Path, job: Callable[..., Job]) -> Callable[[Callable[[Canvas], None]], Document]:
    """Return a function that reads the PDF that a function draws."""

    def draw_and_read(draw: Callable[[Canvas], None]) -> Document:
        path = tmp_path / "drawn.pdf"
        canvas = Canvas(str(path), pagesize=(612, 792))
        draw(canvas)
        canvas.save()
        return parse(job("pdf", path))

    return draw_and_read
