"""Compare the results of runs with the targets of evidence per token.

    python -m eval.targets RUNS… --output FILE.md [--calibration FILE.json] [--planned-calibration FILE.json]

RUNS are run folders of `eval run`, or folders that hold them. Runs whose questions had plans have their own targets. A
calibration is a file of `eval.calibration`. A target that no record answers is reported as unmeasured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval import records
from eval.report import reached
from eval.report._format import bold, number, plain, signed, table, tokens
from eval.report.reached import Measure, Measured
from eval.summary import contexts, summarise
from eval.summary.comparison import REFERENCES, SUBJECT, entries
from eval.summary.estimates import EXACT
from eval.summary.plans import grouped, plan_digests
from eval.types import Run
from hiercomp.errors import ConfigError, HiercompError


@dataclass(frozen=True, slots=True)
class Target:
    """A target: a figure must be at least, or at most, `bound`. `how` explains the computation."""

    title: str
    bound: float
    measure: Measure
    how: str
    at_least: bool = True
    write: Callable[[float], str] = number

    @property
    def wanted(self) -> str:
        """The target as text."""
        return f"at {'least' if self.at_least else 'most'} {self.write(self.bound)}"

    def met(self, value: float) -> bool:
        """Return whether a figure meets the target, up to rounding."""
        return value >= self.bound - EXACT if self.at_least else value <= self.bound + EXACT


PAGE_TARGETS, RECALL_TARGETS = {1000: 0.80, 2000: 0.90, 4000: 0.95}, {1000: 0.50, 2000: 0.65, 4000: 0.80}
"""Targets on filings by budget."""
PLANNED_PAGE_TARGETS, PLANNED_RECALL_TARGETS = (
    {1000: 0.90, 2000: 0.97, 4000: 0.98},
    {1000: 0.60, 2000: 0.75, 4000: 0.85},
)
"""Targets on filings by budget, with plans."""
MULTI_HOP = "musique_train100_bundle"
"""A set of questions whose evidence is in several places, each of which names the next."""


def _filing_targets(pages: Mapping[int, float], recalls: Mapping[int, float]) -> Iterator[Target]:
    for budget, share in pages.items():
        yield Target(
            f"Filings: gold page touched at {tokens(budget)}",
            share,
            reached.on_filings(budget, reached.touched),
            "The share of questions whose context contains five consecutive words that occur only on a gold page.",
        )
    for budget, share in recalls.items():
        yield Target(
            f"Filings: evidence recall at {tokens(budget)}",
            share,
            reached.on_filings(budget, reached.recalled),
            "The mean of shingle and rare-word recall of the gold evidence.",
        )


WORST_SET = Target(
    "Worst set against its best baseline",
    -0.01,
    reached.worst_set,
    "The smallest difference of areas between a set and the best other method there, on the same questions.",
    write=signed,
)
CALIBRATION = Target(
    "Expected evidence against found, worst tenth of any set",
    0.05,
    reached.calibration_error,
    "The greatest difference between mean probability and share of gold sentences over tenths of the offered "
    "sentences, from eval.calibration.",
    at_least=False,
)
TARGETS = (
    Target(
        "Mean area against the best single baseline",
        0.15,
        reached.gain_of_area,
        "The area under recall over log-budget, mean over sets, divided by the area of the best other method, minus "
        "1. The interval is that of the difference, bootstrapped over documents, divided by the other method's area.",
        write=reached.percent,
    ),
    WORST_SET,
    *_filing_targets(PAGE_TARGETS, RECALL_TARGETS),
    Target(
        "Tokens for the recall of dense top-k at 4,000",
        1800,
        reached.tokens_of_dense,
        "The tokens at which the curve of mean recall over sets reaches it. Between budgets the curve is straight on a "
        "logarithmic axis.",
        at_least=False,
        write=tokens,
    ),
    Target(
        "Answers at 2,000 against the best baseline at 4,000",
        0.0,
        reached.answers_of_half,
        "The reader's answer score minus the score of the best other method's contexts, on the same questions. It "
        "needs runs with a reader at both budgets.",
        write=signed,
    ),
    Target(
        "Fused ranking against its best member, worst set",
        -0.01,
        reached.fused_against_members,
        f"The smallest difference of areas between {SUBJECT} and {' or '.join(reached.MEMBERS)}, on the same "
        "questions.",
        write=signed,
    ),
    CALIBRATION,
    Target(
        "Languages: worst below English",
        0.10,
        reached.languages,
        f"The difference of areas between English and the language with the smallest area, in {reached.LANGUAGES}.",
        at_least=False,
    ),
    Target(
        "Neural tokens against dense top-k",
        2.0,
        reached.neural_tokens,
        "The tokens that models read to index the documents of a set once and to ask its questions once, divided by "
        "those of dense top-k on the same documents and questions. Mean over sets.",
        at_least=False,
        write=reached.times,
    ),
)
PLANNED_TARGETS = (
    Target("Mean area", 0.90, reached.mean_area, "The area under recall over log-budget, mean over sets."),
    Target(
        "Mean area above the best single baseline",
        0.04,
        reached.lead,
        "The mean area minus that of the best other method, on the same questions.",
        write=signed,
    ),
    WORST_SET,
    *_filing_targets(PLANNED_PAGE_TARGETS, PLANNED_RECALL_TARGETS),
    Target(
        "Area on multi-hop questions", 0.80, reached.area_of(MULTI_HOP), f"The area under the curve in {MULTI_HOP}."
    ),
    replace(CALIBRATION, bound=0.08),
)
"""Targets of the runs whose questions had plans. All methods had the same plans."""
MET, MISSED, UNMEASURED = "met", "not met", "unmeasured"


def measure(
    runs: Sequence[Run], calibration: Mapping[str, float], planned_calibration: Mapping[str, float] | None = None
) -> Measured:
    """Collect the results of runs. Runs whose questions had plans are kept apart.

    Raises:
        ConfigError: the runs had different plans for a set.
    """
    groups = grouped(runs)
    plain = [run for group in groups for run in group if not plan_digests(run)]
    planned = [group for group in groups if any(map(plan_digests, group))]
    if len(planned) > 1:
        raise ConfigError("the runs had different plans for the same set; give the runs of one folder of plans")
    found = [_measured(group, planned_calibration or {}) for group in planned]
    return replace(_measured(plain, calibration), planned=next(iter(found), None))


def _measured(runs: Sequence[Run], calibration: Mapping[str, float]) -> Measured:
    """Collect the results of runs. Sets that only hiercomp ran are left out: they would narrow the comparison."""
    others = [run for run in runs if run.method.partition("/")[0] not in {SUBJECT, *REFERENCES}]
    shared = {record.set for run in others for record in run.records}
    compared = [replace(run, records=tuple(record for record in run.records if record.set in shared)) for run in runs]
    methods = {entry.name: entry for entry in entries(contexts(runs))}
    return Measured(summarise(compared), methods, calibration)


def rows(measured: Measured, targets: Sequence[Target] = TARGETS) -> list[tuple[Target, str, str, str]]:
    """Return each target with the figure reached, the verdict and a detail."""
    found = []
    for target in targets:
        figure = target.measure(measured)
        if figure is None:
            found.append((target, UNMEASURED, UNMEASURED, "no record answers it"))
        else:
            found.append((target, figure.text, MET if target.met(figure.value) else MISSED, figure.detail))
    return found


def page(measured: Measured) -> str:
    """Format the tables as Markdown, and explain how each figure is computed."""
    parts = ["# Targets and results", *_part(measured, TARGETS)]
    if measured.planned:
        parts += ["## With plans", *_part(measured.planned, PLANNED_TARGETS)]
    explained: dict[str, list[str]] = {}
    for target in (*TARGETS, *(PLANNED_TARGETS if measured.planned else ())):
        titles = explained.setdefault(target.how, [])
        titles += [target.title] if target.title not in titles else []
    notes = "\n".join(f"- **{'; '.join(names)}**: {how}" for how, names in explained.items())
    return "\n\n".join([*parts, "## How each figure is computed", notes]) + "\n"


def _part(measured: Measured, targets: Sequence[Target]) -> list[str]:
    """Count the verdicts on some targets, and format their table."""
    found = rows(measured, targets)
    counts = Counter(verdict for _, _, verdict, _ in found)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in (MET, MISSED, UNMEASURED))
    subject = measured.methods.get(SUBJECT)
    commit = f" of {SUBJECT} at {plain(subject.runs[0].commit)}" if subject else ""
    lines = [
        [target.title, target.wanted, text if verdict == UNMEASURED else bold(text, verdict == MISSED), verdict, detail]
        for target, text, verdict, detail in found
    ]
    head = f"{len(found)} targets{commit}: {verdicts}. 95 % intervals are in brackets."
    return [head, table(["figure", "target", "reached", "verdict", "details"], lines, left=5)]


def read_calibration(path: Path | None) -> dict[str, float]:
    """Return the greatest difference of each set, or an empty mapping without a file.

    Raises:
        ConfigError: `eval.calibration` did not write the file.
    """
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {each["set"]: float(each["greatest"]) for each in content["sets"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} is not a calibration ({error}): make one with `python -m eval.calibration`"
        ) from error


def main() -> None:
    """Print the page and write it."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.targets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", help="run folders, or folders that hold run folders")
    parser.add_argument("--output", type=Path, required=True, help="the file to write")
    parser.add_argument("--calibration", type=Path, help="the calibration.json of eval.calibration")
    parser.add_argument("--planned-calibration", type=Path, help="the calibration.json of questions with plans")
    options = parser.parse_args()
    try:
        runs = [records.read(path) for path in records.find(options.runs)]
        calibrations = [read_calibration(path) for path in (options.calibration, options.planned_calibration)]
        text = page(measure(runs, *calibrations))
    except HiercompError as error:
        sys.exit(f"error: {error}")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
