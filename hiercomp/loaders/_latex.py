"""Parser of LaTeX sources. It runs in the child process. Files that the source includes are not read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from pylatexenc.latexwalker import (
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexNode,
    LatexSpecialsNode,
)

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._decode import decode
from hiercomp.loaders._grid import Cell
from hiercomp.loaders._latex_text import Inline, expanded, macro_arguments, walker
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_DEPTHS = {
    "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5, "subparagraph": 6,
}  # fmt: skip
_FRONT = ("title", "author", "date")
_TABLES = {"tabular", "tabular*", "tabularx", "tabulary", "longtable", "supertabular", "tabu", "longtabu"}
_FORMULAS = {"equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat"}
_LISTS = {"itemize", "enumerate", "description", "thebibliography"}
_VERBATIM = {"verbatim", "lstlisting", "minted", "alltt", "Verbatim"}
_DRAWINGS = {"tikzpicture", "picture", "pspicture", "pgfpicture"}
# Lines of tables, which would stand in their cells.
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endfirsthead|endhead|endfoot|endlastfoot)\b(?:\[[^\]\n]*\])?"
    r"|\\(?:cline|cmidrule|addlinespace|specialrule|rowcolor|arrayrulecolor)\b"
    r"(?:\([^()\n]*\)|\[[^\[\]\n]*\])*(?:\{[^{}\n]*\}){0,3}"
)


def parse(job: Job) -> Document:
    """Return the text in a source with its headings, lists and tables.

    Raises:
        DocumentError: the file is binary or holds no text.
    """
    source = expanded(decode(Path(job.path).read_bytes(), job.source))
    head, mark, body = source.partition("\\begin{document}")
    writer = _Writer()
    if mark:
        writer.add_title(walker(head).get_latex_nodes()[0])
        source = body.partition("\\end{document}")[0]
    writer.add(walker(_RULES.sub("", source)).get_latex_nodes()[0])
    document = writer.document(job.source)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the file holds no text")
    return select_pages(document, job.pages)


class _Writer:
    """Adds the blocks of a source to a builder."""

    def __init__(self) -> None:
        self._builder = TextBuilder()
        self._left_out: Counter[str] = Counter()
        self._inline = Inline(self._omit)
        self._pending: list[LatexNode] = []
        self._title = ""

    def _omit(self, what: str) -> None:
        self._left_out[what] += 1

    def document(self, source: str) -> Document:
        """Return the document of all blocks."""
        for what, count in self._left_out.items():
            self._builder.omit(f"{count:,} {what}{'s' * (count > 1)}")
        found = self._builder.build(source, self._title or Path(source).stem)
        if self._title or not found.headings:
            return found
        return self._builder.build(source, found.headings[0].title)

    def add_title(self, nodes: Sequence[LatexNode]) -> None:
        """Add the title, the authors and the date, which stand before the text."""
        for node in nodes:
            if _is_macro(node, *_FRONT):
                text = " ".join(self._inline.text(macro_arguments(node)[-1:]).split()).replace(" ; ", "; ")
                if node.macroname == "title":
                    self._title = text
                    self._builder.add_heading(text, 1)
                else:
                    self._builder.add_paragraph(text)

    def add(self, nodes: Sequence[LatexNode]) -> None:
        """Add nodes: text between blocks as paragraphs, and blocks."""
        for node in nodes:
            blocks = _blocks(node)
            if blocks is not None:
                self._flush()
                self.add(blocks)
            elif _is_block(node):
                self._flush()
                self._block(node)
            else:
                self._pending.append(node)
        self._flush()

    def _block(self, node: LatexNode) -> None:
        if isinstance(node, LatexEnvironmentNode):
            self._environment(node, node.environmentname.rstrip("*"))
        elif isinstance(node, LatexMathNode):
            self._builder.add_paragraph(node.latex_verbatim())
        elif node.macroname in _FRONT:
            self.add_title([node])
        else:
            self._heading(node)

    def _flush(self) -> None:
        text = self._inline.text(self._pending)
        self._pending = []
        for paragraph in re.split(r"\n\s*\n", text) if text.strip() else ():
            self._builder.add_paragraph(paragraph)

    def _heading(self, node: LatexMacroNode) -> None:
        text = " ".join(self._inline.text(macro_arguments(node)[-1:]).split())
        if node.macroname == "caption":
            self._builder.add_paragraph(text)
        else:
            self._builder.add_heading(text, _DEPTHS[node.macroname])

    def _environment(self, node: LatexEnvironmentNode, name: str) -> None:
        if node.environmentname in _TABLES:
            self._table(node.nodelist)
        elif name in _LISTS:
            self._list(node.nodelist, is_numbered=name == "enumerate")
        elif name in _FORMULAS:
            self._builder.add_paragraph(node.latex_verbatim())
        elif name in _VERBATIM:
            self._lines(node.latex_verbatim().splitlines()[1:-1])
        elif name in _DRAWINGS:
            self._omit("drawing")
        elif name != "comment":
            self._builder.add_heading("Abstract" * (name == "abstract"), 2)
            self.add(node.nodelist)

    def _lines(self, lines: Sequence[str]) -> None:
        self._builder.add_gap()
        for line in lines:
            self._builder.add_line(line)
        self._builder.add_gap()

    def _list(self, nodes: Sequence[LatexNode], *, is_numbered: bool) -> None:
        """Add the items of a list, each as a line with its mark, and the blocks in them."""
        self._builder.add_gap()
        for number, (label, item) in enumerate(_items(nodes), 1):
            own = " ".join(self._inline.text(label).split()).strip("[]")
            mark = f"{own} " if own else f"{number}. " if is_numbered else "• "
            lead = [node for node in item if not isinstance(node, LatexEnvironmentNode)]
            self._builder.add_line(mark + " ".join(self._inline.text(lead).split()))
            self.add([node for node in item if isinstance(node, LatexEnvironmentNode)])
        self._builder.add_gap()

    def _table(self, nodes: Sequence[LatexNode]) -> None:
        for caption in (node for node in nodes if _is_macro(node, "caption")):
            self._heading(caption)
        self._builder.add_gap()
        covered: dict[int, int] = {}  # the number of rows below that a cell covers in a column
        table: list[list[Cell]] = []
        for row in _split([node for node in nodes if not _is_macro(node, "caption")], "\\", "tabularnewline"):
            parts = [self._cell(part) for part in _split(row, "&")]
            if len(parts) > 1 or parts[0].text.strip():
                table.append(list(_uncovered(parts, covered)))
        self._builder.add_table(table)
        self._builder.add_gap()

    def _cell(self, nodes: Sequence[LatexNode]) -> Cell:
        for node in nodes:
            arguments = macro_arguments(node) if _is_macro(node, "multicolumn", "multirow") else []
            if arguments:
                count = re.search(r"\d+", arguments[0].latex_verbatim())
                span = min(int(count[0]), 1000) if count else 1
                content = arguments[-1]
                inner = self._cell(content.nodelist if isinstance(content, LatexGroupNode) else [content])
                is_wide = node.macroname == "multicolumn"
                return inner._replace(columns=span) if is_wide else inner._replace(rows=span)
        return Cell(self._inline.text(nodes))


def _blocks(node: LatexNode) -> list[LatexNode] | None:
    """Return the nodes in braces, if there are blocks among them, such as a table that a command makes smaller."""
    group = macro_arguments(node)[-1:] if isinstance(node, LatexMacroNode) else [node]
    inner = [each for part in group if isinstance(part, LatexGroupNode) for each in part.nodelist]
    return inner if any(isinstance(each, LatexEnvironmentNode) for each in inner) else None


def _is_block(node: LatexNode) -> bool:
    is_formula = isinstance(node, LatexMathNode) and node.displaytype == "display"
    return is_formula or isinstance(node, LatexEnvironmentNode) or _is_macro(node, *_DEPTHS, *_FRONT, "caption")


def _is_macro(node: LatexNode, *names: str) -> bool:
    return isinstance(node, LatexMacroNode) and node.macroname in names


def _split(nodes: Sequence[LatexNode], *marks: str) -> Iterator[list[LatexNode]]:
    """Yield the nodes between commands or special characters."""
    part: list[LatexNode] = []
    for node in nodes:
        is_special = isinstance(node, LatexSpecialsNode) and node.specials_chars in marks
        if is_special or _is_macro(node, *marks):
            yield part
            part = []
        else:
            part.append(node)
    yield part


def _uncovered(cells: Sequence[Cell], covered: dict[int, int]) -> Iterator[Cell]:
    """Yield the cells of a row without the empty ones that stand where a cell of a row above goes on."""
    column = 0
    for cell in cells:
        if covered.get(column, 0) and not cell.text.strip():
            covered[column] -= 1
        else:
            yield cell
            covered[column] = cell.rows - 1
        column += cell.columns


def _items(nodes: Sequence[LatexNode]) -> Iterator[tuple[list[LatexNode], list[LatexNode]]]:
    """Yield the label and the nodes of each item of a list."""
    starts = [index for index, node in enumerate(nodes) if _is_macro(node, "item", "bibitem")]
    for start, end in pairwise([*starts, len(nodes)]):
        yield macro_arguments(nodes[start])[-1:], list(nodes[start + 1 : end])
