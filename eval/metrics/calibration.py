"""Whether what is expected is found: probabilities beside outcomes in groups of one size, with intervals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.statistics import Interval, bootstrap_interval

GROUPS = 10
SEED = 0
SHARES = np.linspace(0.0, 1.0, 21) ** 2
"""The bounds of the bars of counts: steps that are equal on an axis of square roots, as most probabilities are small.
"""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """Outcomes of about one probability: `lowest` to `highest`, their mean, the share found, and the difference."""

    count: int
    lowest: float
    highest: float
    expected: float
    found: float
    difference: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Groups by rising probability, and how many outcomes lie between the bounds `SHARES`.

    `likeliest` are the outcomes of the last group in groups again: where few outcomes are likely, it has nearly all.
    """

    groups: tuple[Group, ...]
    likeliest: tuple[Group, ...]
    counts: tuple[int, ...]

    @property
    def greatest(self) -> float:
        """The greatest difference of a group."""
        return max(abs(group.difference.mean) for group in self.groups)

    @property
    def greatest_likely(self) -> float:
        """The greatest difference of a group of the last group."""
        return max(abs(group.difference.mean) for group in self.likeliest)

    @property
    def mean(self) -> float:
        """The mean difference, each group weighted by its size: the expected calibration error."""
        total = sum(group.count for group in self.groups)
        return sum(abs(group.difference.mean) * group.count for group in self.groups) / total


def calibrate(probabilities: Array, outcomes: Array, clusters: Sequence[str]) -> Calibration:
    """Probabilities against outcomes, 0 or 1, in ten groups of one size.

    Args:
        probabilities: (n,) float64.
        outcomes: (n,) float64.
        clusters: What each stands or falls with: intervals draw these.

    Raises:
        ValueError: there are none, or not as many of each.
    """
    if not len(probabilities) == len(outcomes) == len(clusters) > 0:
        raise ValueError(f"{len(probabilities)} probabilities, {len(outcomes)} outcomes, {len(clusters)} clusters")
    order = np.argsort(probabilities, kind="stable")
    counts = np.histogram(probabilities, SHARES)[0]

    def groups(order: NDArray[np.intp]) -> tuple[Group, ...]:
        parts = np.array_split(order, min(GROUPS, len(order)))
        return tuple(_group(probabilities[part], outcomes[part], [clusters[place] for place in part]) for part in parts)

    tenths = groups(order)
    return Calibration(tenths, groups(order[-tenths[-1].count :]), tuple(counts.tolist()))


def _group(probabilities: Array, outcomes: Array, clusters: Sequence[str]) -> Group:
    return Group(
        count=len(probabilities),
        lowest=float(probabilities[0]),
        highest=float(probabilities[-1]),
        expected=float(probabilities.mean()),
        found=float(outcomes.mean()),
        difference=bootstrap_interval((probabilities - outcomes).tolist(), clusters=clusters, seed=SEED),
    )
