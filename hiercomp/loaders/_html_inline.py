"""Elements inside a line of HTML: what is hidden, struck, raised or lowered, and what text stands for an element."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from hiercomp.loaders._html_math import math_text
from hiercomp.loaders._html_tree import Attributes, Node, attributes_of, text_of
from hiercomp.loaders._scripts import lowered, raised, ruby

RAISED, LOWERED, MARK = "raised", "lowered", "mark"

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|text-top|top|\d)|position\s*:\s*relative\s*;\s*top\s*:\s*-", re.I)
_LOWERED = re.compile(r"vertical-align\s*:\s*(?:sub\b|text-bottom|-\d)", re.IGNORECASE)
_NOTE = re.compile(r"foot-?note|end-?note|note-?ref|fn-?ref|\bfn\b|\breference\b", re.IGNORECASE)
_NOTE_TARGET = re.compile(r"#_?(?:fn|ftn|edn|foot-?note|end-?note|note)[-_:.]?\w*$", re.IGNORECASE)
_MARK = re.compile(r"[\[(]?(?:\d{1,3}|\w|[*†‡§¶#]{1,3})[\])]?")
_FILE_NAME = re.compile(r".*\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?)|image|img\d*|graphic|logo", re.IGNORECASE)
_PHRASES = frozenset(
    {"a", "b", "big", "em", "font", "i", "img", "ins", "mjx-math", "nobr", "small", "span", "strong", "sub", "sup"}
    | {"svg", "u"}
)
# An element whose style raises more than this is not an exponent or a mark, but for instance a box beside the text.
_MAX_STYLED_CHARACTERS = 12
_SIGN_CHARACTERS = 3
_CELL_DEPTH = 6
_LEFT_OUT = {
    "audio": "sound{s}",
    "canvas": "drawing{s} of a script",
    "embed": "embedded object{s}",
    "iframe": "frame{s} with another page",
    "object": "embedded object{s}",
    "video": "video{s}",
}
STRUCK = "struck passage{s}"
_CHECK_BOXES = ("checkbox", "radio")
_VALUES = frozenset(
    {"", "text", "search", "tel", "url", "email", "number", "range", "date", "datetime-local", "month", "week", "time"}
)


def is_hidden(tag: str, values: Attributes) -> bool:
    """Return whether a browser hides an element. What only screen readers skip is hidden if it is part of a line."""
    if "hidden" in values or _HIDDEN.search(values.get("style", "")):
        return True
    return (tag == "dialog" and "open" not in values) or (tag in _PHRASES and values.get("aria-hidden") == "true")


def is_struck(tag: str, values: Attributes) -> bool:
    """Return whether the text of an element is struck out."""
    return tag in ("del", "s", "strike") or bool(_STRUCK.search(values.get("style", "")))


def script_of(node: Node, tag: str, values: Attributes) -> str | None:
    """Return whether an element is `RAISED`, `LOWERED` or the `MARK` of a note. None is neither."""
    if tag == "sup":
        return MARK if _refers_to_note(node, values) else RAISED
    if tag == "sub":
        return LOWERED
    if tag not in _PHRASES:
        return None
    if tag == "a" and _names_note(node, values):
        return None if node.css_first("sup, sub") else MARK
    style = values.get("style", "")
    if not style or not (_RAISED.search(style) or _LOWERED.search(style)):
        return None
    if len(text_of(node).strip()) > _MAX_STYLED_CHARACTERS:
        return None
    return _styled_script(node, values, style)


def write_script(kind: str, before: str, text: str, node: Node) -> str:
    """Return what to write for the text of a raised or lowered element, after the text before it."""
    if kind == LOWERED:
        return lowered(text, before=before)
    following = node.next
    after = following.text_content or "" if following is not None and following.is_text_node else ""
    return raised(before, text, is_mark=True if kind == MARK else None, after=after)


def formula_in(node: Node) -> str | None:
    """Return the formula that a hidden element holds for the image or the drawing beside it, or None."""
    formula = node.css_first("math") if node.tag == "span" else None
    return math_text(formula) if formula is not None else None


def replacement(tag: str, node: Node, values: Attributes) -> str | None:
    """Return the text that stands for an element and all that is in it, or None if its contents are to be read."""
    write = _WRITERS.get(tag)
    return write(node, values) if write else None


def omissions(tag: str, node: Node, values: Attributes, text: str) -> tuple[str, int]:
    """Return what is lost, and how often, when only a text stands for an element and all that is in it."""
    if tag == "select":
        return "option{s} not chosen", len(node.css("option")) - len(list(filter(None, text.strip().split(", "))))
    is_decoration = values.get("alt") == "" or bool({values.get("width"), values.get("height")} & {"0", "1"})
    if text.strip() or is_decoration:
        return "", 0
    if tag == "img":
        return "image{s} without a description", 1
    if tag == "svg":
        return "drawing{s} without text", 1
    return _LEFT_OUT.get(tag, ""), int(tag in _LEFT_OUT)


def _names_note(node: Node, values: Attributes) -> bool:
    """Return whether a link is the mark of a note, by its role, its name or the name of what it links to."""
    if "noteref" in values.get("role", "") + values.get("epub:type", ""):
        return True
    is_named = _NOTE.search(values.get("class", "")) or _NOTE_TARGET.search(values.get("href", ""))
    return bool(is_named and _MARK.fullmatch(text_of(node).strip()))


def _refers_to_note(node: Node, values: Attributes) -> bool:
    """Return whether a raised element is a link to a note, is inside of one, or is named as one."""
    if _NOTE.search(f"{values.get('class', '')} {values.get('id', '')}") or node.css_first("a"):
        return True
    parent = node.parent
    if parent is None or parent.tag != "a":
        return False
    return "#" in attributes_of(parent).get("href", "") and text_of(parent).strip() == text_of(node).strip()


def _styled_script(node: Node, values: Attributes, style: str) -> str | None:
    if node.css_first("sup, sub"):
        return None
    if _LOWERED.search(style):
        return LOWERED
    is_certain = re.search(r"super|\d", style)
    if not is_certain and not _MARK.fullmatch(text_of(node).strip()):
        return None
    return MARK if _refers_to_note(node, values) else RAISED


def _image(node: Node, values: Attributes) -> str:
    text = " ".join(values.get("alt", "").split())
    is_formula = text.startswith(("$", "\\", "{"))
    if is_formula and node.parent is not None and node.parent.tag == "span" and node.parent.css_first("math"):
        return " "  # an image for browsers that cannot show the formula beside it
    if not text or _FILE_NAME.fullmatch(text):
        return ""
    # A formula, a single sign and an image in a table read as part of the line.
    is_part = is_formula or len(text) <= _SIGN_CHARACTERS or _is_in_cell(node)
    return f" {text} " if is_part else f" [Image: {text}] "


def _is_in_cell(node: Node) -> bool:
    return any(parent.tag in ("td", "th") for parent in islice(_parents(node), _CELL_DEPTH))


def _parents(node: Node) -> Iterator[Node]:
    while (parent := node.parent) is not None:
        yield parent
        node = parent


def _drawing(node: Node, values: Attributes) -> str:
    texts = [text_of(text) for text in node.css("text")]
    label = values.get("aria-label", "") if values.get("role") == "img" else ""
    return f" {' '.join(texts) or label} " if any(texts) or label else ""


def _input(node: Node, values: Attributes) -> str:
    kind = values.get("type", "").lower()
    if kind in _CHECK_BOXES and (values.get("role") == "button" or "aria-haspopup" in values):
        return " "  # it opens a menu
    if kind in _CHECK_BOXES:
        return " ☒ " if "checked" in values else " ☐ "
    return f" {values.get('value', '')} " if kind in _VALUES else " "


def _selection(node: Node, values: Attributes) -> str:
    """Return the chosen options of a list. Without one, a browser shows the first, unless several may be chosen."""
    options = [(text_of(option), attributes_of(option)) for option in node.css("option")]
    chosen = [text for text, option in options if "selected" in option]
    if not chosen and "multiple" not in values:
        chosen = [text for text, option in options[:1] if "disabled" not in option and option.get("value") != ""]
    return f" {', '.join(' '.join(text.split()) for text in chosen)} "


def _ruby(node: Node, values: Attributes) -> str:
    readings = [text_of(reading).strip() for reading in node.css("rt")]
    separator = " " if any(reading.isascii() for reading in readings) else ""
    base = text_of(node, without=("rt", "rp", "rtc"))
    return ruby("".join(base.split()) if not base.isascii() else base, separator.join(readings))


def _nothing(node: Node, values: Attributes) -> str:
    return ""


_WRITERS: Mapping[str, Callable[[Node, Attributes], str]] = {
    "datalist": _nothing,
    "img": _image,
    "input": _input,
    "math": lambda node, values: math_text(node),
    "ruby": _ruby,
    "select": _selection,
    "svg": _drawing,
    "textarea": lambda node, values: f" {text_of(node)} ",
    **dict.fromkeys(_LEFT_OUT, _nothing),
}
