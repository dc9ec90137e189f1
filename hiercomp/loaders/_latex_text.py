"""The text of LaTeX sources without commands. Formulas stay as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexCommentNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexNode,
    LatexWalker,
    get_default_latex_context_db,
)
from pylatexenc.macrospec import EnvironmentSpec, MacroSpec

from hiercomp.loaders._scripts import lowered, raised

# The arguments of commands that the library does not know: an optional star, optional and required arguments.
_ARGUMENTS = {
    "*{": "vspace hspace",
    "{": "textsuperscript textsubscript thanks num si unit url nolinkurl input include subfile sout st bibliography"
    " bibliographystyle graphicspath hypersetup pagestyle thispagestyle pagenumbering",
    "[{": "color citep citet citealp parencite textcite autocite usepackage",
    "{{": "setlength setcounter addtocounter scalebox colorbox newcounter texorpdfstring href",
    "[{{": "textcolor rotatebox SI qty parbox",
    "{{{": "definecolor resizebox multicolumn",
    "[{[{[{": "multirow",
}
_ENVIRONMENTS = {
    "{[{": "tabularx tabular* tabulary",
    "[{": "longtable tabular wrapfigure minipage supertabular",
    "{": "tabu longtabu thebibliography multicols",
    "[": "table table* figure figure* sidewaystable",
}
_SILENT = {
    "label", "vspace", "hspace", "setlength", "setcounter", "addtocounter", "newcounter", "bibliographystyle", "index",
    "bibliography", "graphicspath", "hypersetup", "pagestyle", "thispagestyle", "color", "definecolor", "usepackage",
    "documentclass", "newcommand", "renewcommand", "providecommand", "newtheorem", "maketitle", "tableofcontents",
    "sout", "st", "pagenumbering", "noindent", "centering", "newpage", "clearpage",
}  # fmt: skip
_LAST_ARGUMENT = {
    "href",
    "textcolor",
    "resizebox",
    "scalebox",
    "rotatebox",
    "colorbox",
    "parbox",
    "texorpdfstring",
    "num",
    "url",
    "nolinkurl",
}
_KEYS = {"cite", "citep", "citet", "citealp", "parencite", "textcite", "autocite", "ref", "eqref", "pageref", "autoref"}
_DEFINITION = re.compile(
    r"\\(?:new|renew|provide)command\*?\s*\{?\\(?P<name>[A-Za-z]+)\}?\s*(?:\[(?P<count>\d)\])?(?=\s*\{)"
    r"|\\def\s*\\(?P<plain>[A-Za-z]+)\s*(?=\{)"
)
_MOST_DEFINITIONS, _LONGEST_DEFINITION = 200, 300


def walker(source: str) -> LatexWalker:
    """Return a parser of LaTeX that goes on after errors."""
    context = get_default_latex_context_db()
    macros = [MacroSpec(name, arguments) for arguments, names in _ARGUMENTS.items() for name in names.split()]
    environments = [
        EnvironmentSpec(name, arguments) for arguments, names in _ENVIRONMENTS.items() for name in names.split()
    ]
    context.add_context_category("documents", prepend=True, macros=macros, environments=environments)
    return LatexWalker(source, latex_context=context, tolerant_parsing=True)


def expanded(source: str) -> str:
    """Return a source in which the short commands that it defines before its text are replaced by their definitions."""
    head, mark, body = source.partition("\\begin{document}")
    found = list(_DEFINITION.finditer(head))
    for match in found[:_MOST_DEFINITIONS] if mark else ():
        definition = _braced(head, match.end())
        if definition is not None and len(definition) <= _LONGEST_DEFINITION:
            body = _replaced(body, match["name"] or match["plain"], definition, int(match["count"] or 0))
    return head + mark + body


def _replaced(body: str, name: str, definition: str, count: int) -> str:
    """Return a text with the definition of a command in its places, and with its arguments in the definition."""
    use = re.compile(rf"\\{name}(?![A-Za-z])" + (r"\s*\{([^{}]*)\}" * count or r"(?:\{\}|[ \t]+)?"))
    return use.sub(lambda match: re.sub(r"#([1-9])", lambda place: _argument(match, place), definition), body)


def _argument(match: re.Match[str], place: re.Match[str]) -> str:
    number = int(place[1])
    return str(match[number]) if number <= (match.lastindex or 0) else ""


def _braced(source: str, start: int) -> str | None:
    """Return the text in the braces that begin at a place, or None if there are none."""
    match = re.compile(r"\s*\{").match(source, start)
    depth, position = 1, match.end() if match else 0
    for brace in re.compile(r"\\.|[{}]").finditer(source, position, position + 2 * _LONGEST_DEFINITION):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if match and not depth:
            return source[position : brace.start()]
    return None


class Inline:
    """Returns the text of nodes that are no blocks.

    Args:
        omit: a function that notes something that is left out.
    """

    def __init__(self, omit: Callable[[str], None]) -> None:
        self._omit = omit
        self._converter = LatexNodes2Text(math_mode="verbatim", keep_comments=False)
        self._special: dict[str, Callable[[Sequence[LatexNode], str], str]] = {
            **dict.fromkeys(_LAST_ARGUMENT, self._last),
            **dict.fromkeys(("footnote", "footnotetext", "thanks"), self._note),
            **dict.fromkeys(_KEYS, self._key),
            **dict.fromkeys(("SI", "qty", "si", "unit"), self._quantity),
            **dict.fromkeys(("input", "include", "subfile"), self._file),
            "textsuperscript": self._raised,
            "textsubscript": self._lowered,
            "includegraphics": self._picture,
            "and": lambda *_: "; ",
            "\\": lambda *_: " ",
        }

    def text(self, nodes: Sequence[LatexNode], before: str = "") -> str:
        """Return the text of nodes. `before` is the text before them on the same line."""
        text = ""
        for node in nodes:
            text += self._node(node, before + text)
        return text

    def _node(self, node: LatexNode, before: str) -> str:
        if isinstance(node, LatexCommentNode):
            return ""
        if isinstance(node, LatexCharsNode):
            return str(node.chars)
        if isinstance(node, LatexGroupNode):
            return self.text(node.nodelist, before)
        if isinstance(node, LatexMathNode):
            return " ".join(node.latex_verbatim().split())
        if isinstance(node, LatexMacroNode):
            return self._macro(node, before)
        if isinstance(node, LatexEnvironmentNode):
            return self.text(node.nodelist, before)
        return str(self._converter.node_to_text(node))

    def _macro(self, node: LatexMacroNode, before: str) -> str:
        name, arguments = node.macroname, macro_arguments(node)
        if name in _SILENT:
            return ""
        if special := self._special.get(name):
            return special(arguments, before)
        inner = [each for each in arguments if isinstance(each, LatexGroupNode)]
        if inner and name.isalpha() and len(name) > 1:
            return self.text(inner, before)
        return str(self._converter.node_to_text(node)) + str(node.macro_post_space)[:1]

    def _last(self, arguments: Sequence[LatexNode], before: str) -> str:
        return self.text(arguments[-1:], before)

    def _note(self, arguments: Sequence[LatexNode], before: str) -> str:
        return f" [{self.text(arguments[-1:]).strip()}]"

    def _key(self, arguments: Sequence[LatexNode], before: str) -> str:
        return f"[{self.text(arguments[-1:])}]"

    def _quantity(self, arguments: Sequence[LatexNode], before: str) -> str:
        return " ".join(_unit(each.latex_verbatim()) for each in arguments if isinstance(each, LatexGroupNode))

    def _raised(self, arguments: Sequence[LatexNode], before: str) -> str:
        return raised(before, self.text(arguments))

    def _lowered(self, arguments: Sequence[LatexNode], before: str) -> str:
        return lowered(self.text(arguments), before=before)

    def _picture(self, arguments: Sequence[LatexNode], before: str) -> str:
        self._omit("picture")
        return ""

    def _file(self, arguments: Sequence[LatexNode], before: str) -> str:
        self._omit(f"included file ({self.text(arguments).strip()})")
        return ""


def macro_arguments(node: LatexMacroNode | LatexEnvironmentNode) -> list[LatexNode]:
    """Return the arguments of a command that are given."""
    return [argument for argument in (node.nodeargd.argnlist if node.nodeargd else ()) or () if argument is not None]


def _unit(source: str) -> str:
    return " ".join(re.sub(r"\\([A-Za-z]+)", r" \1 ", source.strip("{}")).split())
