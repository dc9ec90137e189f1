"""EPUB to document, in the child process: the chapters of its spine, in order."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._containers import check_container, open_container
from hiercomp.loaders._html import add_html
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_CONTAINER = "META-INF/container.xml"


def parse(job: Job) -> Document:
    """The document in an EPUB book.

    Raises:
        DocumentError: it is damaged or encrypted, or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    builder = TextBuilder()
    with open_container(job.path, job.source) as archive:
        if "META-INF/rights.xml" in archive.namelist():
            raise DocumentError(f"{job.source}: the book is protected against copying and cannot be read")
        root = _xml(archive, _CONTAINER, job.source).find(".//{*}rootfile")
        if root is None or not root.get("full-path"):
            raise DocumentError(f"{job.source}: the book names no contents; it is damaged")
        package_path = str(root.get("full-path"))
        package = _xml(archive, package_path, job.source)
        for name in _spine(package, posixpath.dirname(package_path)):
            if name in archive.namelist():
                builder.gap()
                add_html(builder, archive.read(name), job.source)
    title = (package.findtext(".//{http://purl.org/dc/elements/1.1/}title") or "").strip()
    document = builder.build(job.source, " ".join(title.split()) or Path(job.source).stem)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the book holds no text; if its pages are pictures, run OCR first")
    return select_pages(document, job.pages)


def _xml(archive: zipfile.ZipFile, name: str, source: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(archive.read(name))
    except ElementTree.ParseError as error:
        raise DocumentError(f"{source}: its part {name} is damaged ({error})") from error


def _spine(package: ElementTree.Element, folder: str) -> Iterator[str]:
    """The names of the chapters in reading order; pictures and other media are left out."""
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is not None and "html" in (item.get("media-type") or "") and item.get("href"):
            yield posixpath.normpath(posixpath.join(folder, unquote(str(item.get("href")))))
