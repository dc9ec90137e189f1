"""Compute intervals and summaries of scores.

The scores of questions on the same document are correlated, so the bootstrap draws documents with all their questions.
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
    """Return the mean and its percentile bootstrap interval.

    Args:
        values: One score for each question, without unscored questions.
        clusters: The document of each value. Whole documents are drawn, so documents with more questions weigh more.
            Without clusters, or if all are equal, single values are drawn. Then the interval covers only other
            questions on these documents.
        seed: The seed of the draws. The order of the documents does not matter.
        samples: The number of draws.
        level: The share of the draws' means that the interval contains.

    Raises:
        ValueError: there are no values, or the number of clusters differs from the number of values.
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
    """Return the mean of `a - b` over the same questions in the same order, with the interval of `bootstrap_interval`.

    Raises:
        ValueError: the two are empty or differ in length.
    """
    differences = [left - right for left, right in zip(a, b, strict=True)]
    return bootstrap_interval(differences, clusters=clusters, seed=seed, samples=samples, level=level)


def area(budgets: Sequence[float], recalls: Sequence[float]) -> float:
    """Return the area under recall over the logarithm of the budget, divided by the range of the logarithm.

    The area is computed by trapezoids. It is the mean recall over budgets that are equally likely at every scale. A
    constant recall is its own area, and so is the recall at a single budget.

    Raises:
        ValueError: there is no budget, a budget is not above 0 or repeats, or the numbers of recalls and budgets
        differ.
    """
    curve = _curve(budgets, recalls)
    if len(curve) == 1:
        return curve[0][1]
    logarithms, heights = np.log([budget for budget, _ in curve]), np.array([recall for _, recall in curve])
    trapezoids = np.diff(logarithms) * (heights[1:] + heights[:-1]) / 2
    return float(trapezoids.sum() / (logarithms[-1] - logarithms[0]))


def tokens_for(budgets: Sequence[float], recalls: Sequence[float], target: float) -> float | None:
    """Return the tokens at which the curve first reaches a recall.

    Between budgets the curve is straight on a logarithmic axis.

    The result is the smallest budget if its recall is already enough, and None if no budget reaches it.

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
    """Return the points of a curve by rising budget."""
    curve = sorted(zip(budgets, recalls, strict=True))
    if not curve or curve[0][0] <= 0 or len({budget for budget, _ in curve}) < len(curve):
        raise ValueError(f"not the budgets of a curve: {list(budgets)}")
    return curve
