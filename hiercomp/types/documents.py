"""Documents and the tree that is built over them.

Positions are code points into `Document.text`. Spans are half-open. Pages are physical and counted from 1.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

PASSAGE, SECTION, DOCUMENT, CORPUS = 0, 1, 2, 3
LEVEL_NAMES = ("passage", "section", "document", "corpus")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the text that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Page:
    """A physical page: its number in the file, counted from 1, and its span in the document's text.

    `label` is the number that is printed on the page, such as "iv", if the file names it and it differs from `number`.
    """

    number: int
    span: Span
    label: str | None = None


def printed(label: str | None) -> str:
    """Return what follows the number of a page with a label, such as ` (printed 3)`. It is empty without a label."""
    return "" if label is None else f" (printed {label})"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its depth (1 is the highest), its title, and the span of its line.

    The span is empty if a PDF outline names the place but the page does not print the title.
    """

    title: str
    depth: int
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """One input: its text and its layout.

    `pages` cover the text without gaps, or are empty if the format has no pages. `furniture` holds the repeated page
    headers, footers and page numbers. They stay in the text so that positions stay true, but they are never shown.
    A line that contains a tab is a table row. Tabs separate its cells, and an empty cell stands between two tabs or at
    an end of the line, so all rows of a table have the same number of tabs. `headings` and `furniture` are in text
    order. `omissions` names everything that the loader had to leave out, one line each, such as "1 chart of slide 3
    (3-D bar)". `attachments` are documents that the file carries, such as the attachments of a mail.
    """

    text: str
    source: str
    title: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    furniture: tuple[Span, ...] = ()
    omissions: tuple[str, ...] = ()
    attachments: tuple[Document, ...] = ()
    id: str = field(init=False)
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(page.span.start for page in self.pages))
        position = 0
        for page in self.pages:
            if page.span.start != position:
                raise ValueError(f"page {page.number} starts at {page.span.start}, not at {position}")
            position = page.span.end
        if self.pages and position != len(self.text):
            raise ValueError(f"pages end at {position}, the text at {len(self.text)}")
        digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        object.__setattr__(self, "id", digest)

    def page_at(self, position: int) -> int | None:
        """Return the number of the page at a position, or None if the format has no pages."""
        page = self._page(position)
        return None if page is None else page.number

    def label_at(self, position: int) -> str | None:
        """Return the label of the page at a position, or None if the page has none."""
        page = self._page(position)
        return None if page is None else page.label

    def pages_of(self, span: Span) -> str:
        """Return the pages of a span, such as `p. 7 (printed 3)` or `pp. 7-9`; nothing if the format has no pages."""
        first, last = self._page(span.start), self._page(max(span.end - 1, span.start))
        if first is None or last is None:
            return ""
        if first is last:
            return f"p. {first.number}{printed(first.label)}"
        has_labels = first.label is not None or last.label is not None
        labels = f"{first.label or first.number}-{last.label or last.number}" if has_labels else None
        return f"pp. {first.number}-{last.number}{printed(labels)}"

    def _page(self, position: int) -> Page | None:
        return self.pages[bisect_right(self._starts, position) - 1] if self.pages else None


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document at one level of the hierarchy.

    For a passage, `text` is `document.text[span]` and `sentences` are all its sentences and table rows without the
    furniture. For a section or a document, `text` is the summary and `sentences` are the sentences that represent it.
    `author` names the model that wrote the summary. It is None if the summary consists of those sentences.
    """

    id: str
    document_id: str
    level: int
    title: str
    span: Span
    text: str
    sentences: tuple[Span, ...]
    parent_id: str | None = None
    child_ids: tuple[str, ...] = ()
    author: str | None = None

    @property
    def search_text(self) -> str:
        """The text by which retrievers find a passage: its headings and its text."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read, and the reason. `format` is None if no installed loader reads it."""

    source: str
    reason: str
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that a loader had to leave out of a document, such as a chart."""

    source: str
    what: str


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Documents and their nodes: parents before children, siblings in document order.

    The spans of a level cover their document without gaps. A parent's span is the union of its children's spans.
    `skipped` names the files among the sources that could not be read.
    """

    documents: tuple[Document, ...]
    nodes: tuple[Node, ...]
    skipped: tuple[Skipped, ...] = ()
    _nodes: dict[str, Node] = field(init=False, repr=False, compare=False)
    _documents: dict[str, Document] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = {node.id: node for node in self.nodes}
        if len(by_id) != len(self.nodes):
            raise ValueError("node ids repeat")
        object.__setattr__(self, "_nodes", by_id)
        object.__setattr__(self, "_documents", {document.id: document for document in self.documents})

    @property
    def root(self) -> Node:
        """The node above all others."""
        return self.nodes[0]

    @property
    def omitted(self) -> tuple[Omission, ...]:
        """Everything that the loaders had to leave out of the documents."""
        return tuple(Omission(document.source, what) for document in self.documents for what in document.omissions)

    def node(self, node_id: str) -> Node:
        """Return the node with this id."""
        return self._nodes[node_id]

    def document(self, document_id: str) -> Document:
        """Return the document with this id."""
        return self._documents[document_id]

    def level(self, level: int) -> tuple[Node, ...]:
        """Return the nodes of a level in document order."""
        return tuple(node for node in self.nodes if node.level == level)

    def children(self, node: Node) -> Iterator[Node]:
        """Yield a node's children in document order."""
        return (self._nodes[child_id] for child_id in node.child_ids)
