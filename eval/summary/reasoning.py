"""Compare a reader's answers with all tokens they cost: reading, asking, and the question's share of indexing.

Source: "Reasoning in Token Economies" (2406.06461), which compares strategies at equal cost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from eval.summary.comparison import Entry, compare, split
from eval.summary.estimates import Estimate, estimate
from eval.types import Record, Run

SCORE = "answer_score"
DECIDING = ("choice_accuracy", "number_match", "token_f1")
"""The metrics that can be the answer score. Each question uses the first one that applies."""
ANSWER_METRICS = ("exact_match", "token_f1", "number_match", "choice_accuracy")


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers of a reader from the contexts of a method at one budget (0 for the whole document).

    Tokens are means for a question. `reading` are the tokens of the reader's calls, in and out. `asking` and `indexing`
    are the tokens that the method's own models read; `indexing` is divided among the questions on the document. `usd`
    and `wh` are None unless they are known for every question. `shared` tells whether the questions are those of the
    other rows.
    """

    title: str
    method: str
    strategy: str
    budget: int
    score: Estimate
    metrics: Mapping[str, tuple[float, int]]
    reading: float
    asking: float
    indexing: float
    usd: float | None
    wh: float | None
    shared: bool

    @property
    def tokens(self) -> float:
        """All tokens."""
        return self.reading + self.asking + self.indexing


def answered(runs: Sequence[Run]) -> tuple[Answered, ...]:
    """Return one line for each run with a reader and each budget, on the questions that nearly all runs answered."""
    entries = [_entry(run) for run in runs if any(record.answer is not None for record in run.records)]
    entries = sorted((entry for entry in entries if entry.records), key=lambda entry: entry.name)
    metrics = {name: SCORE for name in sorted({name for entry in entries for name in entry.records})}
    complete, _ = split([entry for entry in entries if not entry.is_reference], metrics)
    grounds = compare(complete, metrics).grounds
    compared = {(ground.set, question) for ground in grounds for question in ground.questions}
    if not compared and entries:
        compared = set.intersection(*({(r.set, r.question) for r in entry.all_records} for entry in entries))
    return tuple(line for entry in entries for line in _lines(entry, compared))


def _entry(run: Run) -> Entry:
    records: dict[str, dict[tuple[str, int], Record]] = defaultdict(dict)
    for record in run.records:
        score = next((found for name in DECIDING if (found := record.scores.get(name)) is not None), None)
        if record.answer is not None and score is not None:
            records[record.set][record.question, record.budget] = replace(
                record, scores={**record.scores, SCORE: score}
            )
    return Entry(run.title, (run,), records)


def _lines(entry: Entry, compared: Set[tuple[str, str]]) -> list[Answered]:
    """Return the lines of a run: on the compared questions that it has, or on all its questions if it has none."""
    shares = _questions_by_document(entry)
    lines = []
    for budget in sorted({record.budget for record in entry.all_records}):
        records = [record for record in entry.all_records if record.budget == budget]
        kept = [record for record in records if (record.set, record.question) in compared]
        shared = bool(kept) and len(kept) == len(compared)
        lines.append(_line(entry.runs[0], kept or records, shares, shared=shared))
    return lines


def _questions_by_document(entry: Entry) -> Counter[tuple[str, str]]:
    """Count the questions that share the indexing of each document."""
    questions = {(record.set, record.document, record.question) for record in entry.all_records}
    return Counter((name, document) for name, document, _ in questions)


def _line(run: Run, records: Sequence[Record], shares: Mapping[tuple[str, str], int], *, shared: bool) -> Answered:
    def mean(value: Callable[[Record], float]) -> float:
        return sum(map(value, records)) / len(records)

    scores = [record.scores[SCORE] or 0.0 for record in records]
    return Answered(
        title=run.title,
        method=run.method,
        strategy=_strategy(run),
        budget=records[0].budget,
        score=estimate(scores, [f"{record.set}/{record.document}" for record in records]),
        metrics=_metrics(records),
        reading=mean(lambda record: sum(record.reading_tokens.values())),
        asking=mean(lambda record: record.neural_tokens["query"]),
        indexing=mean(lambda record: record.neural_tokens["index"] / shares[record.set, record.document]),
        usd=_known([record.usd for record in records]),
        wh=_known([record.wh for record in records]),
        shared=shared,
    )


def _strategy(run: Run) -> str:
    reader = run.settings.get("reader")
    return str(reader.get("strategy", "")) if isinstance(reader, Mapping) else ""


def _metrics(records: Sequence[Record]) -> dict[str, tuple[float, int]]:
    """Return the mean of each metric and the number of questions that it applies to."""
    found = {}
    for name in ANSWER_METRICS:
        values = [value for record in records if (value := record.scores.get(name)) is not None]
        if values:
            found[name] = (sum(values) / len(values), len(values))
    return found


def _known(values: Sequence[float | None]) -> float | None:
    """Return the mean, or None if a value is unknown."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None
