"""Runs with and without search plans: runs with different plans are never in one comparison.

Plans help every method, so a method with plans is compared with other methods that were given the same plans. A method
is compared with itself to measure the gain of its plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import cast

from eval.summary import Summary, contexts, summarise
from eval.summary.comparison import Entry, compare, entries, main_metrics
from eval.summary.curves import Difference, differ
from eval.summary.estimates import Estimate, over_sets
from eval.types import Run


@dataclass(frozen=True, slots=True)
class PlanGain:
    """A method without and with plans, on the same questions. `gain` is the rise of the area that the plans bring."""

    name: str
    area: float
    area_with_plans: float
    gain: Estimate
    by_set: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """The numbers of runs that had the same plans. `gains` are over the runs without plans."""

    summary: Summary
    gains: tuple[PlanGain, ...]


def plan_digests(run: Run) -> Mapping[str, str]:
    """Return the digest of the plans of each set; empty for a run without plans."""
    return cast("Mapping[str, str]", run.settings.get("plans") or {})


def grouped(runs: Sequence[Run]) -> list[list[Run]]:
    """Group runs that had the same plans for the sets that they share. Runs without plans come first."""
    groups: list[tuple[dict[str, str], list[Run]]] = []
    for run in sorted(runs, key=lambda run: bool(plan_digests(run))):
        own = plan_digests(run)
        for shared, group in groups:
            if bool(shared) == bool(own) and all(shared.get(name, own[name]) == own[name] for name in own):
                shared.update(own)
                group.append(run)
                break
        else:
            groups.append((dict(own), [run]))
    return [group for _, group in groups]


def with_plans(plain: Sequence[Run], planned: Sequence[Run]) -> Planned:
    """Compute the numbers of runs with plans, and the gain of each method over its run without plans."""
    return Planned(summarise(planned), _gains(plain, planned))


def _gains(plain: Sequence[Run], planned: Sequence[Run]) -> tuple[PlanGain, ...]:
    before, after = ({entry.name: entry for entry in entries(contexts(runs))} for runs in (plain, planned))
    metrics = main_metrics([*before.values(), *after.values()])
    found = (_gain(before[name], after[name], metrics) for name in after if name in before)
    return tuple(sorted(filter(None, found), key=lambda each: (-each.gain.mean, each.name)))


def _gain(before: Entry, after: Entry, metrics: Mapping[str, str]) -> PlanGain | None:
    """Return the gain of a method, or None if no question was asked both without and with a plan."""
    by_set = tuple(differ(after, before, ground) for ground in compare([before, after], metrics).grounds)
    if not by_set:
        return None
    areas = fmean(each.theirs for each in by_set), fmean(each.ours for each in by_set)
    return PlanGain(after.name, *areas, over_sets([each.gain for each in by_set]), by_set)
