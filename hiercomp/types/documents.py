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
    """A physical page: its number in the file, counted from 1, and its span in the document's text."""

    number: int
    span: Span


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
    A line that contains a tab is a table row. `headings` and `furniture` are in text order.
    """

    text: str
    source: str
    title: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    furniture: tuple[Span, ...] = ()
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
        if not self.pages:
            return None
        return self.pages[bisect_right(self._starts, position) - 1].number


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
class Hierarchy:
    """Documents and their nodes: parents before children, siblings in document order.

    The spans of a level cover their document without gaps. A parent's span is the union of its children's spans.
    """

    documents: tuple[Document, ...]
    nodes: tuple[Node, ...]
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
