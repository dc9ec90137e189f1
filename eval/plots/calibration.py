"""Draw expected evidence against found evidence, with one panel for each set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from eval.metrics.calibration import SHARES, Array, Calibration, Group
from eval.plots._style import COLOURS, NOTE, OTHER, REFERENCE, SUBJECT_COLOUR, WIDTH, figure_of, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICKS = (0.0, 0.05, 0.25, 0.5, 1.0)
BARS = 3.0
"""The highest bar takes a third of a panel: 1 / `BARS`."""


def calibration(by_set: Mapping[str, Calibration], allowed: float) -> bytes:
    """Draw the groups of each set. A group on the diagonal is calibrated; the band shows the allowed difference.

    Hollow points divide the last group. Both axes show square roots, because most sentences are no evidence and have
    probabilities near 0.
    """
    columns = min(4, len(by_set))
    rows = -(-len(by_set) // columns)
    with figure_of(WIDTH, 0.75 + 2.1 * rows) as figure:
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True).flat
        # The sets come first in `zip`, so that no panel is taken from the iterator when they end.
        for (name, found), axes in zip(by_set.items(), panels, strict=False):
            _panel(axes, found, allowed)
            axes.set_title(name, fontsize=8.5 if len(name) < 24 else 7)
            axes.set_xlabel(f"greatest {found.greatest:.3f}, mean {found.mean:.3f}", fontsize=7.5, color=NOTE)
        for axes in list(panels):
            axes.remove()
        figure.supxlabel("expected: mean probability of a group of sentences", fontsize=9)
        figure.supylabel("found: share that is gold", fontsize=9)
        return png(figure)


def _panel(axes: Axes, found: Calibration, allowed: float) -> None:
    _counts(axes, found)
    line = np.linspace(0.0, 1.0, 201)
    axes.fill_between(
        line, np.maximum(line - allowed, 0), np.minimum(line + allowed, 1), color=COLOURS[0], alpha=0.15, lw=0
    )
    axes.plot(line, line, color=REFERENCE, lw=0.8, ls=(0, (4, 2)), zorder=2)
    _points(axes, found.likeliest, face="white", size=3, order=3)
    _points(axes, found.groups, face=SUBJECT_COLOUR, size=4.5, order=4)
    for scale in (axes.set_xscale, axes.set_yscale):
        scale("function", functions=(_root, np.square))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    labels = [f"{tick:g}" for tick in TICKS]
    axes.set_xticks(TICKS, labels)
    axes.set_yticks(TICKS, labels)


def _points(axes: Axes, groups: Sequence[Group], *, face: str, size: float, order: int) -> None:
    """Draw groups with the intervals of their found share, which is the expected share minus the difference."""
    arms = [
        [max(0.0, group.difference.high - group.difference.mean) for group in groups],
        [max(0.0, group.difference.mean - group.difference.low) for group in groups],
    ]
    axes.errorbar(
        [group.expected for group in groups], [group.found for group in groups], arms, fmt="o", ms=size, mfc=face,
        color=SUBJECT_COLOUR, elinewidth=0.8, zorder=order, clip_on=False,
    )  # fmt: skip


def _root(values: Array) -> Array:
    """Return square roots. The axis also passes values below 0, which become 0."""
    roots: Array = np.sqrt(np.maximum(values, 0.0))
    return roots


def _counts(axes: Axes, found: Calibration) -> None:
    """Draw bars with the number of sentences at each probability, on a hidden logarithmic axis."""
    bars = axes.twinx()
    bars.bar(SHARES[:-1], found.counts, np.diff(SHARES), align="edge", color=OTHER, edgecolor="white", lw=0.4)
    bars.set_yscale("log")
    bars.set_ylim(0.5, 0.5 * (2 * max(found.counts)) ** BARS)
    bars.set_axis_off()
    axes.set_zorder(bars.get_zorder() + 1)
    axes.patch.set_visible(False)
