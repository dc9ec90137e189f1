"""Tables: their rows belong together, and their heads tell how to read them. Pure.

A table whose best rows are probable evidence is raised as a whole: an answer is often computed from several of its
rows, and only some of them have the words of the question. A row is hard to understand without its head, which gives
the years, the units and the column names, so a head gets the probability of its most probable row. It may stand many
passages above the row. The lines of a table of contents, marks of references and headings with nothing below them look
like evidence but hold none, so their probability is reduced.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from hiercomp.text.rows import cells, is_figure, is_name, is_row, is_rule, names_columns, names_periods
from hiercomp.types import PASSAGE, Document, Hierarchy, Node

Place = tuple[str, int]
"""The id of a passage, and the number of one of its sentences."""
PROSE_LENGTH = 120
"""A longer line without cells, in characters, ends a table."""
BEST_ROWS = 3
"""The number of rows whose mean probability says how probable the whole table is."""
TABLE_SHARE = 0.5
"""How far the probability of a row is raised to the mean of the best rows of its table. Measured on filings."""
CONTENTS_DISCOUNT = 0.02
"""The factor for the probability of a line in a table of contents."""

UNLIKELY = 1e-9
"""The probability of the other sentences of a passage that is offered for the sake of a head in it."""
HEADS = 8
"""The most heads of a table. Those nearest to its rows are kept."""
HEADING_SHARE = 0.9
"""The most probability of a heading, as a share of that of the likeliest sentence below it."""

_CONTENTS = re.compile(r"(?<!\.)(?<!\. )(?:\. ?){4,}\s*[ivxl\d]+\s*$")
_MARKS = re.compile(r"(?:\[\w{1,4}\]|[\W_])*+")


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


def _tables(document: Document, passages: Iterable[Node]) -> Iterator[list[Place]]:
    """Yield the rows of each table, as pairs of a passage's id and the index of a sentence in the passage.

    A table ends with its page and before a line of prose. Short lines between rows are titles of groups of rows.
    """
    rows: list[Place] = []
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
    """Return probabilities in which a head and the title of a group have at least the probability of each row below.

    `probabilities` hold one value for each sentence of a passage, by the passage's id. So does the result, which also
    has the passages of the heads.
    """
    raised = {
        node_id: _without_fragments(hierarchy, hierarchy.node(node_id), values)
        for node_id, values in probabilities.items()
    }
    for (node_id, index), heads in heads_above(hierarchy, probabilities).items():
        for head_id, head_index in heads:
            if head_id not in raised:
                raised[head_id] = [UNLIKELY] * len(hierarchy.node(head_id).sentences)
            raised[head_id][head_index] = max(raised[head_id][head_index], raised[node_id][index])
    return {node_id: tuple(values) for node_id, values in raised.items()}


def _without_fragments(hierarchy: Hierarchy, node: Node, probabilities: Sequence[float]) -> list[float]:
    """Return the probabilities of a passage's sentences, reduced for those that hold nothing.

    A heading is at most nearly as likely as the likeliest sentence below it.
    """
    document = hierarchy.document(node.document_id)
    headings = {heading.span for heading in document.headings if node.span.start <= heading.span.start < node.span.end}
    reduced: list[float] = []
    below = 0.0
    for span, probability in zip(reversed(node.sentences), reversed(probabilities), strict=True):
        text = span.of(document.text)
        if span in headings:
            reduced.append(max(UNLIKELY, min(probability, HEADING_SHARE * below)))
            continue
        factor = CONTENTS_DISCOUNT if _is_contents(text) or _MARKS.fullmatch(text) else 1.0
        reduced.append(factor * probability)
        below = max(below, reduced[-1])
    return reduced[::-1]


def heads_above(hierarchy: Hierarchy, node_ids: Collection[str]) -> dict[Place, tuple[Place, ...]]:
    """Return the heads above each row of some passages, and the title of the row's group.

    They may stand in other passages.
    """
    found: dict[Place, tuple[Place, ...]] = {}
    for document_id, group in groupby(hierarchy.level(PASSAGE), key=lambda node: node.document_id):
        passages = list(group)
        document = hierarchy.document(document_id)
        read_to = -1
        reader = _TableReader(document)
        for position in (index for index, node in enumerate(passages) if node.id in node_ids):
            start = _table_start(document, passages, position, read_to + 1)
            if start > read_to + 1:
                reader = _TableReader(document)
            for index in range(start, position):
                reader.read(passages[index])
            found |= reader.read(passages[position])
            read_to = position
    return found


def _table_start(document: Document, passages: Sequence[Node], position: int, first: int) -> int:
    """Return the place, from `first` on, of the passage in which the table begins that a passage goes on with.

    The passage before the table is read too, because it may end with a line that gives the unit.
    """
    while position > first and _ends_in_table(document, passages[position - 1]):
        position -= 1
    return max(first, position - 1)


def _ends_in_table(document: Document, node: Node) -> bool:
    """Return whether a table may go on after a passage: no prose follows its last row."""
    for span in reversed(node.sentences):
        text = span.of(document.text)
        if is_row(text):
            return True
        if len(text) > PROSE_LENGTH:
            return False
    return False


@dataclass(slots=True)
class _TableReader:
    """Reads the passages of a document in text order, and finds the heads of their rows."""

    document: Document
    heads: tuple[Place, ...] = ()
    page: int | None = None
    title: tuple[Place, ...] = ()
    """The title of the group of rows, such as "Current assets:"."""
    row: str = ""
    """The last row since the heads, if there is one."""
    is_inside: bool = False
    """Whether the sentence before is a row."""
    follows_names: bool = False
    """Whether the sentence before is a head of column names."""
    end: int = 0

    def read(self, node: Node) -> dict[Place, tuple[Place, ...]]:
        """Return the heads of each row of a passage, and the title of its group."""
        found = {}
        texts = [span.of(self.document.text) for span in node.sentences]
        for index, (span, text) in enumerate(zip(node.sentences, texts, strict=True)):
            below = texts[index + 1] if index + 1 < len(texts) else ""
            page = self.document.page_at(span.start)
            if page != self.page and not self._goes_on(text):
                self._end_table()
            place = (node.id, index)
            is_head = self._is_head(text, span.start, below)
            if is_head:
                # Heads that follow each other belong to one table. A head after a row begins another table.
                self.heads = (place,) if self.row else (*self.heads, place)[-HEADS:]
                self.title, self.row, self.is_inside = (), "", False
            elif is_row(text):
                found[place] = self.heads + self.title
                self._read_row(place, text)
            else:
                self._read_line(place, text)
            self.page, self.end = page, span.end
            self.follows_names = is_head and is_row(text) and names_columns(text)
        return found

    def _end_table(self) -> None:
        self.heads, self.title, self.row, self.is_inside = (), (), "", False

    def _read_row(self, place: Place, text: str) -> None:
        """Read a row that is no head."""
        if is_rule(text):
            self.is_inside = False
            return
        self.row, self.is_inside = text, True
        filled = [cell for cell in cells(text) if cell]
        if len(filled) == 1 and is_name(filled[0]):
            self.title = (place,)

    def _read_line(self, place: Place, text: str) -> None:
        """Read a line without cells: the title of a group of rows, or prose, which ends the table."""
        self.is_inside = False
        if len(text) > PROSE_LENGTH:
            self._end_table()
        elif self.heads or self.row:
            self.title = (place,)

    def _goes_on(self, text: str) -> bool:
        """Return whether the first sentence of a page goes on with the table of the page before: it is like its row."""
        is_like = "\t" in text and text.count("\t") == self.row.count("\t")
        return is_like and not names_periods(text) and not names_columns(text)

    def _is_head(self, text: str, start: int, below: str) -> bool:
        """Return whether a sentence is a head by its form and its place.

        Names are the head of a table at its top: after no row, after a blank line, or in another number of columns. A
        second line of names belongs to the head only if figures stand below it, since a table may consist of words.
        """
        if not is_row(text):
            return names_periods(text)
        if not self.is_inside:
            may_be_names = not self.follows_names or any(map(is_figure, cells(below)[1:]))
            return names_periods(text) or (may_be_names and names_columns(text))
        filled = [bool(cell) for cell in cells(text)]
        if sum(filled) < 2:  # the title of a group of rows
            return False
        before = cells(self.row)
        follows_blank = self.document.text.count("\n", self.end, start) > 1
        is_apart = not self.heads or follows_blank or len(filled) != len(before)
        is_top = is_apart and all(filled) and any(map(is_figure, before[1:]))
        return names_periods(text) or (is_top and names_columns(text))
