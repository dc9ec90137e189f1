"""Parser of PPTX files. It runs in the child process."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._containers import check_container, open_container
from hiercomp.loaders._ooxml import NAMESPACES, Omissions, Package, find, full, number, short, value
from hiercomp.loaders._ooxml_drawing import body_lines
from hiercomp.loaders._ooxml_graphics import Canvas
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._pptx_shapes import ShapeReader, kind_of, shapes_of, text_of, title_of
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_MAIN = "ppt/presentation.xml"
_UNKNOWN_SIZE = 1 << 60
_DEFAULT_TITLE = "PowerPoint Presentation"


def parse(job: Job) -> Document:
    """Return the document in a PPTX file. Each slide is a page. A part that is damaged is left out.

    Raises:
        DocumentError: the file is damaged or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    builder = TextBuilder()
    with open_container(job.path, job.source) as archive:
        package = Package(archive)
        deck = _Deck(package, builder, job.source)
        titles = deck.add_slides()
        own_title = package.title()
        deck.report()
    if own_title == _DEFAULT_TITLE:  # PowerPoint writes it by itself.
        own_title = ""
    document = builder.build(job.source, own_title or next(filter(None, titles), Path(job.source).stem))
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the slides hold no text; if they are pictures, run OCR first")
    return select_pages(document, job.pages)


class _Deck:
    """The slides of a package."""

    def __init__(self, package: Package, builder: TextBuilder, source: str) -> None:
        self._package = package
        self._builder = builder
        self._omissions = Omissions()
        self._main = package.main(_MAIN)
        root = package.part(self._main)
        if root is None or root.tag != full("p:presentation"):
            cause = package.damaged.get(self._main, "it holds no presentation")
            raise DocumentError(f"{source}: this is not a readable PPTX file ({cause}); get it again or save it anew")
        self._root = root
        self._size = _size(root)
        self._authors = self._comment_authors()
        self._layouts: dict[str, list[Element]] = {}
        self._seen: set[str] = set()  # lines that many slides repeat

    def add_slides(self) -> list[str]:
        """Add all slides. Return their titles, "" for a slide without one."""
        relations = self._package.relations(self._main)
        titles = []
        for place, slide_id in enumerate(self._root.iterfind("p:sldIdLst/p:sldId", NAMESPACES), 1):
            relation = relations.get(slide_id.get(full("r:id"), ""))
            titles.append(self._add_slide(relation.target if relation else f"of slide {place}", place))
            self._builder.end_page(place)
        return titles

    def report(self) -> None:
        """Note what was left out."""
        self._omissions.report(self._builder, self._package)

    def _add_slide(self, part: str, place: int) -> str:
        """Add a slide's title, shapes, notes and comments. Return the title, or "" if there is none."""
        slide = self._package.part(part)
        if slide is None:
            return ""
        shapes = shapes_of(slide)
        title = title_of(shapes)
        text = text_of(title) if title is not None else ""
        self._builder.add_heading(text, 1)
        if slide.get("show") in ("0", "false"):
            self._builder.add_paragraph("(hidden slide)")
        layouts = self._layouts_of(part)
        canvas = Canvas(self._package, part, self._builder, self._omissions, place)
        reader = ShapeReader(canvas, layouts, self._size, self._seen)
        reader.add_slide(shape for shape in shapes if shape is not title)
        for notes in self._package.related(part, "notesSlide"):
            self._add_notes(notes)
        for comments in self._package.related(part, "comments"):
            self._add_comments(comments)
        return text

    def _layouts_of(self, part: str) -> list[Element]:
        """Return the layout and the master of a slide."""
        target = next(iter(self._package.targets(part, "slideLayout")), "")
        if target and target not in self._layouts:
            own = [*self._package.related(part, "slideLayout"), *self._package.related(target, "slideMaster")]
            self._layouts[target] = own
        return self._layouts.get(target, [])

    def _add_notes(self, notes: Element) -> None:
        body = next((shape for shape in shapes_of(notes) if kind_of(shape) == "body"), None)
        text = text_of(body) if body is not None else ""
        if text:
            self._builder.add_paragraph(f"Notes: {text}")

    def _add_comments(self, comments: Element) -> None:
        for comment in comments.iter():
            name = short(comment.tag)
            if name == "p:cm":
                text = comment.findtext("p:text", "", NAMESPACES)
            elif name in ("p188:cm", "p188:reply"):
                text = " ".join(body_lines(find(comment, "p188:txBody")))
            else:
                continue
            author = self._authors.get(comment.get("authorId", ""), "")
            self._builder.add_paragraph(f"Comment{' by ' * bool(author)}{author}: {text}")

    def _comment_authors(self) -> dict[str, str]:
        kinds = ("commentAuthors", "authors")
        roots = (root for kind in kinds for root in self._package.related(self._main, kind))
        return {author.get("id", ""): author.get("name", "") for root in roots for author in root}


def _size(presentation: Element) -> tuple[int, int]:
    """Return the width and the height of the slides."""
    width, height = (number(value(presentation, "p:sldSz", name), _UNKNOWN_SIZE) for name in ("cx", "cy"))
    return width, height
