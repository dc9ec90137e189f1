"""Make runs by hand for the tests of the report."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.types import Record, Run

BUDGETS = (100, 1000, 10000)
RISING = (0.0, 0.5, 1.0)
ENVIRONMENT = {"processor": "a processor", "cores": 2, "python": "3.11", "packages": {"numpy": "2.0"}}
SETTINGS = {
    "tokenizer": "o200k_base", "encoder": "minilm", "seed": 0, "parameters": {}, "reader": None,
    "sample": {"questions": None, "documents": None, "left_out": {"papers": {"fitted": 3, "unanswerable": 2}}},
    "datasets": {"papers": "ab" * 32, "filings": "cd" * 32},
}  # fmt: skip


def record(question: int, budget: int, score: float | None = 0.5, **fields: Any) -> Record:
    """Make a record. Two questions share a document, and the score is evidence recall."""
    scores = fields.pop("scores", {}) if score is None else {"evidence_recall": score, **fields.pop("scores", {})}
    given = {
        "set": "papers", "question": f"q{question:03}", "document": f"d{question // 2:02}", "budget": budget,
        "tokens": budget, "overrun": 0, "seconds": {"index": 1.0, "query": 0.1},
        "neural_tokens": {"index": 1000, "query": 10},
    }  # fmt: skip
    return Record(**{**given, **fields, "scores": scores})


def curve(recalls: Sequence[float] = RISING, questions: Sequence[int] = range(10), **fields: Any) -> tuple[Record, ...]:
    """Make records with the same recalls over `BUDGETS` for every question."""
    return tuple(
        record(each, budget, recall, **fields)
        for each in questions
        for budget, recall in zip(BUDGETS, recalls, strict=True)
    )


def whole(tokens: int, questions: Sequence[int] = range(10), **fields: Any) -> tuple[Record, ...]:
    """Make records of a method that takes whole documents and finds everything."""
    return tuple(record(each, 0, 1.0, tokens=tokens, **fields) for each in questions)


def run(method: str, *records: Record, settings: Mapping[str, object] | None = None, **fields: Any) -> Run:
    """Make a run of a method."""
    given = {"method": method, "commit": "abc1234", "title": method, "environment": ENVIRONMENT, "peak_memory": 10**8}
    return Run(**{**given, **fields}, settings={**SETTINGS, **(settings or {})}, records=records)


def reading(method: str, strategy: str, *records: Record) -> Run:
    """Make a run with a reader."""
    reader = {"model": "local/0.5b", "strategy": strategy}
    return run(method, *records, settings={"reader": reader}, title=f"{method}+local/0.5b+{strategy}")
