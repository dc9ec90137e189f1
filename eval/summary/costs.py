"""Compute the costs of methods (time, memory, model tokens, use of the budget) and their further metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from eval.summary.comparison import Entry, Ground
from eval.types import Record

FURTHER = (
    "page_recall", "page_recall_30", "figure_recall", "answer_in_context", "rare_word_recall", "evidence_precision",
)  # fmt: skip

Mean = tuple[float, int]
"""A mean and the number of its questions."""


@dataclass(frozen=True, slots=True)
class Time:
    """Median seconds to index a document and to answer a question, and the peak memory of a run in bytes."""

    name: str
    documents: int
    questions: int
    index_seconds: float
    query_seconds: float
    peak_memory: int | None


@dataclass(frozen=True, slots=True)
class Work:
    """Median model tokens for a document and for a question."""

    index_tokens: float
    query_tokens: float


@dataclass(frozen=True, slots=True)
class Overrun:
    """How well a method keeps to its budget: how often and how far it exceeds it, and how much of it it uses.

    `worst_share` is the worst excess as a share of the budget. `fills` are the mean used shares by budget, over
    documents that have more tokens than the budget.
    """

    name: str
    records: int
    over: int
    worst_tokens: int
    worst_share: float
    fills: Mapping[int, float]


def time(entry: Entry) -> Time:
    """Return the time and the memory of a method."""
    documents, questions = _once(entry)
    peaks = [run.peak_memory for run in entry.runs if run.peak_memory]
    return Time(
        name=entry.name,
        documents=len(documents),
        questions=len(questions),
        index_seconds=median(record.seconds["index"] for record in documents),
        query_seconds=median(record.seconds["query"] for record in questions),
        peak_memory=max(peaks, default=None),
    )


def work(entry: Entry) -> Work:
    """Return the model tokens of a method."""
    documents, questions = _once(entry)
    return Work(
        index_tokens=median(record.neural_tokens["index"] for record in documents),
        query_tokens=median(record.neural_tokens["query"] for record in questions),
    )


def _once(entry: Entry) -> tuple[list[Record], list[Record]]:
    """Return one record for each document and for each question. The smallest budget is used, to be the same later."""
    documents: dict[tuple[str, str], Record] = {}
    questions: dict[tuple[str, str], Record] = {}
    for record in sorted(
        entry.all_records, key=lambda record: (record.set, record.document, record.question, record.budget)
    ):
        documents.setdefault((record.set, record.document), record)
        questions.setdefault((record.set, record.question), record)
    return list(documents.values()), list(questions.values())


def overrun(entry: Entry, sizes: Mapping[tuple[str, str], int]) -> Overrun:
    """Return how well a method keeps to its budgets. `sizes` are the known document sizes in tokens."""
    records = [record for record in entry.all_records if record.budget]
    filled: dict[int, list[float]] = {record.budget: [] for record in sorted(records, key=lambda record: record.budget)}
    for record in records:
        if sizes.get((record.set, record.document), record.budget + 1) > record.budget:
            filled[record.budget].append(record.tokens / record.budget)
    return Overrun(
        name=entry.name,
        records=len(records),
        over=sum(record.overrun > 0 for record in records),
        worst_tokens=max(record.overrun for record in records),
        worst_share=max(record.overrun / record.budget for record in records),
        fills={budget: sum(shares) / len(shares) for budget, shares in filled.items() if shares},
    )


def sizes(full: Entry | None) -> dict[tuple[str, str], int]:
    """Return the tokens of each document, from the method that takes whole documents."""
    return {(record.set, record.document): record.tokens for record in full.all_records} if full else {}


def further(entry: Entry, grounds: Sequence[Ground]) -> dict[int, dict[str, Mean]]:
    """Return the mean of each further metric by budget, over the questions that it applies to.

    The budget 0 stands for the whole document.
    """
    by_budget: dict[int, list[Record]] = {}
    for ground in grounds:
        records, questions = entry.records.get(ground.set, {}), set(ground.questions)
        for (question, budget), record in sorted(records.items()):
            if question in questions and budget in (0, *ground.budgets):
                by_budget.setdefault(budget, []).append(record)
    return {budget: _means(by_budget[budget]) for budget in sorted(by_budget)}


def _means(records: Iterable[Record]) -> dict[str, Mean]:
    found: dict[str, list[float]] = {}
    for record in records:
        for name in FURTHER:
            score = record.scores.get(name)
            if score is not None:
                found.setdefault(name, []).append(score)
    return {name: (sum(found[name]) / len(found[name]), len(found[name])) for name in FURTHER if name in found}
