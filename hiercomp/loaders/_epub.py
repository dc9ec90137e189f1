"""Parser of EPUB files. It runs in the child process."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._containers import check_container, open_container
from hiercomp.loaders._html import note_omissions, read_html
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_CONTAINER = "META-INF/container.xml"


def parse(job: Job) -> Document:
    """Return the document in an EPUB book: its chapters in reading order.

    Raises:
        DocumentError: the book is damaged or encrypted, or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    builder = TextBuilder()
    with open_container(job.path, job.source) as archive:
        if "META-INF/rights.xml" in archive.namelist():
            raise DocumentError(f"{job.source}: the book is protected against copying; get a copy without DRM")
        root = _read_xml(archive, _CONTAINER, job.source).find(".//{*}rootfile")
        if root is None or not root.get("full-path"):
            raise DocumentError(f"{job.source}: the book is damaged, because it lists no contents; get it again")
        package_path = str(root.get("full-path"))
        package = _read_xml(archive, package_path, job.source)
        _add_chapters(builder, archive, _chapter_names(package, posixpath.dirname(package_path)), job.source)
    title = (package.findtext(".//{http://purl.org/dc/elements/1.1/}title") or "").strip()
    document = builder.build(job.source, " ".join(title.split()) or Path(job.source).stem)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the book holds no text; if its pages are pictures, run OCR first")
    return select_pages(document, job.pages)


def _add_chapters(builder: TextBuilder, archive: zipfile.ZipFile, names: Iterable[str], source: str) -> None:
    """Add the chapters of a book. One that is missing or cannot be read is noted as left out."""
    omissions: Counter[str] = Counter()
    for name in names:
        builder.add_gap()
        try:
            read_html(builder, archive.read(name), source, omissions)
        except (KeyError, DocumentError, zipfile.BadZipFile, zlib.error):
            omissions["chapter{s} that cannot be read"] += 1
    note_omissions(builder, omissions)


def _read_xml(archive: zipfile.ZipFile, name: str, source: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(archive.read(name))
    except ElementTree.ParseError as error:
        raise DocumentError(f"{source}: its part {name} is damaged ({error}); get the file again") from error


def _chapter_names(package: ElementTree.Element, folder: str) -> Iterator[str]:
    """Yield the archive names of the chapters in reading order, without pictures and other media."""
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is not None and "html" in (item.get("media-type") or "") and item.get("href"):
            yield posixpath.normpath(posixpath.join(folder, unquote(str(item.get("href")))))
