"""Parser of reStructuredText. It runs in the child process.

Nothing is included from other files. Directives and roles that docutils does not know, such as those of Sphinx, keep
their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.languages import en as english

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._decode import decode
from hiercomp.loaders._grid import Cell
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._scripts import lowered, raised
from hiercomp.loaders._wire import Job
from hiercomp.loaders.text import TextLoader
from hiercomp.types import Document

_MOST_CHARACTERS = 1_000_000
"""A longer source is read as plain text, because docutils takes half a minute for each million characters."""
_DIRECTIVE = re.compile(r"^[ \t]*\.\.[ \t]+(?:\|[^|\n]+\|[ \t]+)?([a-zA-Z][\w:+.-]*)::", re.MULTILINE)
_ROLE = re.compile(r":([a-zA-Z][\w:+.-]*):`")
_OPTION = re.compile(r"^:[\w-]+:.*$", re.MULTILINE)
_TARGET = re.compile(r"(.+?)\s*<[^<>]+>", re.DOTALL)
_INCLUDES = ("include", "literalinclude", "csv-include")
_SILENT = ("toctree", "index", "highlight", "currentmodule", "py:currentmodule", "raw", "meta", "role", "default-role")
_SETTINGS = {
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": False,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "doctitle_xform": False,
    "line_length_limit": 100_000_000,
}
# Nodes that have no text for the reader.
_HIDDEN = (nodes.comment, nodes.substitution_definition, nodes.pending, nodes.raw, nodes.transition, nodes.Invisible)


class _Unknown(Directive):
    """A directive that docutils does not know. Its arguments and its content stay."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the arguments as a paragraph, and the content as text with markup."""
        content = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, content)
        argument = _OPTION.sub("", " ".join(self.arguments)).strip()
        label = nodes.paragraph("", "", nodes.Text(f"{self.name}: {argument}"))
        return [*([label] if argument else []), *content.children]


class _Silent(_Unknown):
    """A directive that has no text for the reader."""

    def run(self) -> list[nodes.Node]:
        """Return nothing."""
        return []


def parse(job: Job) -> Document:
    """Return the text in a file, without markup, with its headings and tables.

    Raises:
        DocumentError: the file is binary or holds no text.
    """
    source = decode(Path(job.path).read_bytes(), job.source)
    if len(source) > _MOST_CHARACTERS:
        document = TextLoader(job.pages, job.limits).load(Path(job.path), source=job.source)
        return replace(document, omissions=("the structure of the text, which is too long for it",))
    _register(source)
    writer = _Writer()
    writer.add(publish_doctree(source, settings_overrides=_SETTINGS), 0)
    if count := sum(name in _INCLUDES for name in _DIRECTIVE.findall(source)):
        writer.builder.omit(f"{count:,} included file{'s' * (count > 1)}")
    document = writer.builder.build(job.source, Path(job.source).stem)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the file holds no text")
    title = document.headings[0].title if document.headings else document.title
    return select_pages(writer.builder.build(job.source, title), job.pages)


def _register(source: str) -> None:
    """Tell docutils about the directives and roles of a source that it does not know."""
    names = set(_DIRECTIVE.findall(source))
    for name in names:
        if name in _SILENT or name in _INCLUDES:
            directives.register_directive(name, _Silent)
        elif name.lower() not in english.directives:
            directives.register_directive(name.lower(), _Unknown)
    for name in set(_ROLE.findall(source)):
        if name.lower() not in english.roles:
            roles.register_generic_role(name.lower(), nodes.inline)


class _Writer:
    """Adds the nodes of a document to a builder."""

    def __init__(self) -> None:
        self.builder = TextBuilder()
        self._handlers: dict[type[nodes.Node], Callable[[nodes.Element, int], None]] = {
            nodes.section: lambda node, depth: self._children(node, depth + 1),
            nodes.title: self._title,
            nodes.rubric: self._title,
            nodes.table: self._table,
            nodes.list_item: self._item,
            nodes.field: self._pair,
            nodes.option_list_item: self._pair,
            nodes.definition_list_item: self._pair,
            nodes.footnote: self._footnote,
            nodes.citation: self._footnote,
            nodes.literal_block: self._lines,
            nodes.doctest_block: self._lines,
            nodes.math_block: self._lines,
            nodes.line_block: self._line_block,
            nodes.image: self._picture,
        }

    def add(self, node: nodes.Node, depth: int) -> None:
        """Add a node. `depth` is the number of sections around it."""
        if isinstance(node, nodes.system_message):
            # What cannot be parsed, such as a table with crooked lines, stays as it is.
            for block in node.findall(nodes.literal_block):
                self._lines(block, depth)
        elif isinstance(node, _HIDDEN) or not isinstance(node, nodes.Element):
            return
        elif isinstance(node, nodes.Admonition) and not isinstance(node, nodes.admonition):
            self.builder.add_line(f"{node.tagname.capitalize()}:")
            self._children(node, depth)
        elif handler := self._handlers.get(type(node)):
            handler(node, depth)
        elif isinstance(node, nodes.TextElement):
            self.builder.add_paragraph(_text(node))
        else:
            self._children(node, depth)

    def _children(self, node: nodes.Element, depth: int) -> None:
        for child in node.children:
            self.add(child, depth)

    def _title(self, node: nodes.Element, depth: int) -> None:
        if isinstance(node.parent, nodes.section):
            self.builder.add_heading(_text(node), depth)
        else:
            self.builder.add_paragraph(_text(node))

    def _item(self, node: nodes.Element, depth: int) -> None:
        """Add an item of a list: its mark and its first paragraph in one line, then the rest."""
        first, *rest = node.children or [nodes.paragraph()]
        mark = "• "
        if isinstance(node.parent, nodes.enumerated_list):
            number = int(node.parent.get("start", 1)) + node.parent.index(node)
            letters = {"loweralpha": 96, "upperalpha": 64}.get(node.parent["enumtype"])
            own = chr(letters + number) if letters and number < 27 else str(number)
            mark = f"{node.parent.get('prefix', '')}{own}{node.parent.get('suffix', '.')} "
        if isinstance(first, nodes.paragraph):
            self.builder.add_line(mark + " ".join(_text(first).split()))
        else:
            self.add(first, depth)
        for child in rest:
            self.add(child, depth)

    def _pair(self, node: nodes.Element, depth: int) -> None:
        """Add a name and its text, such as a term and its definition, in one line."""
        *names, body = node.children
        label = ", ".join(" ".join(_text(name).split()) for name in names)
        first = body.children[0] if body.children else None
        if isinstance(first, nodes.paragraph):
            self.builder.add_line(f"{label}: {' '.join(_text(first).split())}")
            for child in body.children[1:]:
                self.add(child, depth)
        else:
            self.builder.add_line(label)
            self.add(body, depth)

    def _footnote(self, node: nodes.Element, depth: int) -> None:
        label, *body = node.children
        self.builder.add_paragraph(f"[{label.astext()}] {' '.join(_text(child) for child in body)}")

    def _picture(self, node: nodes.Element, depth: int) -> None:
        self.builder.add_paragraph(str(node.get("alt", "")))

    def _lines(self, node: nodes.Element, depth: int) -> None:
        self.builder.add_gap()
        for line in node.astext().splitlines():
            self.builder.add_line(line)
        self.builder.add_gap()

    def _line_block(self, node: nodes.Element, depth: int) -> None:
        for line in node.findall(nodes.line):
            self.builder.add_line(_text(line))
        self.builder.add_gap()

    def _table(self, node: nodes.Element, depth: int) -> None:
        for title in node.findall(nodes.title):
            self.builder.add_paragraph(_text(title))
        self.builder.add_gap()
        self.builder.add_table(
            [[_cell(entry) for entry in row.findall(nodes.entry)] for row in node.findall(nodes.row)]
        )
        self.builder.add_gap()


def _cell(entry: nodes.Element) -> Cell:
    return Cell(_text(entry), 1 + int(entry.get("morecols", 0)), 1 + int(entry.get("morerows", 0)))


def _text(node: nodes.Node) -> str:
    """Return the text of a node, with raised and lowered text marked. Blocks in it are separated by blanks."""
    text = ""
    for child in node.children:
        text += "".join(_inline(child, text))
    return text


def _inline(node: nodes.Node, before: str) -> Iterator[str]:
    if isinstance(node, nodes.Text):
        yield node.astext()
    elif isinstance(node, nodes.superscript):
        yield raised(before, node.astext())
    elif isinstance(node, nodes.subscript):
        yield lowered(node.astext(), before=before)
    elif isinstance(node, nodes.footnote_reference | nodes.citation_reference):
        yield raised(before, node.astext(), is_mark=True)
    elif isinstance(node, nodes.image):
        yield str(node.get("alt", ""))
    elif isinstance(node, nodes.inline):  # a role that docutils does not know; it may have the target of a link
        target = _TARGET.fullmatch(node.astext())
        yield target[1] if target else node.astext().lstrip("~!")
    elif not isinstance(node, (*_HIDDEN, nodes.system_message)):
        is_block = isinstance(node, nodes.Body | nodes.Part) and bool(before)
        yield (" " if is_block else "") + _text(node)
