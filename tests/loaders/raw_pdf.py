"""PDF files written object by object, for what the drawing library does not write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def write_pdf(
    path: Path,
    lines: Sequence[tuple[float, float, str]],
    *,
    annotations: Sequence[str] = (),
    catalog: str = "",
    objects: Sequence[str] = (),
) -> Path:
    """Write a PDF of one page.

    Args:
        path: the file.
        lines: the text of the page, each with the left end and the height of its baseline in points.
        annotations: the dictionaries of the page's annotations. Their numbers begin with 10.
        catalog: entries of the file's catalog.
        objects: further objects. Their numbers begin with 100.
    """
    text = "".join(f"1 0 0 1 {x} {y} Tm ({line}) Tj " for x, y, line in lines)
    content = f"BT /F1 11 Tf {text}ET"
    numbered = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> >> /Annots [{_references(10, len(annotations))}] >>",
        4: f"<< /Length {len(content)} >> stream\n{content}\nendstream",
        5: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        **dict(enumerate((f"<< /Type /Annot {entries} >>" for entries in annotations), 10)),
        **dict(enumerate(objects, 100)),
    }
    body = "".join(f"{number} 0 obj\n{item}\nendobj\n" for number, item in numbered.items())
    path.write_bytes(f"%PDF-1.7\n{body}trailer << /Root 1 0 R >>\n%%EOF".encode("latin-1"))
    return path


def write_form(path: Path, lines: Sequence[tuple[float, float, str]], fields: Sequence[str], **more: str) -> Path:
    """Write a PDF form of one page. Each field is the entries of its widget."""
    form = f"/AcroForm << /Fields [{_references(10, len(fields))}] {more.pop('form', '')} >>"
    widgets = [f"/Subtype /Widget /F 4 {entries}" for entries in fields]
    return write_pdf(path, lines, annotations=widgets, catalog=form)


def _references(first: int, count: int) -> str:
    return " ".join(f"{number} 0 R" for number in range(first, first + count))
