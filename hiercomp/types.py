"""The values that flow through the pipeline: frozen, valid once built, identified by content.

Positions are code points into `Document.text`; spans are half-open; pages are physical and 1-based.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

Detail = Literal["title", "summary", "extract", "verbatim"]
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
        """The text that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Page:
    """A physical page: its 1-based number in the file and its span in the document's text."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its depth (1 is the highest), its title, and the span of the heading line.

    The span is empty where an outline names a place in the text but the title is not printed there.
    """

    title: str
    depth: int
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """One input as text with its layout.

    `pages` tile the text where the format has pages and are empty where it has none. `furniture` are repeated
    page headers, footers and page numbers: they stay in the text, so that positions are true, but carry nothing.
    A line with a tab is a table row. `headings` and `furniture` are in text order.
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
        """The 1-based physical page at a position, None where the format has no pages."""
        if not self.pages:
            return None
        return self.pages[bisect_right(self._starts, position) - 1].number


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document at one level of the hierarchy.

    A passage's `sentences` are all its sentences and table rows, furniture left out. An inner node's `sentences` are
    the ones that represent it, and `text` is its summary; for a passage `text` is `document.text[span]`.
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


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Documents and their nodes, parents before children, siblings in document order.

    A level's spans tile their document, and a parent's span is the union of its children's.
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
        """The node that stands for everything."""
        return self.nodes[0]

    def node(self, node_id: str) -> Node:
        """The node with an id."""
        return self._nodes[node_id]

    def document(self, document_id: str) -> Document:
        """The document with an id."""
        return self._documents[document_id]

    def level(self, level: int) -> tuple[Node, ...]:
        """The nodes of a level, in document order."""
        return tuple(node for node in self.nodes if node.level == level)

    def children(self, node: Node) -> Iterator[Node]:
        """A node's children, in document order."""
        return (self._nodes[child_id] for child_id in node.child_ids)


@dataclass(frozen=True, slots=True)
class Source:
    """One retriever's word on a node: its rank, from 1, and its score, higher is better."""

    retriever: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A node that a question found: `probability` that it holds evidence is calibrated by `fusion`, 0 before it.

    `sentences` is how well each of its sentences bears on the question by `interaction`, empty where none was read.
    """

    node_id: str
    score: float
    probability: float = 0.0
    sources: tuple[Source, ...] = ()
    sentences: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits, best first; equal scores are ordered by id."""

    hits: tuple[Hit, ...]

    def __post_init__(self) -> None:
        if len({hit.node_id for hit in self.hits}) != len(self.hits):
            raise ValueError("a ranking names a node twice")

    @classmethod
    def of(cls, hits: Iterable[Hit]) -> Ranking:
        """Hits put in order."""
        return cls(tuple(sorted(hits, key=lambda hit: (-hit.score, hit.node_id))))


@dataclass(frozen=True, slots=True)
class Rendering:
    """One way in which a node may appear.

    `spans` are the sentences and rows shown, in text order; `values` is the expected evidence of each; `tokens` is
    what it costs with its joins; `value` is the sum of `values`. `text` differs from the spans' text only for a summary
    that a model wrote.
    """

    node_id: str
    detail: Detail
    spans: tuple[Span, ...]
    values: tuple[float, ...]
    tokens: int
    text: str | None = None
    value: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.spans) != len(self.values):
            raise ValueError("one value a span")
        if self.tokens < 0:
            raise ValueError("tokens are not negative")
        object.__setattr__(self, "value", sum(self.values))


@dataclass(frozen=True, slots=True)
class Ladder:
    """A node's renderings, cheapest first: each costs more and is worth more than the one before.

    `opening` is the tokens paid once when anything below the node is shown: its heading and address.
    """

    node_id: str
    renderings: tuple[Rendering, ...]
    opening: int = 0

    def __post_init__(self) -> None:
        steps = [(rendering.tokens, rendering.value) for rendering in self.renderings]
        for (tokens, value), (more, greater) in pairwise(steps):
            if tokens >= more or value >= greater:
                raise ValueError(f"the ladder of {self.node_id} does not rise")


@dataclass(frozen=True, slots=True)
class Choice:
    """Why a budget that was left open is what it is: what it `ended` at, what was asked, and all expected evidence."""

    ended: Literal["share", "value", "most", "whole"]
    share: float
    least_value: float
    expected: float


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens of one call: `total` is the limit, `prompt` the fixed text, `answer` the reserve."""

    total: int
    prompt: int
    answer: int
    tokenizer: str
    choice: Choice | None = None

    @property
    def context(self) -> int:
        """What is left for the context."""
        return self.total - self.prompt - self.answer


@dataclass(frozen=True, slots=True)
class Dropped:
    """A node that is not in the context, and why."""

    node_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """What was chosen: a cut of the tree.

    `price` is λ, expected evidence per further token. `bound` is the most that any choice could be worth.
    """

    renderings: tuple[Rendering, ...]
    tokens: int
    tokens_by_level: tuple[tuple[str, int], ...]
    price: float
    value: float
    bound: float
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One unbroken stretch of a document in the context: `text == document.text[span]`.

    `mark` is the number that an answer cites. `spans` and `values` are its sentences and their expected evidence.
    """

    node_id: str
    level: int
    detail: Detail
    document_id: str
    source: str
    page: int | None
    span: Span
    spans: tuple[Span, ...]
    values: tuple[float, ...]
    text: str
    tokens: int
    mark: int

    @property
    def value(self) -> float:
        """Expected evidence."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a reader is given: the messages, and the question and parts that they were made from."""

    messages: tuple[Message, ...]
    question: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What a reader wrote. Token counts are the server's own where it gives them.

    `warnings` are doubts about the call that its caller should see, such as a server that read less than was sent.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    model: str
    stop_reason: Literal["stop", "length"] = "stop"
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that an answer cites: `supported` when the claim's numbers and names occur in the cited part."""

    mark: int
    document: str
    page: int | None
    quote: str
    claim: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a run cost: `usd` and `wh` (an estimate) are None where they are not known.

    `seconds` are wall seconds by stage, `cpu_seconds` those of all cores; `encode` is a part of the stages.
    `source_tokens` is the size of the whole input, `encoded` the number of texts that went through the encoder,
    `neural_tokens` their tokens as far as it tells them apart.
    `peak_bytes` is the most memory that this process held, None where the platform does not tell.
    """

    seconds: tuple[tuple[str, float], ...]
    source_tokens: int
    encoded: int
    model: str | None
    embedding: str | None
    usd: float | None = None
    wh: float | None = None
    warnings: tuple[str, ...] = ()
    cpu_seconds: tuple[tuple[str, float], ...] = ()
    peak_bytes: int | None = None
    neural_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """The compressed input: `text` is exactly what a reader is given; `str(context)` is the same.

    `token_count` counts the whole `text`, never more than `budget.context`.
    """

    question: str
    text: str
    token_count: int
    parts: tuple[Part, ...]
    budget: Budget
    allocation: Allocation
    ledger: Ledger

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, its checked citations, and the whole run that led to it; `str(answer)` is its text.

    `uncited` has the claims, figures or names, that cite nothing and that nothing in the context bears out.
    """

    text: str
    citations: tuple[Citation, ...]
    context: Context
    completion: Completion
    ledger: Ledger
    uncited: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text
