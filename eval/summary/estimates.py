"""Means with intervals: over questions, over differences of questions, and over sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from eval.metrics import statistics

SEED, SAMPLES, LEVEL = 0, 2000, 0.95
EXACT = 1e-9
"""The rounding error below which sums count as equal."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, its interval, and the number of its questions."""

    mean: float
    low: float
    high: float
    questions: int

    @property
    def verdict(self) -> int:
        """The sign of a difference: 1 if the whole interval is above 0, -1 if it is below 0, else 0."""
        return (self.low > EXACT) - (self.high < -EXACT)


def estimate(values: Sequence[float], documents: Sequence[str]) -> Estimate:
    """Return the mean over questions. Questions on the same document are drawn together."""
    found = statistics.bootstrap_interval(values, clusters=documents, seed=SEED, samples=SAMPLES, level=LEVEL)
    return Estimate(found.mean, found.low, found.high, len(values))


def difference(ours: Sequence[float], theirs: Sequence[float], documents: Sequence[str]) -> Estimate:
    """Return the mean gain of the questions."""
    found = statistics.paired_difference(ours, theirs, clusters=documents, seed=SEED, samples=SAMPLES, level=LEVEL)
    return Estimate(found.mean, found.low, found.high, len(ours))


def over_sets(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean over sets. Each set counts the same, whatever its size.

    The sets are independent, so the squares of their interval arms add up.

    Source: MOVER (Zou and Donner 2008).
    """
    count = len(estimates)
    mean = sum(each.mean for each in estimates) / count
    below = sqrt(sum((each.mean - each.low) ** 2 for each in estimates)) / count
    above = sqrt(sum((each.high - each.mean) ** 2 for each in estimates)) / count
    return Estimate(mean, mean - below, mean + above, sum(each.questions for each in estimates))
