"""Formulas of HTML as plain text: the presentation markup of MathML, without its annotations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hiercomp.loaders._html_tree import TEXT, Node, attributes_of, children, name, text_of
from hiercomp.loaders._scripts import fraction, lowered, raised, root

_MAX_DEPTH = 60
_IGNORED = frozenset({"annotation", "annotation-xml", "mphantom", "mprescripts", "none", "maligngroup", "malignmark"})
_INFIX = frozenset("=<>≤≥≠≈≡∼≃≅→←↔⇒⇔∈∉⊂⊆∪∩+-±∓×·⋅÷∗*∘∣") | {":=", "<=", ">="}
_PRIMES = frozenset("'′″‴°∘")
_ACCENTS = {"¯": "bar", "‾": "bar", "^": "hat", "ˆ": "hat", "~": "tilde", "˜": "tilde", "→": "vec", "˙": "dot"}
_COMBINING = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307"}
_LINES = frozenset("_̲¯‾⏟⏞︸︷")
_INVISIBLE = frozenset("\u2061\u2062\u2063\u2064")  # the signs of a function, a product, a list and a sum
_INVISIBLE_PLUS = "\u2064"
_JOINED = re.compile(r"\s*([-+=/·×<>,→])\s*")


def math_text(formula: Node) -> str:
    """Return a formula as a line of text, such as `E = mc^2`."""
    text = " ".join(_row(list(children(formula)), 0).split())
    return text or attributes_of(formula).get("alttext", "")


def _text(node: Node, depth: int) -> str:
    """Return the text of a part of a formula."""
    tag = name(node)
    if tag == TEXT:
        return " ".join((node.text_content or "").split())
    if tag in _IGNORED:
        return ""
    if depth > _MAX_DEPTH:
        return text_of(node)
    parts = [child for child in children(node) if child.is_element_node]
    if tag == "semantics":
        parts = parts[:1]
    if tag in ("mtable", "mtr", "mlabeledtr", "mmultiscripts", "mfenced"):
        return _structure(node, tag, parts, depth + 1)
    if tag in _ARITY and len(parts) == _ARITY[tag]:
        return _layout(node, tag, [_text(part, depth + 1) for part in parts])
    if tag == "msqrt":
        return root(_row(parts, depth + 1))
    return _row(parts, depth + 1) if parts else _leaf(tag, text_of(node))


_ARITY = {"mfrac": 2, "mroot": 2, "msup": 2, "msub": 2, "msubsup": 3, "mover": 2, "munder": 2, "munderover": 3}


def _leaf(tag: str, text: str) -> str:
    if tag == "mspace":
        return " "
    text = " ".join(text.split()).replace("−", "-")
    return f'"{text}"' if tag == "ms" else text


def _layout(node: Node, tag: str, parts: list[str]) -> str:
    """Return the text of an element that puts a fixed number of parts above, below or beside each other."""
    if tag == "mfrac":
        if attributes_of(node).get("linethickness") in ("0", "0pt", "0px"):
            return f"binom({parts[0]}, {parts[1]})"
        return fraction(*parts)
    if tag == "mroot":
        return root(*parts)
    if tag in ("mover", "munder"):
        accented = _accented(*parts)
        if accented is not None:
            return accented
    below = parts[1] if tag in ("msub", "msubsup", "munder", "munderover") else ""
    above = parts[-1] if tag in ("msup", "msubsup", "mover", "munderover") else ""
    return _scripted(parts[0], below, above)


def _accented(base: str, accent: str) -> str | None:
    """Return a base with its accent or without a line that only marks it, or None if it has something else."""
    if accent in _LINES and accent not in _ACCENTS:
        return base
    word = _ACCENTS.get(accent)
    if word is None:
        return None
    return base + _COMBINING[word] if len(base) == 1 else f"{word}({base})"


def _scripted(base: str, below: str, above: str) -> str:
    if re.search(r"[\s+\-/]", base) and not re.fullmatch(r"[(\[|].*[)\]|]|\w+\(.*\)", base):
        base = f"({base})"
    below, above = (_JOINED.sub(r"\1", part) for part in (below, above))
    power = above if above in _PRIMES else raised(base, above, is_mark=False)
    return base + lowered(below) + power.replace("∘", "°")


def _structure(node: Node, tag: str, parts: Sequence[Node], depth: int) -> str:
    texts = [_text(part, depth) for part in parts]
    if tag == "mtable":
        return "; ".join(filter(None, texts))
    if tag in ("mtr", "mlabeledtr"):
        line = ""
        for text in filter(None, texts):
            if text[0] in _INFIX:
                text = f" {text[0]} {text[1:].lstrip()}"
            line += text if not line or text[0] == " " else f", {text}"
        return line
    if tag == "mfenced":
        values = attributes_of(node)
        return values.get("open", "(") + ", ".join(texts) + values.get("close", ")")
    return _multiscripts([name(part) for part in parts], texts)


def _multiscripts(tags: Sequence[str], texts: list[str]) -> str:
    """Return a base with scripts before and after it, such as `^14_6C`."""
    split = tags.index("mprescripts") if "mprescripts" in tags else len(tags)
    before, after = texts[split + 1 :], texts[1:split]
    return (
        "".join(map(_pair, before[::2], before[1::2]))
        + "".join(texts[:1])
        + "".join(map(_pair, after[::2], after[1::2]))
    )


def _pair(below: str, above: str) -> str:
    return raised("", above, is_mark=False) + lowered(below)


def _row(nodes: Sequence[Node], depth: int) -> str:
    """Return parts that stand side by side, with blanks where the text needs them to be read."""
    line, previous = "", ""
    for node in nodes:
        text = _text(node, depth)
        if text in _INVISIBLE and text != _INVISIBLE_PLUS:
            continue
        if name(node) == "mo":
            line += _operator(line, text, separates=attributes_of(node).get("separator") != "false")
            previous = ""
        else:
            line += (" " if _needs_blank(previous, text) else "") + text
            previous = text
    return line


def _operator(line: str, sign: str, *, separates: bool) -> str:
    if sign == _INVISIBLE_PLUS:
        return " "
    if sign in (",", ";"):
        return f"{sign} " if separates else sign
    is_infix = sign in _INFIX and line.strip() and line.rstrip()[-1] not in "([{,;=<>+-±×·/"
    return f" {sign} " if is_infix or (sign.isalpha() and len(sign) > 1) else sign


def _needs_blank(previous: str, text: str) -> bool:
    """Return whether two neighbours would be read as one, such as a function and its variable, or two numbers."""
    if not previous or not text or not text[0].isalnum() or not re.search(r"\w$|[_^]\(.*\)$", previous):
        return False
    is_factor = re.fullmatch(r"\d[\d.,]*|[^\W\d_]", previous)
    return not (is_factor and re.match(r"[^\W\d_](?![^\W\d_]|/)", text))
