"""Write the report of runs: `report.md`, `report.html`, pictures and `summary.json`, from records alone.

The same records give the same bytes. Times and memory have their own section, so that two reports can be compared
without them. The report contains no text of a set. Runs whose questions had search plans are never compared with the
others; they have their own section.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import plots
from eval.report import sections
from eval.report._page import page
from eval.report.figures import as_json
from eval.report.findings import opening
from eval.report.planned import NOTE, PlannedRuns, labels
from eval.report.provenance import provenance
from eval.summary import Summary, contexts, summarise
from eval.summary.comparison import SUBJECT, entries
from eval.summary.pages import PagesShown, pages_shown
from eval.summary.plans import grouped, plan_digests, with_plans
from eval.types import Run

TITLE = "Recall within a token budget"
TIMES = "Time and memory"
PICTURES = ("mean.png", "sets.png", "time.png", "answers.png", "sample-[0-9]*.png", "plans-[0-9]*.png")


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of a report.

    `summary` is about the runs without plans, or about the first runs with plans if all runs had plans. `planned` are
    the other runs with plans. `runs` are all runs.
    """

    runs: tuple[Run, ...]
    main_runs: tuple[Run, ...]
    summary: Summary
    planned: tuple[PlannedRuns, ...]
    pages: tuple[PagesShown, ...]


def write(runs: Sequence[Run], output: Path) -> None:
    """Write the report of runs into a folder. The folder is made if it does not exist."""
    report = _report(sorted(runs, key=lambda run: (run.title, run.commit)))
    pictures = _pictures(report.summary)
    for each in report.planned:
        pictures |= each.pictures()
    text = _text(report)
    output.mkdir(parents=True, exist_ok=True)
    for path in (path for pattern in PICTURES for path in output.glob(pattern)):
        path.unlink()  # An earlier report had pictures that this report does not have.
    for name, content in pictures.items():
        (output / name).write_bytes(content)
    (output / "report.md").write_text(text, encoding="utf-8")
    (output / "report.html").write_text(page(TITLE, text, pictures), encoding="utf-8")
    (output / "summary.json").write_text(as_json(report.summary, [each.planned for each in report.planned]), "utf-8")


def _report(runs: Sequence[Run]) -> Report:
    """Compute the numbers of a report."""
    first, *others = grouped(runs) or [[]]
    plain = [run for run in first if not plan_digests(run)]
    planned = tuple(
        PlannedRuns(place, tuple(group), with_plans(plain, group)) for place, group in enumerate(others, start=1)
    )
    names = [SUBJECT, *labels(planned)]
    subjects = {
        name: entry
        for name, group in zip(names, [first, *others], strict=True)
        for entry in entries(contexts(group))
        if entry.name == SUBJECT
    }
    return Report(tuple(runs), tuple(first), summarise(first), planned, pages_shown(subjects))


def _pictures(summary: Summary) -> dict[str, bytes]:
    """Return the pictures that have content, by file name."""
    curves = summary.main
    found: dict[str, bytes] = {}
    if len(curves.grounds) > 1:
        found["sets.png"] = plots.set_curves(curves)
    if curves.grounds:
        found["time.png"] = plots.time_and_area(summary)
    if curves.budgets:
        found["mean.png"] = plots.mean_curves(curves)
    for name, sample in sections.sample_pictures(summary):
        found[name] = plots.mean_curves(sample.curves, sample.names)
    if summary.answered:
        found["answers.png"] = plots.reasoning(summary)
    return found


def _text(report: Report) -> str:
    """Format the whole report as Markdown."""
    summary, runs = report.summary, report.main_runs
    curves = summary.main
    parts: list[tuple[str, Callable[[], str], bool]] = [
        ("At a glance", lambda: sections.glance(summary), bool(curves.grounds)),
        ("Where hiercomp wins and where it loses", lambda: sections.rivals(summary), bool(curves.differences)),
        ("Recall over budget", lambda: sections.sets("sets.png"), len(curves.grounds) > 1),
        ("Area under the curve", lambda: sections.areas(curves), bool(curves.grounds)),
        *((each.title, each.section, True) for each in report.planned),
        ("Gold pages", lambda: sections.pages(report.pages), bool(report.pages)),
        ("The effect of each part", lambda: sections.variants(summary), bool(summary.variants)),
        ("Tokens for 90 % of full-context recall", lambda: sections.needs(summary), bool(summary.needs)),
        ("Methods on a sample", lambda: sections.samples(summary), bool(summary.samples)),
        (TIMES, lambda: sections.times(summary), bool(summary.times)),
        ("Overruns", lambda: sections.overruns(summary), bool(summary.overruns)),
        ("Answers and their cost", lambda: sections.answers(summary), bool(summary.answered)),
        ("Limits of the comparison", lambda: sections.limits(summary, runs), True),
        ("Further metrics", lambda: sections.further(summary), bool(curves.grounds)),
        ("The numbers behind the curves", lambda: _numbers(report), bool(curves.grounds)),
        ("Definitions of the metrics", sections.definitions, True),
        ("How the report was made", lambda: provenance(report.runs), True),
    ]
    head = [f"# {TITLE}", *([NOTE] if any(map(plan_digests, runs)) else []), opening(summary)]
    head += [sections.picture("mean.png", "Recall over budget")] if curves.budgets else []
    body = [part for title, section, shown in parts if shown for part in (f"## {title}", section())]
    return "\n\n".join([*head, *body]) + "\n"


def _numbers(report: Report) -> str:
    """Format the numbers behind the curves of all runs."""
    return "\n\n".join(
        [
            sections.numbers(report.summary),
            *(sections.numbers(each.planned.summary, f", {each.title.lower()}") for each in report.planned),
        ]
    )
