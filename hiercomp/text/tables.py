"""Tables: their rows belong together, and their heads tell how to read them. Pure.

A table whose best rows are probable evidence is raised as a whole: an answer is often computed from several of its
rows, and only some of them have the words of the question. A row is hard to understand without its head, which gives
the years, the units and the column names, so a head gets the probability of its most probable row. The lines of a table
of contents look like evidence but hold none, so their probability is reduced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from hiercomp.types import PASSAGE, Document, Hierarchy, Node

HEAD_LENGTH = 160
"""The most characters of a head. A longer line is a row or prose."""
PROSE_LENGTH = 120
"""A longer line without cells, in characters, ends a table."""
BEST_ROWS = 3
"""The number of rows whose mean probability says how probable the whole table is."""
TABLE_SHARE = 0.5
"""How far the probability of a row is raised to the mean of the best rows of its table. Measured on filings."""
CONTENTS_DISCOUNT = 0.02
"""The factor for the probability of a line in a table of contents."""

_CELLS = re.compile(r"\S\t|^\s*\||\S {3,}\S")
_UNIT = re.compile(r"\b(?:in|of|\$) ?(?:thousands|millions|billions)\b|\b000s?\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:FY|CY)?(?:19|20)\d\d\b")
_DATE = re.compile(r"\b(?:[A-Z][a-z]+\.? \d{1,2}|\d{1,2} [A-Z][a-z]+)\b")
_CONTENTS = re.compile(r"(?:\. ?){4,}\s*[ivxl\d]+\s*$")
# A quick test before `_UNIT`, which is ten times slower. Most texts do not match it.
_MAYBE_UNIT = re.compile("thou|ll..?on|000")


def is_row(text: str) -> bool:
    """Return whether a unit is a table row."""
    return ("\t" in text or "|" in text or "   " in text) and bool(_CELLS.search(text))


@lru_cache(maxsize=1 << 14)  # each question asks again for the same lines
def is_head(text: str) -> bool:
    """Return whether a unit describes the figures below it: their years, their unit, or the column names."""
    if len(text) > HEAD_LENGTH:
        return False
    if _MAYBE_UNIT.search(text.lower()) and _UNIT.search(text):
        return True
    if not is_row(text) and len(_YEAR.findall(text)) < 2:
        return False
    return not any(map(str.isdigit, _YEAR.sub("", _DATE.sub("", text))))


def _is_contents(text: str) -> bool:
    """Return whether a unit is a line of a table of contents."""
    return (".." in text or ". ." in text) and bool(_CONTENTS.search(text))


def with_whole_tables(hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Return probabilities in which each row is raised towards the mean probability of its table's best rows.

    The order of the rows by their probability stays the same.

    `probabilities` hold one value for each sentence of a passage, by the passage's id. So does the result.
    """
    raised = {node_id: list(values) for node_id, values in probabilities.items()}
    ranked = (node for node in hierarchy.level(PASSAGE) if node.id in raised)
    for document_id, passages in groupby(ranked, key=lambda node: node.document_id):
        for table in _tables(hierarchy.document(document_id), passages):
            best = sorted((raised[node_id][index] for node_id, index in table), reverse=True)[:BEST_ROWS]
            mean = sum(best) / len(best)
            for node_id, index in table if len(best) == BEST_ROWS else ():
                own = raised[node_id][index]
                raised[node_id][index] = max(own, own + TABLE_SHARE * (mean - own))
    return raised


def _tables(document: Document, passages: Iterable[Node]) -> Iterator[list[tuple[str, int]]]:
    """Yield the rows of each table, as pairs of a passage's id and the index of a sentence in the passage.

    A table ends with its page and before a line of prose. Short lines between rows are titles of groups of rows.
    """
    rows: list[tuple[str, int]] = []
    end = table_page = None
    for node in passages:
        page = document.page_at(node.span.start)
        if rows and (page != table_page or node.span.start != end):
            yield rows
            rows = []
        end, table_page = node.span.end, page
        for index, span in enumerate(node.sentences):
            text = span.of(document.text)
            if is_row(text):
                rows.append((node.id, index))
            elif rows and len(text) > PROSE_LENGTH:
                yield rows
                rows = []
    if rows:
        yield rows


def with_heads(hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, ...]]:
    """Return probabilities in which a head has at least the probability of each of its rows on the same page.

    `probabilities` hold one value for each sentence of a passage, by the passage's id. So does the result.
    """
    raised = {node_id: list(values) for node_id, values in probabilities.items()}
    ranked = (node for node in hierarchy.level(PASSAGE) if node.id in raised)
    for document_id, passages in groupby(ranked, key=lambda node: node.document_id):
        _raise_heads(hierarchy.document(document_id), passages, raised)
    return {node_id: tuple(values) for node_id, values in raised.items()}


def _raise_heads(document: Document, passages: Iterable[Node], raised: Mapping[str, list[float]]) -> None:
    """Raise the probabilities of the heads in a document's passages, which are in text order."""
    heads: list[tuple[str, int]] = []
    follows_row = True
    heads_page = None
    for node in passages:
        page = document.page_at(node.span.start)
        for index, span in enumerate(node.sentences):
            text = span.of(document.text)
            probability = raised[node.id][index]
            if _is_contents(text):
                raised[node.id][index] = probability * CONTENTS_DISCOUNT
            if page != heads_page or (len(text) > PROSE_LENGTH and not is_row(text)):
                heads, heads_page = [], page
            if is_head(text):
                # Heads that follow each other belong to one table. A head after a row begins another table.
                heads = [(node.id, index)] if follows_row else [*heads, (node.id, index)]
                follows_row = False
            elif is_row(text):
                follows_row = True
                for head_id, head_index in heads:
                    raised[head_id][head_index] = max(raised[head_id][head_index], probability)
