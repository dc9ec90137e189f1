"""What a table's rows need beside them to be read: the rows of years and units above them. Pure.

A row is worth little without its head, so a head is as likely to be needed as the likeliest of its rows. Lines of a
table of contents look like what they point at, and hold nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from hiercomp.types import Document, Hierarchy, Node

HEAD_LENGTH = 160
"""Characters: a longer line is a row of its own, or prose."""
PROSE_LENGTH = 120
"""Characters of a line without cells after which a table is over."""
CONTENTS_DISCOUNT = 0.02

_CELLS = re.compile(r"\S\t|^\s*\||\S {3,}\S")
_UNIT = re.compile(r"\b(?:in|of|\$) ?(?:thousands|millions|billions)\b|\b000s?\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:FY|CY)?(?:19|20)\d\d\b")
_DATE = re.compile(r"\b(?:[A-Z][a-z]+\.? \d{1,2}|\d{1,2} [A-Z][a-z]+)\b")
_CONTENTS = re.compile(r"(?:\. ?){4,}\s*[ivxl\d]+\s*$")


def is_row(text: str) -> bool:
    """Whether a unit is a row of cells."""
    return bool(_CELLS.search(text))


def is_head(text: str) -> bool:
    """Whether a unit says what the figures below it are: their years, their unit, or the names of the columns."""
    if len(text) > HEAD_LENGTH:
        return False
    if _UNIT.search(text):
        return True
    rest = _YEAR.sub("", _DATE.sub("", text))
    years = len(_YEAR.findall(text))
    return not any(character.isdigit() for character in rest) and (years >= 2 or is_row(text))


def with_heads(hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, ...]]:
    """Probabilities in which a head is as likely to be needed as the likeliest row below it on its page."""
    raised = {node_id: list(chances) for node_id, chances in probabilities.items()}
    for document in hierarchy.documents:
        heads: list[tuple[str, int]] = []
        below_head = True
        page = None
        for node, index, text in _units(hierarchy, document, raised):
            chance = raised[node.id][index]
            if _CONTENTS.search(text):
                raised[node.id][index] = chance * CONTENTS_DISCOUNT
            here = document.page_at(node.span.start)
            if here != page or (not is_row(text) and len(text) > PROSE_LENGTH):
                heads, page = [], here
            if is_head(text):
                heads = [(node.id, index)] if below_head else [*heads, (node.id, index)]
                below_head = False
            elif is_row(text):
                below_head = True
                for head_id, place in heads:
                    raised[head_id][place] = max(raised[head_id][place], chance)
    return {node_id: tuple(chances) for node_id, chances in raised.items()}


def _units(hierarchy: Hierarchy, document: Document, offered: Mapping[str, object]) -> Iterator[tuple[Node, int, str]]:
    """The units of the passages of a document that are offered, in text order."""
    for node in hierarchy.level(0):
        if node.document_id == document.id and node.id in offered:
            for index, span in enumerate(node.sentences):
                yield node, index, span.of(document.text)
