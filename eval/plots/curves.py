"""Draw recall over budget: one picture with the mean over sets, and one with a panel for each set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eval.plots._style import NOTE, OTHER, REFERENCE, WIDTH, Look, figure_of, looks, png
from eval.summary.comparison import SUBJECT
from eval.summary.curves import Curves
from eval.summary.estimates import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def mean_curves(curves: Curves, sampled: Sequence[str] = ()) -> bytes:
    """Draw the mean recall over sets. Each line has its name at its end."""
    with figure_of(WIDTH, 4.4) as figure:
        axes = figure.subplots()
        highlighted = looks(curves, sampled)
        _lines(axes, curves.budgets, curves.mean_recalls, curves, highlighted)
        _budget_axis(axes, curves.budgets)
        axes.set_xlabel("budget in tokens")
        axes.set_ylabel(_mean_label(curves))
        _name_lines(axes, curves, highlighted)
        return png(figure)


def set_curves(curves: Curves) -> bytes:
    """Draw one panel for each set, with one legend for all."""
    count = len(curves.grounds)
    metric = Counter(ground.metric for ground in curves.grounds).most_common(1)[0][0]
    columns = min(4, count)
    rows = -(-count // columns)
    with figure_of(WIDTH, 0.75 + 1.85 * rows) as figure:
        highlighted = looks(curves)
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True).flat
        for axes, ground in zip(panels, curves.grounds, strict=False):
            _lines(axes, ground.budgets, curves.recalls[ground.set], curves, highlighted)
            _budget_axis(axes, ground.budgets, short=True)
            axes.set_title(ground.set, fontsize=8.5 if len(ground.set) < 24 else 7)
            other = f"{_plain(ground.metric)}, " if ground.metric != metric else ""
            axes.set_xlabel(f"{other}{len(ground.questions)} questions", fontsize=7.5, color=NOTE)
        for axes in list(figure.axes)[count:]:
            axes.remove()
        figure.supylabel(_plain(metric), fontsize=9)
        _legend(figure, curves, highlighted)
        return png(figure)


def _lines(
    axes: Axes,
    budgets: Sequence[int],
    recalls: Mapping[str, Sequence[Estimate]],
    curves: Curves,
    highlighted: Mapping[str, Look],
) -> None:
    """Draw one line for each method. References are dashed, methods without a colour grey; the others have a band."""
    for name, estimates in recalls.items():
        means = [estimate.mean for estimate in estimates]
        if name in curves.references:
            axes.plot(budgets, means, color=REFERENCE, lw=1.1, ls=(0, (4, 2)), zorder=2)
        elif name not in highlighted:
            axes.plot(budgets, means, color=OTHER, lw=1.0, zorder=1)
        else:
            look = highlighted[name]
            low, high = [each.low for each in estimates], [each.high for each in estimates]
            axes.fill_between(budgets, low, high, color=look.colour, alpha=0.13, lw=0, zorder=look.order - 1)
            axes.plot(budgets, means, color=look.colour, lw=look.width, marker=look.marker, ms=4, zorder=look.order)
    axes.set_ylim(0, 1.02)


def _budget_axis(axes: Axes, budgets: Sequence[int], *, short: bool = False) -> None:
    axes.set_xscale("log")
    axes.set_xticks(budgets, [_short(budget) if short else f"{budget:,}" for budget in budgets])
    axes.minorticks_off()


def _short(budget: int) -> str:
    """Format a budget for a narrow axis: 500 stays 500, 2000 becomes 2k."""
    return f"{budget / 1000:g}k" if budget >= 1000 else str(budget)


def _plain(metric: str) -> str:
    return metric.replace("_", " ")


def _mean_label(curves: Curves) -> str:
    metrics = {ground.metric for ground in curves.grounds}
    name = _plain(min(metrics)) if len(metrics) == 1 else "recall"
    return f"{name}, mean of {len(curves.grounds)} sets" if len(curves.grounds) > 1 else name


def _name_lines(axes: Axes, curves: Curves, highlighted: Mapping[str, Look]) -> None:
    """Write each line's name next to its end. Names that would overlap are moved apart."""
    named = [(curves.mean_recalls[name][-1].mean, name, look.colour) for name, look in highlighted.items()]
    named += [(curves.mean_recalls[name][-1].mean, name, REFERENCE) for name in curves.references]
    grey = [name for name in curves.names if name not in highlighted]
    if grey:
        best = max(curves.mean_recalls[name][-1].mean for name in grey)
        named.append((best, f"{len(grey)} other methods", NOTE))
    places = _apart([height for height, _, _ in sorted(named)], 0.052)
    for place, (height, name, colour) in zip(places, sorted(named), strict=True):
        axes.annotate(
            name, (curves.budgets[-1], height), xytext=(1.03, place), textcoords=("axes fraction", "data"), va="center",
            color=colour, fontweight="bold" if name == SUBJECT else "normal", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkA": 1, "shrinkB": 4, "relpos": (0, 0.5)},
        )  # fmt: skip


def _apart(heights: Sequence[float], distance: float) -> list[float]:
    """Move sorted heights as little as possible, so that neighbours are at least `distance` apart."""
    blocks: list[tuple[float, int]] = []
    for height in heights:
        blocks.append((height, 1))
        while len(blocks) > 1 and _end(*blocks[-2], distance) + distance > _start(*blocks[-1], distance):
            (above, many), (below, few) = blocks.pop(), blocks.pop()
            blocks.append(((above * many + below * few) / (many + few), many + few))
    return [_start(middle, count, distance) + distance * place for middle, count in blocks for place in range(count)]


def _start(middle: float, count: int, distance: float) -> float:
    return middle - distance * (count - 1) / 2


def _end(middle: float, count: int, distance: float) -> float:
    return middle + distance * (count - 1) / 2


def _legend(figure: Figure, curves: Curves, highlighted: Mapping[str, Look]) -> None:
    """Draw one legend for all panels above them."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=look.colour, marker=look.marker, ms=5, lw=look.width, label=name)
        for name, look in highlighted.items()
    ]
    handles += [Line2D([], [], color=REFERENCE, lw=1.1, ls=(0, (4, 2)), label=name) for name in curves.references]
    if len(highlighted) < len(curves.names):
        handles.append(Line2D([], [], color=OTHER, label=f"{len(curves.names) - len(highlighted)} other methods"))
    figure.legend(handles=handles, loc="outside upper left", ncols=4)
