"""The results of a run: a context, an answer, and every value that led to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hiercomp.types.documents import LEVEL_NAMES, SECTION, Hierarchy, Span
from hiercomp.types.plans import Plan
from hiercomp.types.selection import Allocation, Budget, Detail, Evidence, Ladder, Ranking

STAGES = ("load", "index", "plan", "retrieve", "allocate", "render", "reason")
"""The stages of a run, in order."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a document in a context.

    `text` equals `document.text[span]`, unless `detail` is `written`: then a model wrote it, and `spans` are the
    stretches of the document that it was made from. Otherwise `spans` are the part's sentences. `values` holds the
    expected evidence of each span. `mark` is the number by which an answer cites the part.
    `last_page` is set only if a model wrote the part from several pages; `page` is then the first. `label` is the
    number that is printed on `page`, if it differs.
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
    last_page: int | None = None
    label: str | None = None

    @property
    def value(self) -> float:
        """The expected evidence in the part."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The input of a reader: the messages, and the question and the parts that the messages were made from."""

    messages: tuple[Message, ...]
    question: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """The output of a reader. The token counts are the server's own if it reports them.

    `warnings` tell the caller about doubts, for example that a server read less than was sent.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    model: str
    stop_reason: Literal["stop", "length"] = "stop"
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that an answer cites. `supported` tells whether the page states the claim's figures and names.

    `label` is the number that is printed on the page, if it differs from `page`.
    """

    mark: int
    document: str
    page: int | None
    quote: str
    claim: str
    supported: bool
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The cost of one run.

    `seconds` are wall seconds by stage and `cpu_seconds` core-seconds. `encode` is a part of the other stages.
    Runs that are active at the same time share the process's core-seconds equally. `source_tokens` is the size of
    the whole input. `encoded` counts the texts that the encoder read for this run, and `neural_tokens` their tokens.
    `peak_bytes` is the most memory that the process ever held. `plan_prompt_tokens`, `plan_completion_tokens` and
    `plan_usd` are the cost of the calls that wrote the plan; their time is the stage `plan`. `usd` is the price of all
    calls, the plan's included. `usd`, `plan_usd`, `wh` (an estimate) and `peak_bytes` are None if they are unknown.
    `warnings` also name the files that were skipped (`Hierarchy.skipped`) and what loaders left out (`.omitted`).
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
    plan_prompt_tokens: int = 0
    plan_completion_tokens: int = 0
    plan_usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Context:
    """The compressed input. `text` is exactly what a reader is given; `str(context)` is the same.

    `token_count` counts the whole `text`.
    """

    text: str
    token_count: int
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def tokens_by_level(self) -> tuple[tuple[str, int], ...]:
        """The tokens of each level. Headings, addresses and line breaks count as the sections'."""
        levels = dict.fromkeys(range(len(LEVEL_NAMES)), 0)
        for part in self.parts:
            levels[part.level] += part.tokens
        levels[SECTION] += self.token_count - sum(levels.values())
        return tuple((LEVEL_NAMES[level], tokens) for level, tokens in levels.items())


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one call computed, in the order in which it was computed.

    `rankings` has one ranking for each need of the plan, and `ranking` joins them. If the document fits whole, nothing
    is planned or ranked: these fields and `ladders` are empty, and `allocation` shows every passage.
    """

    question: str
    hierarchy: Hierarchy
    plan: Plan
    rankings: tuple[Ranking, ...]
    ranking: Ranking
    evidence: Evidence
    ladders: Mapping[str, Ladder]
    budget: Budget
    allocation: Allocation
    context: Context
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, its checked citations, and the run that led to it. `str(answer)` is its text.

    `uncited` lists the claims that cite nothing and whose figures or names the context does not state.
    """

    text: str
    citations: tuple[Citation, ...]
    completion: Completion
    run: Run
    uncited: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    @property
    def context(self) -> Context:
        """The context that the reader was given."""
        return self.run.context

    @property
    def ledger(self) -> Ledger:
        """The cost of the run, including the reader's call."""
        return self.run.ledger
