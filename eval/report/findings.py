"""Write the sentences of a report: its findings and its limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from eval.report._format import counted, interval, listed, number, percent, plain, signed, tokens
from eval.report.tables import median_need, rival
from eval.summary import Summary, contexts
from eval.summary.comparison import SUBJECT
from eval.summary.curves import Curves
from eval.summary.estimates import Estimate
from eval.types import Run

FEW = 5
"""With fewer documents, an interval says little about other documents."""
LEFT_OUT = {
    "fitted": f"Questions on documents that the weights of {SUBJECT} were fitted on are left out",
    "unanswerable": "Questions that their document does not answer are left out",
    "unplanned": "Questions without a plan are left out",
}


def opening(summary: Summary) -> str:
    """Summarize the findings in one paragraph."""
    curves = summary.main
    if not curves.names:
        return "No two methods share a scored question at the same budget, so nothing can be compared."
    first = curves.names[0]
    sentences = [
        f"{_ground(curves)}, **{plain(first)}** has the largest mean area under recall over budget: "
        f"**{number(curves.mean_areas[first].mean)}** of 1."
    ]
    if summary.subject and summary.best:
        sentences += [_gain(summary, summary.best), _sets(curves), _price(summary)]
    return " ".join(filter(None, sentences))


def _ground(curves: Curves) -> str:
    questions = sum(len(ground.questions) for ground in curves.grounds)
    documents = sum(len(set(ground.documents)) for ground in curves.grounds)
    budgets = sorted({budget for ground in curves.grounds for budget in ground.budgets})
    sets = counted(len(curves.grounds), "set")
    at = f"{tokens(budgets[0])} to {tokens(budgets[-1])}" if len(budgets) > 1 else tokens(budgets[0])
    return f"On {sets} ({counted(questions, 'question')} on {counted(documents, 'document')}) at {at} tokens"


def _gain(summary: Summary, best: str) -> str:
    curves = summary.main
    ours, theirs, gain = curves.mean_areas[SUBJECT], curves.mean_areas[best], curves.gains[best]
    if curves.names[0] == SUBJECT:
        return f"The best other method, {plain(best)}, has {number(theirs.mean)}: {SUBJECT} is ahead by {_of(gain)}."
    place = curves.names.index(SUBJECT) + 1
    return f"{SUBJECT} has {number(ours.mean)}, place {place} of {len(curves.names)}: a difference of {_of(gain)}."


def _of(gain: Estimate) -> str:
    return f"**{interval(gain, difference=True)}**{'' if gain.verdict else ' (level: the interval contains 0)'}"


def _sets(curves: Curves) -> str:
    """Compare the subject with the best other method of each set."""
    verdicts: dict[int, list[str]] = defaultdict(list)
    for ground in curves.grounds:
        against = rival(curves, ground.set)
        verdicts[against.gain.verdict].append(
            f"{plain(ground.set)} ({signed(against.gain.mean)} against {plain(against.other)})"
        )
    behind = f": {listed(verdicts[-1])}" if verdicts[-1] else ""
    return (
        f"Against the best other method of each set, it is ahead in {len(verdicts[1])}, level in {len(verdicts[0])} "
        f"and behind in {len(verdicts[-1])}{behind}."
    )


def _price(summary: Summary) -> str:
    """Compare the tokens that the subject and the best other method need, and their model tokens."""
    best = str(summary.best)
    sentence = ""
    if summary.needs:
        ours, theirs = (median_need(list(summary.needs[name].values())) for name in (SUBJECT, best))
        sentence = (
            f"For 90 % of the recall of whole documents it needs {ours} tokens (median of the sets), "
            f"{plain(best)} {theirs}. "
        )
    ours, theirs = (tokens(summary.work[name].index_tokens) for name in (SUBJECT, best))
    return f"{sentence}To index a document, its models read {ours} tokens, those of {plain(best)} {theirs}."


def caveats(summary: Summary, runs: Sequence[Run]) -> list[str]:
    """List the parts that cannot be compared, with the reasons."""
    found = [
        f"**{plain(run.title)}** could not run on this machine: {plain(run.unavailable)}"
        for run in runs
        if run.unavailable
    ]
    found += _samples(summary)
    found += [f"**{plain(name)}** shares no question with the others at its budgets." for name in summary.apart]
    over = [each for each in summary.overruns if each.over]
    found += [
        f"**{plain(each.name)}** exceeds the budget in {percent(each.over / each.records)} of its contexts. The excess "
        "is cut off before scoring."
        for each in over
    ]
    found += _measures(summary)
    found += [line for reason, text in LEFT_OUT.items() for line in _left_out(runs, reason, text)]
    found += _differing(runs)
    found += [
        f"{plain(line.title)} at {tokens(line.budget) if line.budget else 'the whole document'} answered other "
        f"questions than the rest ({tokens(line.score.questions)}): a sample, or only contexts that fit the reader."
        for line in summary.answered
        if not line.shared
    ]
    return found


def _samples(summary: Summary) -> list[str]:
    found = []
    for sample in summary.samples:
        grounds = sample.curves.grounds
        names = listed([f"**{plain(name)}**" for name in sample.names])
        share = counted(sum(len(ground.questions) for ground in grounds), "question")
        found.append(
            f"{names} ran on only {share} of {counted(len(grounds), 'set')}, so "
            f"{'it has its' if len(sample.names) == 1 else 'they have their'} own table."
        )
    return found


def _measures(summary: Summary) -> list[str]:
    """List the sets with another metric, without a metric, or with few documents."""
    found = []
    by_metric: dict[str, list[str]] = defaultdict(list)
    for ground in summary.main.grounds:
        by_metric[ground.metric].append(plain(ground.set))
    if set(by_metric) - {"evidence_recall"}:
        ways = (f"{listed(by_metric[metric])} by {metric.replace('_', ' ')}" for metric in sorted(by_metric))
        found.append(f"Sets are measured by the metric that their gold data allow: {'; '.join(ways)}.")
    if summary.unscored:
        found.append(f"No metric of a context applies in {listed([plain(name) for name in summary.unscored])}.")
    few = [plain(ground.set) for ground in summary.main.grounds if len(set(ground.documents)) < FEW]
    if few:
        found.append(f"{listed(few)}: fewer than {FEW} documents, so the interval says little about other documents.")
    return found


def _left_out(runs: Sequence[Run], reason: str, text: str) -> list[str]:
    """Count the questions of each set that were left out for a reason."""
    greatest: dict[str, int] = {}
    for run in runs:
        sample = cast("Mapping[str, Mapping[str, Mapping[str, int]]]", run.settings.get("sample") or {})
        for name, counts in sample.get("left_out", {}).items():
            greatest[name] = max(counts.get(reason, 0), greatest.get(name, 0))
    sets = [f"{plain(name)} {count:,}" for name, count in sorted(greatest.items()) if count]
    return [f"{text}: {listed(sets)}."] if sets else []


def _differing(runs: Sequence[Run]) -> list[str]:
    """List the settings, files, versions and machines that differ between runs."""
    found = []
    for name in ("tokenizer", "encoder", "seed"):
        found += _unlike(f"the {name}", [(run.title, run.settings.get(name)) for run in contexts(runs)])
    sets = sorted({name for run in runs for name in _datasets(run)})
    for name in sets:
        digests = [(run.title, _datasets(run)[name][:12]) for run in runs if name in _datasets(run)]
        found += _unlike(f"the files of {plain(name)}", digests)
    found += _unlike("the commit", [(run.title, run.commit) for run in runs])
    for name in sorted({name for run in runs for name in _environment(run)}):
        found += _unlike(plain(name), [(run.title, _environment(run).get(name)) for run in runs])
    return found


def _environment(run: Run) -> dict[str, object]:
    """Return the properties of the machine and the package versions in one mapping."""
    packages = cast("Mapping[str, object]", run.environment.get("packages") or {})
    return {name: value for name, value in run.environment.items() if name != "packages"} | dict(packages)


def _datasets(run: Run) -> Mapping[str, str]:
    return cast("Mapping[str, str]", run.settings.get("datasets") or {})


def _unlike(subject: str, values: Iterable[tuple[str, object]]) -> list[str]:
    """Return a line that names the differing runs, or an empty list if all runs are equal."""
    by_value: dict[str, list[str]] = defaultdict(list)
    for title, value in values:
        by_value[str(value)].append(plain(title))
    if len(by_value) < 2:
        return []
    ordered = sorted(by_value.items(), key=lambda item: (-len(item[1]), item[0]))
    rest = (f"{plain(value)} ({listed(titles)})" for value, titles in ordered[1:])
    return [f"Not the same in all runs: {subject}. Mostly {plain(ordered[0][0])}; but {'; '.join(rest)}."]
