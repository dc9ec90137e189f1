"""Draw results against costs: areas over seconds, and answer scores over tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eval.plots._style import COLOURS, MARKERS, NOTE, OTHER, SUBJECT_COLOUR, WIDTH, Look, figure_of, looks, png
from eval.summary import Summary
from eval.summary.comparison import SUBJECT
from eval.summary.estimates import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OFFSETS = (
    (9, 0), (9, 9), (9, -9), (-9, 0), (-9, 9), (-9, -9), (0, 13), (0, -13),
    (-9, 24), (-9, -24), (-9, 36), (-9, -36), (9, 24), (9, -24), (9, 36), (9, -36),
)  # fmt: skip
"""Positions of a name in points from its point. The first free position is used."""


LINES = ("-", "--", ":", "-.")


def time_and_area(summary: Summary) -> bytes:
    """Draw the mean area of each method over the seconds for a document and a question."""
    curves, times = summary.main, {time.name: time for time in summary.times}
    with figure_of(WIDTH, 3.8) as figure:
        axes = figure.subplots()
        highlighted = looks(curves)
        labels = []
        for name in curves.names:
            look = highlighted.get(name, Look(OTHER, "o"))
            seconds = times[name].index_seconds + times[name].query_seconds
            _point(axes, seconds, curves.mean_areas[name], look)
            labels.append((seconds, curves.mean_areas[name], name, look.colour if name in highlighted else NOTE))
        _logarithmic(axes)
        axes.set_xlabel("seconds to index a document and to ask one question (medians)")
        axes.set_ylabel("mean area under recall")
        axes.margins(x=0.15, y=0.12)
        figure.draw_without_rendering()
        _label_points(axes, labels)
        return png(figure)


def reasoning(summary: Summary) -> bytes:
    """Draw answer scores over all tokens of a question. Colours show methods, and line styles show strategies."""
    methods = list(dict.fromkeys(line.method for line in summary.answered))
    methods.sort(key=lambda name: name != SUBJECT)
    strategies = sorted({line.strategy for line in summary.answered}, key=lambda name: (name != "direct", name))
    with figure_of(WIDTH, 4.2) as figure:
        axes = figure.subplots()
        for title in dict.fromkeys(line.title for line in summary.answered):
            lines = [line for line in summary.answered if line.title == title]
            place = strategies.index(lines[0].strategy)
            colours = (SUBJECT_COLOUR, *COLOURS)
            look = Look(colours[methods.index(lines[0].method) % len(colours)], MARKERS[place % len(MARKERS)])
            for line in lines:
                _point(axes, line.tokens, line.score, look)
            axes.plot(
                [line.tokens for line in lines], [line.score.mean for line in lines], LINES[place % len(LINES)],
                color=look.colour, marker=look.marker, ms=5, label=title,
            )  # fmt: skip
        _logarithmic(axes)
        axes.set_ylim(0, min(1, axes.get_ylim()[1]) + 0.02)
        axes.set_xlabel("all tokens a question: reading, asking, and its share of indexing")
        axes.set_ylabel("answer score")
        figure.legend(loc="outside right upper")
        return png(figure)


def _point(axes: Axes, place: float, estimate: Estimate, look: Look) -> None:
    arms = [[estimate.mean - estimate.low], [estimate.high - estimate.mean]]
    axes.errorbar(place, estimate.mean, arms, fmt=look.marker, ms=6, color=look.colour, elinewidth=1, zorder=look.order)


def _logarithmic(axes: Axes) -> None:
    """Set a logarithmic axis with plain numbers at its ticks."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0) if high < 100 * low else (1.0,)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))


def _label_points(axes: Axes, labels: Sequence[tuple[float, Estimate, str, str]]) -> None:
    """Write the names of points. Each name takes the first position that overlaps no other name or point."""
    taken: list[Sequence[float]] = []
    frame = axes.get_window_extent()
    for x, estimate, _, _ in labels:
        (left, bottom), (_, top) = axes.transData.transform([(x, estimate.low), (x, estimate.high)])
        taken.append((left - 6, bottom, left + 6, top))
    for x, estimate, name, colour in labels:
        for offset in OFFSETS:
            label = axes.annotate(
                name, (x, estimate.mean), xytext=offset, textcoords="offset points", va="center", color=colour,
                ha="left" if offset[0] >= 0 else "right", fontweight="bold" if name == SUBJECT else "normal",
                fontsize=8.5,
            )  # fmt: skip
            box = label.get_window_extent().extents
            inside = frame.x0 <= box[0] and box[2] <= frame.x1
            if inside and not any(_overlap(box, other) for other in taken):
                break
            label.remove()
        else:
            axes.add_artist(label)
        taken.append(tuple(box))


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
