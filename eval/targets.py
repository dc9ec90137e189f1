"""The targets of evidence per token against what runs reached, as one table.

    python -m eval.targets RUNS… --output FILE.md [--calibration calibration.json]

RUNS are run folders, or folders of them, that `eval run` wrote; the calibration is what `eval.calibration` wrote. A
target that none of them answers is said to be unmeasured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval import records
from eval.report import reached
from eval.report._format import bold, number, plain, signed, table, tokens
from eval.report.reached import Measure, Measured
from eval.summary import has_reader, summarise
from eval.summary.comparison import REFERENCES, SUBJECT, entries
from eval.summary.estimates import EXACT
from eval.types import Run
from hiercomp.errors import ConfigError, HiercompError


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted: a figure of at least, or at most, `bound`; `how` says how it is worked out, and of what."""

    what: str
    bound: float
    measure: Measure
    how: str
    at_least: bool = True
    write: Callable[[float], str] = number

    @property
    def wanted(self) -> str:
        """The target in words."""
        return f"at {'least' if self.at_least else 'most'} {self.write(self.bound)}"

    def met(self, value: float) -> bool:
        """Whether a figure is as wanted; sums that are equal by hand are equal."""
        return value >= self.bound - EXACT if self.at_least else value <= self.bound + EXACT


TOUCHED = {1000: 0.80, 2000: 0.90, 4000: 0.95}
RECALLED = {1000: 0.50, 2000: 0.65, 4000: 0.80}
"""By budget, what is wanted on filings."""
TARGETS = (
    Target(
        "Mean area against the best single baseline",
        0.15,
        reached.gain_of_area,
        "The area under recall over log-budget, mean over sets, over that of the best other method, less 1. The "
        "interval is that of the difference, bootstrapped over documents, over the other's area.",
        write=reached.percent,
    ),
    Target(
        "Worst set against its best baseline",
        -0.01,
        reached.worst_set,
        "The least difference of areas on a set to the other method that is best there, on the same questions.",
        write=signed,
    ),
    *(
        Target(
            f"Filings: gold page touched at {tokens(budget)}",
            share,
            reached.on_filings(budget, reached.touched),
            "The share of questions whose context holds a five-word run that only a gold page has.",
        )
        for budget, share in TOUCHED.items()
    ),
    *(
        Target(
            f"Filings: evidence recall at {tokens(budget)}",
            share,
            reached.on_filings(budget, reached.recalled),
            "The mean of shingle and rare-word recall of the gold evidence.",
        )
        for budget, share in RECALLED.items()
    ),
    Target(
        "Tokens for the recall of dense top-k at 4,000",
        1800,
        reached.tokens_of_dense,
        "Where the curve of mean recall over sets reaches it, straight between budgets on a logarithmic axis.",
        at_least=False,
        write=tokens,
    ),
    Target(
        "Answers at 2,000 against the best baseline at 4,000",
        0.0,
        reached.answers_of_half,
        "The reader's answer score less that of the best other method's contexts, on the same questions; from runs "
        "with a reader at both budgets.",
        write=signed,
    ),
    Target(
        "Fused ranking against its best member, worst set",
        -0.01,
        reached.fused_against_members,
        f"The least difference of areas of {SUBJECT} to {' and '.join(reached.MEMBERS)}, on the same questions.",
        write=signed,
    ),
    Target(
        "Expected evidence against found, worst tenth of any set",
        0.05,
        reached.calibration_error,
        "The greatest difference of mean probability and share of gold over tenths of the sentences offered; from "
        "eval.calibration.",
        at_least=False,
    ),
    Target(
        "Languages: worst below English",
        0.10,
        reached.languages,
        f"The difference of areas between English and the language with the least, in {reached.LANGUAGES}.",
        at_least=False,
    ),
    Target(
        "Neural tokens against dense top-k",
        2.0,
        reached.neural_tokens,
        "Tokens through models to index the documents of a set once and to ask its questions once, over those of "
        "dense top-k for the same; mean over sets.",
        at_least=False,
        write=reached.times,
    ),
)
MET, MISSED, UNMEASURED = "met", "not met", "unmeasured"


def measure(runs: Sequence[Run], calibration: Mapping[str, float]) -> Measured:
    """What runs say. Sets that no other method ran are not compared, and do not narrow what is."""
    others = [run for run in runs if run.method.partition("/")[0] not in {SUBJECT, *REFERENCES}]
    shared = {record.set for run in others for record in run.records}
    kept = [replace(run, records=tuple(record for record in run.records if record.set in shared)) for run in runs]
    contexts = [run for run in runs if not has_reader(run)] or runs
    return Measured(summarise(kept), {entry.name: entry for entry in entries(contexts)}, calibration)


def rows(measured: Measured) -> list[tuple[Target, str, str, str]]:
    """Each target with what was reached, the verdict, and what the figure is made of."""
    found = []
    for target in TARGETS:
        figure = target.measure(measured)
        if figure is None:
            found.append((target, UNMEASURED, UNMEASURED, "no record answers it"))
        else:
            found.append((target, figure.text, MET if target.met(figure.value) else MISSED, figure.detail))
    return found


def page(measured: Measured) -> str:
    """The table as Markdown, with how each figure is worked out."""
    found = rows(measured)
    counts = Counter(verdict for _, _, verdict, _ in found)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in (MET, MISSED, UNMEASURED))
    subject = measured.methods.get(SUBJECT)
    commit = f" of {SUBJECT} at {plain(subject.runs[0].commit)}" if subject else ""
    lines = [
        [target.what, target.wanted, text if verdict == UNMEASURED else bold(text, verdict == MISSED), verdict, detail]
        for target, text, verdict, detail in found
    ]
    body = table(["what", "target", "reached", "verdict", "of what"], lines, left=5)
    explained: dict[str, list[str]] = {}
    for target in TARGETS:
        explained.setdefault(target.how, []).append(target.what)
    notes = "\n".join(f"- **{'; '.join(names)}**: {how}" for how, names in explained.items())
    said = f"{len(found)} targets{commit}: {verdicts}. In brackets: 95 % intervals."
    return f"# Targets against what was reached\n\n{said}\n\n{body}\n\n## How each is worked out\n\n{notes}\n"


def read_calibration(path: Path | None) -> dict[str, float]:
    """By set, the greatest difference; nothing without a file.

    Raises:
        ConfigError: the file is not what `eval.calibration` writes.
    """
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {each["set"]: float(each["greatest"]) for each in content["sets"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is no calibration ({error}): make one with `python -m eval.calibration`") from error


def main() -> None:
    """Prints the page, and writes it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="run folders, or folders of them")
    parser.add_argument("--output", type=Path, required=True, help="the file that is written")
    parser.add_argument("--calibration", type=Path, help="the calibration.json of eval.calibration")
    options = parser.parse_args()
    try:
        runs = [records.read(path) for path in records.find(options.runs)]
        text = page(measure(runs, read_calibration(options.calibration)))
    except HiercompError as error:
        sys.exit(f"error: {error}")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
