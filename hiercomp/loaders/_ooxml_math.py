"""Equations of Office Open XML as text, such as `(a + b)/c`, `x_i^2` and `sqrt(2)`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

from hiercomp.loaders._ooxml import find, full, is_on, short, value
from hiercomp.loaders._scripts import fraction, lowered, raised, root

_PRIMES = re.compile(r"[′″‴'°*]+")
_DEGREE = "∘"
_OPERATOR = re.compile(r"\w\s*[-+−±*/=×·^_]|\S\s+\S")
_APPLICATION = re.compile("\u2061+(?=\\w)")
_INVISIBLE = re.compile("[\u2061-\u2064]")  # the signs of a function, a product, a list and a sum
_STYLED_LETTER = re.compile("[\U0001d400-\U0001d7ff]+")
_STACKED = ("m:f", "m:sSup", "m:sSub", "m:sSubSup", "m:nary", "m:func")
_DELETED = ("w:del", "w:moveFrom")


def equation(element: Element, before: str = "") -> str:
    """Return an equation as text.

    Args:
        element: an equation, a group of equations, or a part of one.
        before: the text before it on the same line.
    """
    formulas = element.iter(full("m:oMath")) if short(element.tag) == "m:oMathPara" else [element]
    text = " ".join(filter(None, (_joined(formula, before) for formula in formulas)))
    return _INVISIBLE.sub("", _APPLICATION.sub(" ", text))


def _joined(parts: Iterable[Element] | None, before: str = "") -> str:
    """Return the parts of an expression as text, with a blank between a stacked part and a letter or digit."""
    text, after_stack = "", False
    for part in parts if parts is not None else ():
        name = short(part.tag)
        if name.endswith("Pr") or name in _DELETED:
            continue
        piece = _PARTS.get(name, _joined)(part, before + text)
        if not piece:
            continue
        is_stack = name in _STACKED
        touches = (text[-1:].isalpha() and name == "m:f") or (after_stack and (text[-1:].isalnum() or text[-1:] == ")"))
        text += " " * (touches and piece[0].isalnum()) + piece
        after_stack = is_stack
    return text


def _run(element: Element, _before: str) -> str:
    text = "".join(child.text or "" for child in element if short(child.tag) in ("m:t", "w:t", "a:t"))
    return _STYLED_LETTER.sub(lambda letters: unicodedata.normalize("NFKC", letters[0]), text)


def _argument(element: Element, name: str) -> str:
    return _joined(find(element, f"m:{name}")).strip()


def _fraction(element: Element, before: str) -> str:
    numerator, denominator = _argument(element, "num"), _argument(element, "den")
    if value(element, "m:fPr/m:type") == "noBar":
        return f"{numerator} choose {denominator}"
    return fraction(numerator, denominator, before)


def _scripts(element: Element, before: str) -> str:
    base, content = _joined(find(element, "m:e"), before), find(element, "m:e")
    is_bracketed = content is not None and [short(part.tag) for part in content] == ["m:d"]
    if _OPERATOR.search(base) and not is_bracketed:
        base = f"({base.strip()})"
    return base + _lower(_argument(element, "sub")) + _upper(base, _argument(element, "sup"))


def _prescripts(element: Element, _before: str) -> str:
    scripts = _lower(_argument(element, "sub")) + _upper("", _argument(element, "sup"))
    return f"{scripts} {_argument(element, 'e')}"


def _limit(element: Element, before: str) -> str:
    base, limit = _joined(find(element, "m:e"), before), _argument(element, "lim")
    return base + (_lower(limit) if short(element.tag) == "m:limLow" else _upper(base, limit))


def _lower(text: str) -> str:
    if len(text) == 1:
        return f"_{text}"
    return lowered(text) if text else ""


def _upper(base: str, text: str) -> str:
    text = text.replace(_DEGREE, "°") if base[-1:].isdigit() else text
    if not text or _PRIMES.fullmatch(text):
        return text
    return f"^{text}" if len(text) == 1 else raised(base, text, is_mark=False)


def _root(element: Element, _before: str) -> str:
    return root(_argument(element, "e"), _argument(element, "deg"))


def _operator(element: Element, _before: str) -> str:
    sign = value(element, "m:naryPr/m:chr")
    scripts = _lower(_argument(element, "sub")) + _upper("", _argument(element, "sup"))
    return f"{'∫' if sign is None else sign}{scripts} {_argument(element, 'e')}"


def _function(element: Element, _before: str) -> str:
    name, argument = _argument(element, "fName"), _argument(element, "e")
    return f"{name}{'' if argument.startswith('(') else ' '}{argument}"


def _delimited(element: Element, _before: str) -> str:
    begin, separator, end = (
        default if sign is None else sign
        for default, sign in (
            ("(", value(element, "m:dPr/m:begChr")),
            ("|", value(element, "m:dPr/m:sepChr")),
            (")", value(element, "m:dPr/m:endChr")),
        )
    )
    arguments = element.findall(full("m:e"))
    matrix = find(arguments[0], "m:m") if len(arguments) == 1 and len(arguments[0]) == 1 else None
    if matrix is not None:
        return f"{begin}{_rows(matrix)}{end}"
    return begin + separator.join(_joined(argument).strip() for argument in arguments) + end


def _matrix(element: Element, _before: str) -> str:
    return f"[{_rows(element)}]"


def _rows(matrix: Element) -> str:
    rows = ([_joined(cell).strip() for cell in row.iter(full("m:e"))] for row in matrix.iter(full("m:mr")))
    return "; ".join(", ".join(row) for row in rows)


def _lines(element: Element, _before: str) -> str:
    # An ampersand marks where the lines are aligned.
    return "; ".join(_joined(line).replace("&", "").strip() for line in element.findall(full("m:e")))


def _accented(element: Element, _before: str) -> str:
    sign = value(element, "m:accPr/m:chr") or "\u0302"
    if short(element.tag) == "m:bar":
        sign = "\u0305" if value(element, "m:barPr/m:pos") == "top" else "\u0332"
    base = _argument(element, "e")
    return base + sign if len(base) <= 1 else f"({base}){sign}"


def _phantom(element: Element, before: str) -> str:
    shown = find(element, "m:phantPr/m:show")
    return _joined(find(element, "m:e"), before) if shown is None or is_on(shown) else ""


_PARTS: dict[str, Callable[[Element, str], str]] = {
    "m:acc": _accented,
    "m:bar": _accented,
    "m:d": _delimited,
    "m:eqArr": _lines,
    "m:f": _fraction,
    "m:func": _function,
    "m:limLow": _limit,
    "m:limUpp": _limit,
    "m:m": _matrix,
    "m:nary": _operator,
    "m:phant": _phantom,
    "m:r": _run,
    "m:rad": _root,
    "m:sPre": _prescripts,
    "m:sSub": _scripts,
    "m:sSubSup": _scripts,
    "m:sSup": _scripts,
    "w:r": _run,
}
