"""A mean with its interval: over questions, their differences, and over sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from eval.metrics import statistics

SEED, SAMPLES, LEVEL = 0, 2000, 0.95
EXACT = 1e-9
"""Sums that are equal by hand differ by less."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, the ends of its interval, and how many questions it is of."""

    mean: float
    low: float
    high: float
    questions: int

    @property
    def verdict(self) -> int:
        """For a difference: 1 where all of the interval is above 0, -1 where all is below, else 0."""
        return (self.low > EXACT) - (self.high < -EXACT)


def estimate(values: Sequence[float], documents: Sequence[str]) -> Estimate:
    """The mean over questions; questions on one document are drawn together."""
    found = statistics.bootstrap_interval(values, clusters=documents, seed=SEED, samples=SAMPLES, level=LEVEL)
    return Estimate(found.mean, found.low, found.high, len(values))


def difference(ours: Sequence[float], theirs: Sequence[float], documents: Sequence[str]) -> Estimate:
    """The mean of what each question gains."""
    found = statistics.paired_difference(ours, theirs, clusters=documents, seed=SEED, samples=SAMPLES, level=LEVEL)
    return Estimate(found.mean, found.low, found.high, len(ours))


def over_sets(estimates: Sequence[Estimate]) -> Estimate:
    """The mean over sets, each set counting the same whatever its size.

    The interval follows from those of the sets, which are independent: the squares of their arms add up (MOVER; Zou
    and Donner 2008).
    """
    count = len(estimates)
    mean = sum(each.mean for each in estimates) / count
    below = sqrt(sum((each.mean - each.low) ** 2 for each in estimates)) / count
    above = sqrt(sum((each.high - each.mean) ** 2 for each in estimates)) / count
    return Estimate(mean, mean - below, mean + above, sum(each.questions for each in estimates))
