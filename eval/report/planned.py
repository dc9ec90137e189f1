"""The sections of a report about runs whose questions had search plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval import plots
from eval.report import sections, tables
from eval.report.findings import opening
from eval.summary.comparison import SUBJECT
from eval.summary.plans import Planned
from eval.types import Run

NOTE = (
    "Every question has a plan: lines to search for, which were written without the document. All methods had the same "
    f"plans. {SUBJECT} searches for the question and for each line. Every other method gets the question and the lines "
    "as one query. Questions without a plan are not asked."
)
GAINS = "Each method with plans, compared with the same method without plans on the same questions."


@dataclass(frozen=True, slots=True)
class PlannedRuns:
    """Runs that had the same plans, and their numbers. `place` counts such groups from 1."""

    place: int
    runs: tuple[Run, ...]
    planned: Planned

    @property
    def title(self) -> str:
        """The head of the section."""
        return "With plans" if self.place == 1 else f"With other plans ({self.place})"

    def pictures(self) -> dict[str, bytes]:
        """Return the pictures that have content, by file name."""
        curves = self.planned.summary.main
        found: dict[str, bytes] = {}
        if curves.budgets:
            found[self._file("mean")] = plots.mean_curves(curves)
        if len(curves.grounds) > 1:
            found[self._file("sets")] = plots.set_curves(curves)
        for file, sample in sections.sample_pictures(self.planned.summary, self._name("sample")):
            found[file] = plots.mean_curves(sample.curves, sample.names)
        return found

    def section(self) -> str:
        """Format the section: findings, areas, differences, and the gain of the plans."""
        summary, gains = self.planned.summary, self.planned.gains
        curves = summary.main
        parts = [NOTE, opening(summary)]
        if curves.budgets:
            parts.append(sections.picture(self._file("mean"), "Recall over budget with plans"))
        if curves.grounds:
            parts += [tables.glance(summary), "### Area under the curve with plans", sections.areas(curves)]
        if curves.differences:
            parts += [f"### Where {SUBJECT} wins and where it loses with plans", sections.rivals(summary)]
        if len(curves.grounds) > 1:
            parts += ["### Recall over budget with plans", sections.sets(self._file("sets"))]
        if summary.variants:
            parts += ["### The effect of each part with plans", sections.variants(summary)]
        if summary.samples:
            parts += ["### Methods on a sample with plans", sections.samples(summary, self._name("sample"))]
        if gains:
            parts += ["### The gain of the plans", GAINS, tables.plan_gains(gains)]
        return "\n\n".join([*parts, "### Limits with plans", sections.limits(summary, self.runs)])

    def _file(self, name: str) -> str:
        return f"{self._name(name)}.png"

    def _name(self, name: str) -> str:
        return f"plans-{self.place}-{name}"


def labels(planned: Sequence[PlannedRuns]) -> list[str]:
    """Return the name of the subject in each group, for tables that have all groups."""
    return [
        f"{SUBJECT} with plans" if len(planned) == 1 else f"{SUBJECT} with plans ({each.place})" for each in planned
    ]
