"""The values of the evaluation, all frozen.

Pages are physical and 1-based, as in `hiercomp.types`; a set that counts from 0 is shifted where it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hiercomp.types import Document, Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that a question needs: its text, and its place where the set gives it."""

    text: str
    span: Span | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question on one document, with what is known of its answer.

    `answers` are alternatives, empty where the set has none. `pages` are the gold pages. `figures` are the numbers
    that the answer states or is computed from, as the gold evidence writes them. `options` and `correct` are the
    letters and texts of a multiple choice and its right letters.
    """

    id: str
    document_id: str
    text: str
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    pages: tuple[int, ...] = ()
    figures: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    correct: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions and the documents that they are asked of, each read when it is needed.

    `digest` is the SHA-256 of the files that the set was read from. `fitted` are the documents that the weights of
    `hiercomp/ranking/evidence.json` were fitted on. `unanswerable` counts the questions that are left out because their
    document does not answer them.
    """

    name: str
    questions: tuple[Question, ...]
    documents: Mapping[str, Callable[[], Document]] = field(repr=False)
    digest: str
    fitted: frozenset[str] = frozenset()
    unanswerable: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """What one method made of one question at one budget: a line of a run.

    `budget` is 0 for a method that takes the whole document. `tokens` are those of the text that the method returned,
    `overrun` those above the budget. `scores` are by metric, None where the metric does not apply. `seconds` and
    `neural_tokens` have the keys `index` (the document, made once) and `query`. With a reader, `answer` is what it
    wrote and `reading_tokens` all tokens of all its calls, in and out.
    """

    set: str
    question: str
    document: str
    budget: int
    tokens: int
    overrun: int
    scores: Mapping[str, float | None]
    seconds: Mapping[str, float]
    neural_tokens: Mapping[str, int]
    answer: str | None = None
    reading_tokens: Mapping[str, int] = field(default_factory=dict)
    usd: float | None = None
    wh: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One method at one commit, with one reader: how it was made, and its records.

    `title` is the method, with reader and strategy where there are. `settings` are what must be the same for records
    to be compared; `environment` is the machine and the versions. `unavailable` says why the method could not run.
    """

    method: str
    commit: str
    title: str
    settings: Mapping[str, object]
    environment: Mapping[str, object]
    records: tuple[Record, ...]
    peak_memory: int | None = None
    unavailable: str | None = None
