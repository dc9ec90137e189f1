"""What a table's rows need beside them to be read: the rows of years and units above them. Pure.

A row is worth little without its head, so a head is as likely to be needed as the likeliest of its rows. Lines of a
table of contents look like what they point at, and hold nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from hiercomp.types import PASSAGE, Document, Hierarchy, Node

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
# Most texts have none of this, and then the patterns above, ten times as slow, need not be tried.
_MAYBE_UNIT = re.compile("thou|ll..?on|000")


def is_row(text: str) -> bool:
    """Whether a unit is a row of cells."""
    return ("\t" in text or "|" in text or "   " in text) and bool(_CELLS.search(text))


def is_head(text: str) -> bool:
    """Whether a unit says what the figures below it are: their years, their unit, or the names of the columns."""
    if len(text) > HEAD_LENGTH:
        return False
    if _MAYBE_UNIT.search(text.lower()) and _UNIT.search(text):
        return True
    if not is_row(text) and len(_YEAR.findall(text)) < 2:
        return False
    return not any(map(str.isdigit, _YEAR.sub("", _DATE.sub("", text))))


def _is_contents(text: str) -> bool:
    """Whether a unit is a line of a table of contents."""
    return (".." in text or ". ." in text) and bool(_CONTENTS.search(text))


def with_heads(hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, ...]]:
    """Probabilities in which a head is as likely to be needed as the likeliest row below it on its page."""
    raised = {node_id: list(chances) for node_id, chances in probabilities.items()}
    offered = (node for node in hierarchy.level(PASSAGE) if node.id in raised)
    for document_id, passages in groupby(offered, key=lambda node: node.document_id):
        _raise_heads(hierarchy.document(document_id), passages, raised)
    return {node_id: tuple(chances) for node_id, chances in raised.items()}


def _raise_heads(document: Document, passages: Iterable[Node], raised: Mapping[str, list[float]]) -> None:
    """Raises what stands above rows in the passages of a document, which are in text order."""
    heads: list[tuple[str, int]] = []
    below_head = True
    page = None
    for node in passages:
        here = document.page_at(node.span.start)
        for index, span in enumerate(node.sentences):
            text = span.of(document.text)
            chance = raised[node.id][index]
            if _is_contents(text):
                raised[node.id][index] = chance * CONTENTS_DISCOUNT
            if here != page or (len(text) > PROSE_LENGTH and not is_row(text)):
                heads, page = [], here
            if is_head(text):
                heads = [(node.id, index)] if below_head else [*heads, (node.id, index)]
                below_head = False
            elif is_row(text):
                below_head = True
                for head_id, place in heads:
                    raised[head_id][place] = max(raised[head_id][place], chance)
