"""Parser of DOCX files. It runs in the child process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._containers import check_container, open_container
from hiercomp.loaders._docx_story import File, Story
from hiercomp.loaders._ooxml import Package, find, full, is_on
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_MAIN = "word/document.xml"


def parse(job: Job) -> Document:
    """Return the document in a DOCX file.

    Page headers come first, then the paragraphs and tables in document order, each followed by its notes and comments,
    then page footers. A part that is damaged is left out.

    Raises:
        DocumentError: the file is damaged or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    builder = TextBuilder()
    with open_container(job.path, job.source) as archive:
        package = Package(archive)
        main = package.main(_MAIN)
        root = package.part(main)
        body = find(root, "w:body")
        if root is None or body is None:
            cause = package.damaged.get(main, "it holds no text of Word")
            raise DocumentError(
                f"{job.source}: this is not a readable DOCX file ({cause}); get it again or save it anew"
            )
        _add_text(package, main, body, builder)
        own_title = package.title()
    document = builder.build(job.source, own_title)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the file holds no text; if its pages are pictures, run OCR first")
    title = own_title or (document.headings[0].title if document.headings else Path(job.source).stem)
    return select_pages(builder.build(job.source, title), job.pages)


def _add_text(package: Package, main: str, body: Element, builder: TextBuilder) -> None:
    settings = next(package.related(main, "settings"), None)
    sections = list(body.iter(full("w:sectPr")))
    file = File.of(package, main, builder, [element for element in (settings, *sections) if element is not None])
    both_sides = is_on(find(settings, "w:evenAndOddHeaders"))
    seen: set[str] = set()
    _add_furniture(file, main, "Page header", list(_furniture(sections, "w:headerReference", both_sides)), seen)
    Story(file, main).add_blocks(body)
    _add_furniture(file, main, "Page footer", list(_furniture(sections, "w:footerReference", both_sides)), seen)
    file.omissions.report(builder, package)


def _furniture(sections: list[Element], name: str, both_sides: bool) -> Iterator[str]:
    """Yield the relations to the headers or footers that Word shows."""
    for section in sections:
        shown = {"default", "first" * is_on(find(section, "w:titlePg")), "even" * both_sides}
        for reference in section.findall(full(name)):
            if reference.get(full("w:type"), "default") in shown:
                yield reference.get(full("r:id"), "")


def _add_furniture(file: File, main: str, label: str, references: list[str], seen: set[str]) -> None:
    """Add page headers or footers, each text once."""
    relations = file.package.relations(main)
    for target in dict.fromkeys(relations[one].target for one in references if one in relations):
        root = file.package.part(target)
        text = "".join(root.itertext()) if root is not None else ""
        if root is not None and text not in seen:
            seen.add(text)
            Story(file, target, label).add_blocks(root)
