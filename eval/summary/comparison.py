"""Select comparable records: the runs that form one method, and the questions that all compared methods have.

A question is compared if every compared method has a score for it at every budget. So a difference always lies between
methods, not between questions. A method that ran on fewer questions does not narrow the comparison of the others. It
gets its own comparison, with the others on its questions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.types import Record, Run

SUBJECT = "hiercomp"
REFERENCES = ("full", "gold")
"""The whole document and the gold evidence. They show what is possible and are not compared."""
MAIN_METRICS = ("evidence_recall", "page_recall", "answer_in_context")
"""The metrics that sets can be compared by. Each set uses the first one that applies in it."""
COMPLETE = 0.95
"""The share of the subject's questions and budgets that a method must have to be compared with all others.

If a few methods failed on a question, the question is left out for all methods. A method with a smaller share gets its
own comparison.
"""

Coverage = Mapping[str, frozenset[tuple[str, int]]]
"""The questions and budgets that have a score, by set."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A method at one commit: its runs, and its records by set, question and budget."""

    name: str
    runs: tuple[Run, ...]
    records: Mapping[str, Mapping[tuple[str, int], Record]]

    @property
    def all_records(self) -> Iterator[Record]:
        """The method's records, set by set."""
        return (record for records in self.records.values() for record in records.values())

    @property
    def is_reference(self) -> bool:
        """Whether the method shows what is possible, or does not keep to a budget."""
        return self.name in REFERENCES or not any(record.budget for record in self.all_records)

    @property
    def is_variant(self) -> bool:
        """Whether the method is the subject with a part changed, or the subject at another commit."""
        return self.name.startswith((f"{SUBJECT}/", f"{SUBJECT}@"))


@dataclass(frozen=True, slots=True)
class Ground:
    """The comparable part of a set: one metric, the budgets, and the questions with their documents."""

    set: str
    metric: str
    budgets: tuple[int, ...]
    questions: tuple[str, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Methods and the grounds that they share."""

    names: tuple[str, ...]
    grounds: tuple[Ground, ...]


def entries(runs: Iterable[Run]) -> tuple[Entry, ...]:
    """Return the methods of runs, by name. A commit with fewer records than another is named `method@commit`."""
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
    """Return the records of runs. If two runs have the same record, the one of the larger run is used."""
    found: dict[str, dict[tuple[str, int], Record]] = defaultdict(dict)
    for record in (record for run in runs for record in run.records):
        found[record.set].setdefault((record.question, record.budget), record)
    return {name: found[name] for name in sorted(found)}


def main_metrics(methods: Iterable[Entry]) -> dict[str, str]:
    """Return the compared metric of each set. Sets in which no metric applies are missing."""
    scored: Counter[tuple[str, str]] = Counter()
    sets: dict[str, None] = {}
    for record in (record for entry in methods for record in entry.all_records):
        sets[record.set] = None
        scored.update((record.set, metric) for metric in MAIN_METRICS if record.scores.get(metric) is not None)
    chosen = {name: next((m for m in MAIN_METRICS if scored[name, m]), None) for name in sorted(sets)}
    return {name: metric for name, metric in chosen.items() if metric}


def coverage(entry: Entry, metrics: Mapping[str, str]) -> Coverage:
    """Return the questions and budgets that a method has a score for."""
    return {
        name: frozenset(
            key for key, record in entry.records.get(name, {}).items() if record.budget and _scored(record, metric)
        )
        for name, metric in metrics.items()
    }


def compare(methods: Sequence[Entry], metrics: Mapping[str, str]) -> Comparison:
    """Return the grounds that all methods share. Sets that they do not share are missing."""
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
    """Split methods into those with nearly all records of the subject, and groups of others with equal coverage.

    Without the subject, the method with the most records is used instead.
    """
    if not methods:
        return [], []
    covered = {entry.name: coverage(entry, metrics) for entry in methods}
    sizes = {name: sum(map(len, each.values())) for name, each in covered.items()}
    standard = covered[SUBJECT if sizes.get(SUBJECT) else max(sizes, key=lambda name: sizes[name])]
    complete, groups = [], defaultdict(list)
    for entry in methods:
        shared = {name: covered[entry.name][name] & pairs for name, pairs in standard.items()}
        if all(len(shared[name]) >= COMPLETE * len(pairs) for name, pairs in standard.items()):
            complete.append(entry)
        elif any(shared.values()):
            groups[tuple(shared.values())].append(entry)
    return complete, list(groups.values())


def narrow(ground: Ground, entry: Entry, budget: int | None = None) -> Ground:
    """Return a ground with only the questions that a method has at every budget, or at one `budget`."""
    records = entry.records.get(ground.set, {})
    budgets = ground.budgets if budget is None else (budget,)
    kept = [
        (question, document)
        for question, document in zip(ground.questions, ground.documents, strict=True)
        if all((question, size) in records and _scored(records[question, size], ground.metric) for size in budgets)
    ]
    return Ground(ground.set, ground.metric, budgets, tuple(q for q, _ in kept), tuple(d for _, d in kept))


def scores(entry: Entry, ground: Ground, budget: int) -> list[float]:
    """Return the method's score for each question of a ground."""
    records = entry.records[ground.set]
    found = (records[question, budget].scores[ground.metric] for question in ground.questions)
    return [score for score in found if score is not None]


def _scored(record: Record, metric: str) -> bool:
    return record.scores.get(metric) is not None
