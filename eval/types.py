"""The values of the evaluation. All are frozen.

Pages are physical and counted from 1, as in `hiercomp.types`. Page numbers of sets that count from 0 are shifted when
the set is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hiercomp.types import Document, Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of text that a question needs, and its place in the document if the set gives it."""

    text: str
    span: Span | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question on one document, and the known facts about its answer.

    `answers` are alternatives; they are empty if the set has none. `pages` are the gold pages. `figures` are the
    numbers that the answer states or is computed from, as the gold evidence writes them. For multiple choice, `options`
    are the letters and texts, and `correct` are the right letters. `plan` holds the search lines that a run with plans
    gives to every method.
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
    plan: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The question and the lines of its plan, as one query. A method that takes one query searches for this."""
        return "\n".join((self.text, *self.plan))


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions and their documents. Each document is read when it is needed.

    `digest` is the SHA-256 of the set's files. `fitted` are the documents that the weights of
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
    """The result of one method for one question at one budget: a line of a run.

    `budget` is 0 for a method that takes the whole document. `tokens` counts the text that the method returned, and
    `overrun` its tokens above the budget. `scores` are by metric; None means that the metric does not apply. `seconds`
    and `neural_tokens` have the keys `index` (once for the document) and `query`. With a reader, `answer` is its
    answer, and `reading_tokens` are all tokens of all its calls, in and out.
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
    """The records of one method at one commit, with one reader, and how they were made.

    `title` is the method's name, with `+plans` if the questions had plans, and with the reader and the strategy if
    there is a reader. Records can be compared if their `settings` are equal. `environment` describes the machine and
    the versions. `unavailable` is the reason why the method could not run.
    """

    method: str
    commit: str
    title: str
    settings: Mapping[str, object]
    environment: Mapping[str, object]
    records: tuple[Record, ...]
    peak_memory: int | None = None
    unavailable: str | None = None
