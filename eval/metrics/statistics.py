"""Intervals and summaries of scores.

Questions on one document stand or fall together, so that the bootstrap draws documents and takes all their questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the bounds of its interval."""

    mean: float
    low: float
    high: float


def bootstrap_interval(
    values: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    seed: int,
    samples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """The mean and its percentile bootstrap interval.

    Args:
        values: One score a question; unscored questions are left out by the caller.
        clusters: The document of each value. Documents are drawn, each with all its values, so that one with more
            questions weighs more. Without labels, and where all are the same, the values themselves are drawn: the
            interval then speaks of other questions on these documents only.
        seed: Seeds the draws; the order of the documents does not matter.
        samples: How often is drawn.
        level: How much of the draws' means the interval holds.

    Raises:
        ValueError: there are no values, or not a label for each.
    """
    if not values:
        raise ValueError("an interval needs a value")
    if clusters is not None and len(clusters) != len(values):
        raise ValueError(f"{len(values)} values, {len(clusters)} clusters")
    members = np.arange(len(values))
    if clusters is not None and len(set(clusters)) > 1:
        members = np.unique(clusters, return_inverse=True)[1]
    sums, sizes = np.bincount(members, weights=values), np.bincount(members)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(samples, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(np.mean(values)), float(low), float(high))


def paired_difference(
    a: Sequence[float],
    b: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    seed: int,
    samples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """The mean of `a - b` over the same questions in the same order, with its interval as `bootstrap_interval` has it.

    Raises:
        ValueError: the two are not of one length, or empty.
    """
    differences = [left - right for left, right in zip(a, b, strict=True)]
    return bootstrap_interval(differences, clusters=clusters, seed=seed, samples=samples, level=level)


def area(budgets: Sequence[float], recalls: Sequence[float]) -> float:
    """The area under recall over the logarithm of the budget, by trapezoids, divided by the range of the logarithm.

    It is the mean recall over budgets that are equally likely at every scale: a constant recall is its own area, and
    so is the recall at a single budget.

    Raises:
        ValueError: there is no budget, one is not above 0 or is there twice, or there is not a recall for each.
    """
    curve = _curve(budgets, recalls)
    if len(curve) == 1:
        return curve[0][1]
    logarithms, heights = np.log([budget for budget, _ in curve]), np.array([recall for _, recall in curve])
    trapezoids = np.diff(logarithms) * (heights[1:] + heights[:-1]) / 2
    return float(trapezoids.sum() / (logarithms[-1] - logarithms[0]))


def tokens_for(budgets: Sequence[float], recalls: Sequence[float], target: float) -> float | None:
    """The tokens at which the curve first reaches a recall, straight between budgets on a logarithmic axis.

    The smallest budget where its recall is enough already, None where no budget's is.

    Raises:
        ValueError: as for `area`.
    """
    curve = _curve(budgets, recalls)
    if curve[0][1] >= target:
        return curve[0][0]
    for (budget, recall), (next_budget, next_recall) in pairwise(curve):
        if next_recall >= target:
            return float(budget * (next_budget / budget) ** ((target - recall) / (next_recall - recall)))
    return None


def _curve(budgets: Sequence[float], recalls: Sequence[float]) -> list[tuple[float, float]]:
    """The points of a curve by rising budget."""
    curve = sorted(zip(budgets, recalls, strict=True))
    if not curve or curve[0][0] <= 0 or len({budget for budget, _ in curve}) < len(curve):
        raise ValueError(f"not the budgets of a curve: {list(budgets)}")
    return curve
