"""The plot of time over pages and over documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.growth import CORPUS, DOCUMENT_PAGES, PAGED, case_of
from benchmarks.samples import Results, Spread
from benchmarks.tasks import BASELINE, COLD, NEW, SUBJECT
from eval.plots._style import COLOURS, SUBJECT_COLOUR, WIDTH, figure_of, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLES = {PAGED: "pages of one file", CORPUS: f"documents of {DOCUMENT_PAGES} pages each"}
LINES = (
    (SUBJECT, COLD, "hiercomp, first question", SUBJECT_COLOUR, "o", "-"),
    (SUBJECT, NEW, "hiercomp, second question", SUBJECT_COLOUR, "o", "--"),
    (BASELINE, COLD, "LlamaIndex, first question", COLOURS[0], "s", "-"),
)


def growth(results: Results) -> bytes:
    """Draw the seconds of whole processes over pages and over documents. Return a PNG; both axes are logarithmic."""
    kinds = [kind for kind in (PAGED, CORPUS) if results.sizes(SUBJECT, case_of(kind, COLD))]
    with figure_of(WIDTH, 4.0) as figure:
        panels = figure.subplots(1, len(kinds), squeeze=False, sharey=True)[0]
        for axes, kind in zip(panels, kinds, strict=True):
            _draw(axes, results, kind)
        panels[0].set_ylabel("seconds, whole process")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=len(LINES))
        return png(figure)


def _draw(axes: Axes, results: Results, kind: str) -> None:
    for subject, case, label, colour, marker, style in LINES:
        size_case = case_of(kind, case)
        sizes = results.sizes(subject, size_case)
        spreads = [
            spread
            for size in sizes
            if (
                spread := Spread.of(
                    second for sample in results.of(subject, size_case, size) for second in sample.seconds
                )
            )
        ]
        if not sizes:
            continue
        least, greatest = [spread.least for spread in spreads], [spread.greatest for spread in spreads]
        axes.fill_between(sizes, least, greatest, color=colour, alpha=0.13, lw=0)
        medians = [spread.median for spread in spreads]
        axes.plot(sizes, medians, color=colour, marker=marker, ms=4, ls=style, label=label)
    ticks = results.sizes(SUBJECT, case_of(kind, COLD))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(ticks, [f"{size:,}" for size in ticks])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.minorticks_off()
    axes.set_xlabel(TITLES[kind])
