"""What may be compared: which runs are one method, and the questions that all compared methods have.

A question is compared where every compared method has a score at every budget; so a difference is one of methods,
never of questions. A method that was run on fewer questions than the rest does not narrow their comparison: it gets
one of its own, with the others on its questions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.types import Record, Run

SUBJECT = "hiercomp"
REFERENCES = ("full", "gold")
"""The whole document, and the gold evidence: what is possible, not what is compared."""
MAIN_METRICS = ("evidence_recall", "page_recall", "answer_in_context")
"""The first that applies in a set is compared there."""
COMPLETE = 0.95
"""The share of a set's questions and budgets that a method must have to be compared with all others: a few that
failed are left out for everyone, a sample gets a comparison of its own."""

Coverage = Mapping[str, frozenset[tuple[str, int]]]
"""By set, the questions and budgets that have a score."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A method at one commit: its runs, and its records by set, and by question and budget."""

    name: str
    runs: tuple[Run, ...]
    records: Mapping[str, Mapping[tuple[str, int], Record]]

    @property
    def all_records(self) -> Iterator[Record]:
        """Its records, set by set."""
        return (record for records in self.records.values() for record in records.values())

    @property
    def is_reference(self) -> bool:
        """Whether it shows what is possible, or keeps to no budget."""
        return self.name in REFERENCES or not any(record.budget for record in self.all_records)

    @property
    def is_variant(self) -> bool:
        """Whether it is the subject with a part changed, or at another commit."""
        return self.name.startswith((f"{SUBJECT}/", f"{SUBJECT}@"))


@dataclass(frozen=True, slots=True)
class Ground:
    """What is compared in a set: one metric, at these budgets, on these questions of these documents."""

    set: str
    metric: str
    budgets: tuple[int, ...]
    questions: tuple[str, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Methods and the ground that they share."""

    names: tuple[str, ...]
    grounds: tuple[Ground, ...]


def entries(runs: Iterable[Run]) -> tuple[Entry, ...]:
    """The methods of runs, by name; another commit than the one with most records is named `method@commit`."""
    together: dict[str, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in sorted(runs, key=lambda run: (-len(run.records), run.title, run.commit)):
        if run.records:
            together[run.method][run.commit].append(run)
    found = []
    for method, by_commit in together.items():
        ordered = sorted(by_commit, key=lambda commit: (-sum(len(run.records) for run in by_commit[commit]), commit))
        for commit in ordered:
            name = method if commit == ordered[0] else f"{method}@{commit}"
            found.append(Entry(name, tuple(by_commit[commit]), _by_set(by_commit[commit])))
    return tuple(sorted(found, key=lambda entry: entry.name))


def _by_set(runs: Sequence[Run]) -> dict[str, dict[tuple[str, int], Record]]:
    """The records of runs; where two have the same, that of the run with more records is taken."""
    found: dict[str, dict[tuple[str, int], Record]] = defaultdict(dict)
    for record in (record for run in runs for record in run.records):
        found[record.set].setdefault((record.question, record.budget), record)
    return {name: found[name] for name in sorted(found)}


def main_metrics(methods: Iterable[Entry]) -> dict[str, str]:
    """By set, the metric that is compared there; a set where none applies is missing."""
    scored: Counter[tuple[str, str]] = Counter()
    sets: dict[str, None] = {}
    for record in (record for entry in methods for record in entry.all_records):
        sets[record.set] = None
        scored.update((record.set, metric) for metric in MAIN_METRICS if record.scores.get(metric) is not None)
    chosen = {name: next((m for m in MAIN_METRICS if scored[name, m]), None) for name in sorted(sets)}
    return {name: metric for name, metric in chosen.items() if metric}


def coverage(entry: Entry, metrics: Mapping[str, str]) -> Coverage:
    """What a method has a score of, at budgets."""
    return {
        name: frozenset(
            key for key, record in entry.records.get(name, {}).items() if record.budget and _scored(record, metric)
        )
        for name, metric in metrics.items()
    }


def compare(methods: Sequence[Entry], metrics: Mapping[str, str]) -> Comparison:
    """The methods on what they all have; a set that they do not share is missing."""
    if not methods:
        return Comparison((), ())
    covered = [coverage(entry, metrics) for entry in methods]
    grounds = (_ground(methods, [each[name] for each in covered], name, metrics[name]) for name in metrics)
    return Comparison(tuple(entry.name for entry in methods), tuple(ground for ground in grounds if ground.questions))


def _ground(methods: Sequence[Entry], covered: Sequence[frozenset[tuple[str, int]]], name: str, metric: str) -> Ground:
    budgets = frozenset.intersection(*(frozenset(budget for _, budget in pairs) for pairs in covered))
    shared = Counter(question for question, budget in frozenset.intersection(*covered) if budget in budgets)
    questions = tuple(sorted(question for question, count in shared.items() if count == len(budgets)))
    records = methods[0].records.get(name, {})
    documents = tuple(records[question, min(budgets)].document for question in questions)
    return Ground(name, metric, tuple(sorted(budgets)), questions, documents)


def split(methods: Sequence[Entry], metrics: Mapping[str, str]) -> tuple[list[Entry], list[list[Entry]]]:
    """Those that have nearly all that the subject has, and the others, together where they have the same.

    Without the subject, the method with most takes its place.
    """
    if not methods:
        return [], []
    covered = {entry.name: coverage(entry, metrics) for entry in methods}
    sizes = {name: sum(map(len, each.values())) for name, each in covered.items()}
    measure = covered[SUBJECT if sizes.get(SUBJECT) else max(sizes, key=lambda name: sizes[name])]
    complete, groups = [], defaultdict(list)
    for entry in methods:
        shared = {name: covered[entry.name][name] & pairs for name, pairs in measure.items()}
        if all(len(shared[name]) >= COMPLETE * len(pairs) for name, pairs in measure.items()):
            complete.append(entry)
        elif any(shared.values()):
            groups[tuple(shared.values())].append(entry)
    return complete, list(groups.values())


def narrow(ground: Ground, entry: Entry, budget: int | None = None) -> Ground:
    """The questions of a ground that a method has at every budget, or at one."""
    records = entry.records.get(ground.set, {})
    budgets = ground.budgets if budget is None else (budget,)
    kept = [
        (question, document)
        for question, document in zip(ground.questions, ground.documents, strict=True)
        if all((question, size) in records and _scored(records[question, size], ground.metric) for size in budgets)
    ]
    return Ground(ground.set, ground.metric, budgets, tuple(q for q, _ in kept), tuple(d for _, d in kept))


def scores(entry: Entry, ground: Ground, budget: int) -> list[float]:
    """The main metric of each question of a ground that the method has."""
    records = entry.records[ground.set]
    found = (records[question, budget].scores[ground.metric] for question in ground.questions)
    return [score for score in found if score is not None]


def _scored(record: Record, metric: str) -> bool:
    return record.scores.get(metric) is not None
