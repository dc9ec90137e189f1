"""Compute recall over budget, the area under it, differences of areas, and the tokens for 90 % of full recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.metrics import statistics
from eval.summary.comparison import SUBJECT, Comparison, Entry, Ground, narrow, scores
from eval.summary.estimates import Estimate, difference, estimate, over_sets

NEARLY = 0.9
"""The share of full-context recall that `need` computes the tokens for."""
FULL = "full"


@dataclass(frozen=True, slots=True)
class Whole:
    """On one dataset, the mean tokens and the recall of a method that takes whole documents."""

    tokens: float
    recall: Estimate


@dataclass(frozen=True, slots=True)
class Difference:
    """The areas of two methods on one dataset, and the paired gain of the first method."""

    set: str
    other: str
    ours: float
    theirs: float
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Curves:
    """Methods on the same grounds. `names` are sorted by mean area; references are listed separately.

    `recalls` are by set, method and budget of the set. `mean_recalls` are by method and budget that all sets have. If
    the subject is there, `differences` are the gains of its area on each other method in each set, and `gains` are the
    gains of its mean area.
    """

    names: tuple[str, ...]
    references: tuple[str, ...]
    grounds: tuple[Ground, ...]
    budgets: tuple[int, ...]
    recalls: Mapping[str, Mapping[str, tuple[Estimate, ...]]]
    mean_recalls: Mapping[str, tuple[Estimate, ...]]
    areas: Mapping[str, Mapping[str, Estimate]]
    mean_areas: Mapping[str, Estimate]
    differences: Mapping[str, Mapping[str, Difference]]
    gains: Mapping[str, Estimate]
    wholes: Mapping[str, Mapping[str, Whole]]


@dataclass(frozen=True, slots=True)
class Need:
    """The tokens that reach nearly the recall of the whole document, or None if no budget reaches it.

    `least` is true if the smallest budget is already enough.
    """

    tokens: float | None
    full_tokens: float
    target: float
    most: int
    least: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times smaller than the document the needed tokens are."""
        return self.full_tokens / self.tokens if self.tokens else None


def measure(comparison: Comparison, entries: Mapping[str, Entry], references: Sequence[str]) -> Curves:
    """Measure every curve of a comparison. References are measured on the questions that they have."""
    grounds = comparison.grounds
    budgets = sorted(set.intersection(*(set(ground.budgets) for ground in grounds))) if grounds else []
    upper = [name for name in references if any(record.budget for record in entries[name].all_records)]
    recalls: dict[str, dict[str, tuple[Estimate, ...]]] = {ground.set: {} for ground in grounds}
    areas: dict[str, dict[str, Estimate]] = {name: {} for name in (*comparison.names, *upper)}
    for ground in grounds:
        for name in areas:
            shared = narrow(ground, entries[name])
            if shared.questions:
                recalls[ground.set][name] = _recalls(entries[name], shared)
                areas[name][ground.set] = estimate(question_areas(entries[name], shared), shared.documents)
    means = {name: over_sets(list(by_set.values())) for name, by_set in areas.items() if by_set}
    apart = _differences(comparison, entries)
    order = sorted(comparison.names, key=lambda name: (-means[name].mean, name)) if grounds else []
    return Curves(
        names=tuple(order),
        references=tuple(name for name in upper if name in means),
        grounds=grounds,
        budgets=tuple(budgets),
        recalls=recalls,
        mean_recalls={name: _mean_recalls(name, grounds, recalls, budgets) for name in means},
        areas=areas,
        mean_areas=means,
        differences=apart,
        gains={name: over_sets([each.gain for each in by_set.values()]) for name, by_set in apart.items()},
        wholes={name: _wholes(entries[name], grounds) for name in references if name not in upper},
    )


def _differences(comparison: Comparison, entries: Mapping[str, Entry]) -> dict[str, dict[str, Difference]]:
    if SUBJECT not in comparison.names or not comparison.grounds:
        return {}
    return {
        name: {ground.set: differ(entries[SUBJECT], entries[name], ground) for ground in comparison.grounds}
        for name in comparison.names
        if name != SUBJECT
    }


def _recalls(entry: Entry, ground: Ground) -> tuple[Estimate, ...]:
    return tuple(estimate(scores(entry, ground, budget), ground.documents) for budget in ground.budgets)


def question_areas(entry: Entry, ground: Ground) -> list[float]:
    """Return the area of each question. Their mean is the area of the mean curve, because an area is a weighted sum."""
    budgets = ground.budgets
    weights = [statistics.area(budgets, [float(other == budget) for other in budgets]) for budget in budgets]
    by_question = zip(*(scores(entry, ground, budget) for budget in budgets), strict=True)
    return [sum(weight * recall for weight, recall in zip(weights, recalls, strict=True)) for recalls in by_question]


def _mean_recalls(
    name: str,
    grounds: Sequence[Ground],
    recalls: Mapping[str, Mapping[str, tuple[Estimate, ...]]],
    budgets: Sequence[int],
) -> tuple[Estimate, ...]:
    having = [ground for ground in grounds if name in recalls[ground.set]]
    return tuple(
        over_sets([recalls[ground.set][name][ground.budgets.index(budget)] for ground in having]) for budget in budgets
    )


def _wholes(entry: Entry, grounds: Sequence[Ground]) -> dict[str, Whole]:
    found = {}
    for ground in (narrow(ground, entry, 0) for ground in grounds):
        if ground.questions:
            recall = estimate(scores(entry, ground, 0), ground.documents)
            found[ground.set] = Whole(_mean_tokens(entry, ground), recall)
    return found


def _mean_tokens(entry: Entry, ground: Ground) -> float:
    records = entry.records[ground.set]
    return sum(records[question, 0].tokens for question in ground.questions) / len(ground.questions)


def differ(ours: Entry, theirs: Entry, ground: Ground) -> Difference:
    """Return the gain of one method over another on a dataset."""
    mine, other = question_areas(ours, ground), question_areas(theirs, ground)
    gain = difference(mine, other, ground.documents)
    return Difference(ground.set, theirs.name, sum(mine) / len(mine), sum(other) / len(other), gain)


def need(entry: Entry, full: Entry, ground: Ground) -> Need | None:
    """Return the tokens for 90 % of the whole document's recall, or None if that recall is unknown or 0."""
    shared = narrow(narrow(ground, entry), full, 0)
    if not shared.questions:
        return None
    target = NEARLY * sum(scores(full, shared, 0)) / len(shared.questions)
    on_budgets = Ground(ground.set, ground.metric, ground.budgets, shared.questions, shared.documents)
    means = [sum(scores(entry, on_budgets, budget)) / len(shared.questions) for budget in ground.budgets]
    if not target:
        return None
    tokens = statistics.tokens_for(ground.budgets, means, target)
    return Need(tokens, _mean_tokens(full, shared), target, ground.budgets[-1], means[0] >= target)
