"""Compute the numbers of a report from records alone. The same records give the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from eval.summary import costs
from eval.summary.comparison import REFERENCES, SUBJECT, Entry, compare, entries, main_metrics, split
from eval.summary.costs import Mean, Overrun, Time, Work
from eval.summary.curves import FULL, Curves, Difference, Need, differ, measure, need
from eval.summary.estimates import Estimate, over_sets
from eval.summary.reasoning import Answered, answered
from eval.types import Run


@dataclass(frozen=True, slots=True)
class Sample:
    """Methods that ran on fewer questions than the others, compared with all complete methods on these questions."""

    names: tuple[str, ...]
    curves: Curves


@dataclass(frozen=True, slots=True)
class Variant:
    """The subject with one part changed, and the subject on the same questions. `gain` is the rise of the area."""

    name: str
    area: float
    subject_area: float
    gain: Estimate
    by_set: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """All numbers of a report.

    `best` is the method with the largest mean area, the subject excluded. `needs` are by method and set, `metrics` by
    method, budget and metric, and `work` by method. `unscored` are the sets in which no context metric applies. `apart`
    are the methods that share no question with the others.
    """

    main: Curves
    best: str | None
    samples: tuple[Sample, ...]
    variants: tuple[Variant, ...]
    needs: Mapping[str, Mapping[str, Need]]
    metrics: Mapping[str, Mapping[int, Mapping[str, Mean]]]
    work: Mapping[str, Work]
    times: tuple[Time, ...]
    overruns: tuple[Overrun, ...]
    answered: tuple[Answered, ...]
    unscored: tuple[str, ...]
    apart: tuple[str, ...]

    @property
    def subject(self) -> str | None:
        """The name of the report's subject if it ran with the others, else None."""
        return SUBJECT if SUBJECT in self.main.names else None


def summarise(runs: Sequence[Run]) -> Summary:
    """Compute the numbers of runs. Contexts are compared in runs without a reader, if there are any."""
    methods = {entry.name: entry for entry in entries(contexts(runs))}
    metrics = main_metrics(methods.values())
    references = sorted((name for name in methods if methods[name].is_reference), key=_reference_order)
    compared = [entry for entry in methods.values() if not entry.is_reference and not entry.is_variant]
    complete, groups = split(compared, metrics)
    main = measure(compare(complete, metrics), methods, references)
    variants = [_variant(entry, methods, metrics) for entry in methods.values() if entry.is_variant]
    budgeted = [entry for entry in methods.values() if any(record.budget for record in entry.all_records)]
    known = costs.sizes(methods.get(FULL))
    samples = [_sample(group, complete, metrics, methods) for group in groups]
    samples = [sample for sample in samples if sample.curves.grounds]
    shown = {entry.name for entry in complete} | {name for sample in samples for name in sample.names}
    return Summary(
        main=main,
        best=next((name for name in main.names if name != SUBJECT), None),
        samples=tuple(samples),
        variants=tuple(sorted(filter(None, variants), key=lambda variant: -variant.gain.mean)),
        needs=_needs(main, methods),
        metrics={name: costs.further(methods[name], main.grounds) for name in (*main.names, *references)},
        work={name: costs.work(entry) for name, entry in methods.items()},
        times=tuple(costs.time(entry) for entry in methods.values()),
        overruns=tuple(costs.overrun(entry, known) for entry in budgeted),
        answered=answered(runs),
        unscored=tuple(sorted({name for entry in methods.values() for name in entry.records} - set(metrics))),
        apart=tuple(entry.name for entry in compared if entry.name not in shown),
    )


def contexts(runs: Sequence[Run]) -> Sequence[Run]:
    """Return the runs in which contexts are compared: those without a reader, or all runs if each has a reader."""
    return [run for run in runs if not has_reader(run)] or runs


def has_reader(run: Run) -> bool:
    """Return whether a model answered from the contexts of a run."""
    return bool(run.settings.get("reader"))


def _reference_order(name: str) -> tuple[bool, str]:
    return name not in REFERENCES, name


def _sample(
    group: Sequence[Entry], complete: Sequence[Entry], metrics: Mapping[str, str], methods: Mapping[str, Entry]
) -> Sample:
    references = [name for name in REFERENCES if name in methods]
    comparison = compare([*complete, *group], metrics)
    return Sample(tuple(entry.name for entry in group), measure(comparison, methods, references))


def _variant(entry: Entry, methods: Mapping[str, Entry], metrics: Mapping[str, str]) -> Variant | None:
    if SUBJECT not in methods:
        return None
    grounds = compare([entry, methods[SUBJECT]], metrics).grounds
    by_set = tuple(differ(entry, methods[SUBJECT], ground) for ground in grounds)
    if not by_set:
        return None
    ours, theirs = (fmean(values) for values in zip(*((each.ours, each.theirs) for each in by_set), strict=True))
    return Variant(entry.name, ours, theirs, over_sets([each.gain for each in by_set]), by_set)


def _needs(main: Curves, methods: Mapping[str, Entry]) -> dict[str, dict[str, Need]]:
    if FULL not in methods:
        return {}
    return {
        name: {
            ground.set: found
            for ground in main.grounds
            if (found := need(methods[name], methods[FULL], ground)) is not None
        }
        for name in (*main.names, *main.references)
    }
