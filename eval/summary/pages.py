"""Count how often contexts show the gold pages, at each budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from eval.summary.comparison import Entry
from eval.types import Record

METRIC = "page_recall"


@dataclass(frozen=True, slots=True)
class PagesShown:
    """The gold pages in the contexts of a method on one set, by budget.

    `touched` is the share of questions whose context has text of a gold page. `recall` is the mean share of the gold
    pages that the context has text of.
    """

    set: str
    name: str
    questions: int
    touched: Mapping[int, float]
    recall: Mapping[int, float]


def pages_shown(methods: Mapping[str, Entry]) -> tuple[PagesShown, ...]:
    """Return the gold pages in the contexts of each method, set by set.

    Methods that have the same set are measured on the questions and budgets that all of them have.
    """
    found = []
    for name in sorted({name for entry in methods.values() for name in entry.records}):
        scored = {method: _scored(entry.records.get(name, {})) for method, entry in methods.items()}
        having = {method: records for method, records in scored.items() if records}
        questions, budgets = _shared(list(having.values()))
        for method, records in having.items() if questions else ():
            at = {budget: [records[question, budget] for question in questions] for budget in budgets}
            found.append(
                PagesShown(
                    set=name,
                    name=method,
                    questions=len(questions),
                    touched={budget: fmean(share > 0 for share in shares) for budget, shares in at.items()},
                    recall={budget: fmean(shares) for budget, shares in at.items()},
                )
            )
    return tuple(found)


def _scored(records: Mapping[tuple[str, int], Record]) -> dict[tuple[str, int], float]:
    """Return the share of gold pages of each question and budget that has one."""
    shares = {key: record.scores.get(METRIC) for key, record in records.items() if record.budget}
    return {key: share for key, share in shares.items() if share is not None}


def _shared(scored: Sequence[Mapping[tuple[str, int], float]]) -> tuple[list[str], list[int]]:
    """Return the questions that all methods have at each budget that all methods have."""
    if not scored:
        return [], []
    budgets = set.intersection(*({budget for _, budget in records} for records in scored))
    keys = set.intersection(*(set(records) for records in scored))
    questions = {question for question, _ in keys}
    return sorted(q for q in questions if all((q, budget) in keys for budget in budgets)), sorted(budgets)
