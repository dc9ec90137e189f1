"""Compare probabilities with outcomes in groups of equal size, with intervals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.statistics import Interval, bootstrap_interval

GROUPS = 10
SEED = 0
SHARES = np.linspace(0.0, 1.0, 21) ** 2
"""The bounds of the histogram bars, equally spaced on a square-root axis because most probabilities are small."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """Outcomes with similar probabilities: the bounds, mean and found share of the group, and their difference."""

    count: int
    lowest: float
    highest: float
    expected: float
    found: float
    difference: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Groups by rising probability, and the number of outcomes between the bounds `SHARES`.

    `likeliest` divides the last group into groups again. If few outcomes are likely, the last group has nearly all of
    them.
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
        """The greatest difference within the last group."""
        return max(abs(group.difference.mean) for group in self.likeliest)

    @property
    def mean(self) -> float:
        """The expected calibration error: the mean difference, with groups weighted by size."""
        total = sum(group.count for group in self.groups)
        return sum(abs(group.difference.mean) * group.count for group in self.groups) / total


def calibrate(probabilities: Array, outcomes: Array, clusters: Sequence[str]) -> Calibration:
    """Compare probabilities with outcomes (0 or 1) in ten groups of equal size.

    Args:
        probabilities: (n,) float64.
        outcomes: (n,) float64.
        clusters: The cluster of each outcome. Intervals draw whole clusters.

    Raises:
        ValueError: the arguments are empty or differ in length.
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
