"""Compute the figures that runs reached for each target. A figure is None if no record answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import inf
from statistics import fmean

from eval.metrics.statistics import tokens_for
from eval.report._format import counted, interval, number, plain, signed, tokens
from eval.report.tables import rival
from eval.summary import Summary
from eval.summary.comparison import SUBJECT, Entry, compare, main_metrics
from eval.summary.curves import differ, question_areas
from eval.summary.estimates import EXACT, estimate
from eval.types import Record

DENSE = "dense"
MEMBERS = (f"{SUBJECT}/no-bm25", f"{SUBJECT}/no-embeddings")
"""The subject with only one of the two retrievers that its ranking fuses."""
FILINGS = ("financebench", "financebench_text")
"""Sets of filings. The first one that was run is used."""
LANGUAGES, ENGLISH = "xquad_bundle", "en"
"""A set with one document for each language, named `xquad-LANGUAGE-…`."""
POINT = 0.01


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of runs and of a calibration. `methods` are those without a reader, if there are any.

    `planned` are the results of the runs whose questions had plans, or None if there are no such runs.
    """

    summary: Summary
    methods: Mapping[str, Entry]
    calibration: Mapping[str, float]
    planned: Measured | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A figure, its formatted text, and details about it."""

    value: float
    text: str
    detail: str


Measure = Callable[[Measured], Reached | None]
"""Computes a figure. It returns None if no record answers it."""


def mean_area(measured: Measured) -> Reached | None:
    """Return the mean area over all sets."""
    found = measured.summary.main.mean_areas.get(SUBJECT)
    if found is None:
        return None
    sets = counted(len(measured.summary.main.grounds), "set")
    return Reached(found.mean, interval(found), f"{counted(found.questions, 'question')} of {sets}")


def area_of(name: str) -> Measure:
    """Return a measure of the area in one set."""

    def measure(measured: Measured) -> Reached | None:
        found = measured.summary.main.areas.get(SUBJECT, {}).get(name)
        return Reached(found.mean, interval(found), counted(found.questions, "question")) if found else None

    return measure


def lead(measured: Measured) -> Reached | None:
    """Return how far the mean area is above that of the best other method."""
    curves, best = measured.summary.main, measured.summary.best
    if best is None or best not in curves.gains:
        return None
    detail = f"{number(curves.mean_areas[SUBJECT].mean)} against {plain(best)} {number(curves.mean_areas[best].mean)}"
    return Reached(curves.gains[best].mean, interval(curves.gains[best], difference=True), detail)


def gain_of_area(measured: Measured) -> Reached | None:
    """Compare the mean area with that of the best other method."""
    curves, best = measured.summary.main, measured.summary.best
    if best is None or best not in curves.gains:
        return None
    theirs, gain = curves.mean_areas[best].mean, curves.gains[best]
    low, value, high = (part / theirs for part in (gain.low, gain.mean, gain.high))
    questions = sum(len(ground.questions) for ground in curves.grounds)
    budgets = f"{tokens(curves.budgets[0])} to {tokens(curves.budgets[-1])} tokens" if curves.budgets else "no budget"
    return Reached(
        value,
        f"{percent(value)} [{percent(low)}, {percent(high)}]",
        f"{number(curves.mean_areas[SUBJECT].mean)} against {plain(best)} {number(theirs)}; "
        f"{counted(questions, 'question')} of {counted(len(curves.grounds), 'set')}, {budgets}",
    )


def worst_set(measured: Measured) -> Reached | None:
    """Return the set in which the subject's area is least ahead of the best other method there."""
    curves = measured.summary.main
    if not curves.differences:
        return None
    found = [rival(curves, ground.set) for ground in curves.grounds]
    worst = min(found, key=lambda each: each.gain.mean)
    behind = sum(each.gain.mean < -POINT - EXACT for each in found)
    return Reached(
        worst.gain.mean,
        interval(worst.gain, difference=True),
        f"{plain(worst.set)}: {number(worst.ours)} against {plain(worst.other)} {number(worst.theirs)}; "
        f"{behind} of {counted(len(found), 'set')} below by more than {POINT}",
    )


def touched(record: Record) -> float | None:
    """Return whether a context touches a gold page (1 or 0), or None if no gold page can be recognized."""
    share = record.scores.get("page_recall")
    return None if share is None else float(share > 0)


def recalled(record: Record) -> float | None:
    """Return the mean of shingle and rare-word recall, or shingle recall alone if no word is rare."""
    shingles, rare = record.scores.get("shingle_recall"), record.scores.get("rare_word_recall")
    return shingles if shingles is None or rare is None else (shingles + rare) / 2


def on_filings(budget: int, score: Callable[[Record], float | None]) -> Measure:
    """Return a measure of the mean score on filings at a budget, with the best other method on the same questions."""

    def measure(measured: Measured) -> Reached | None:
        subject = measured.methods.get(SUBJECT)
        name = next((each for each in FILINGS if subject and each in subject.records), None)
        if subject is None or name is None:
            return None
        ours = _scores(subject, name, budget, score)
        if not ours:
            return None
        found = estimate(list(ours.values()), [subject.records[name][question, budget].document for question in ours])
        others = {
            other: fmean(theirs[question] for question in ours)
            for other in measured.summary.main.names
            if other != SUBJECT
            for theirs in [_scores(measured.methods[other], name, budget, score)]
            if ours.keys() <= theirs.keys()
        }
        detail = f"{counted(found.questions, 'question')} of {plain(name)}"
        if others:
            best = max(others, key=lambda other: others[other])
            detail += f"; best other: {plain(best)} {number(others[best])}"
        return Reached(found.mean, interval(found), detail)

    return measure


def _scores(entry: Entry, name: str, budget: int, score: Callable[[Record], float | None]) -> dict[str, float]:
    """Return the score of each question that it applies to."""
    found = {
        question: score(record) for (question, size), record in entry.records.get(name, {}).items() if size == budget
    }
    return {question: value for question, value in found.items() if value is not None}


def tokens_of_dense(measured: Measured) -> Reached | None:
    """Return the tokens at which the mean curve reaches the recall of dense top-k at 4,000 tokens."""
    curves = measured.summary.main
    if not {SUBJECT, DENSE} <= set(curves.names) or 4000 not in curves.budgets:
        return None
    place = curves.budgets.index(4000)
    recall = curves.mean_recalls[DENSE][place].mean
    found = tokens_for(curves.budgets, [each.mean for each in curves.mean_recalls[SUBJECT]], recall)
    by_set = []
    for ground in curves.grounds:
        theirs = curves.recalls[ground.set][DENSE][ground.budgets.index(4000)].mean
        needed = tokens_for(ground.budgets, [each.mean for each in curves.recalls[ground.set][SUBJECT]], theirs)
        by_set.append(f"{plain(ground.set)} {_needed(needed, ground.budgets)}")
    detail = f"for the mean recall {number(recall)}; by set: {', '.join(by_set)}"
    return Reached(inf if found is None else found, _needed(found, curves.budgets), detail)


def _needed(found: float | None, budgets: Sequence[int]) -> str:
    if found is None:
        return f"over {tokens(budgets[-1])}"
    return f"{'≤ ' * (found <= budgets[0])}{tokens(found)}"


def answers_of_half(measured: Measured) -> Reached | None:
    """Compare the answers at 2,000 tokens with the best other method's at 4,000, by the same reader."""
    lines = [line for line in measured.summary.answered if line.shared]
    ours = {line.title.removeprefix(SUBJECT): line for line in lines if (line.method, line.budget) == (SUBJECT, 2000)}
    found = []
    for reader, line in ours.items():
        others = [
            other for other in lines
            if other.budget == 4000 and other.title == other.method + reader and not other.method.startswith(SUBJECT)
        ]  # fmt: skip
        if others:
            best = max(others, key=lambda other: other.score.mean)
            detail = (
                f"{number(line.score.mean)} at 2,000 against {plain(best.method)} {number(best.score.mean)} at 4,000 "
                f"({plain(reader[1:])}, {counted(line.score.questions, 'question')})"
            )
            apart = line.score.mean - best.score.mean
            found.append(Reached(apart, signed(apart), detail))
    return min(found, key=lambda each: each.value, default=None)


def fused_against_members(measured: Measured) -> Reached | None:
    """Return the set in which the fused ranking's area is least ahead of its best member's."""
    subject = measured.methods.get(SUBJECT)
    members = [measured.methods[name] for name in MEMBERS if name in measured.methods]
    if subject is None or len(members) < len(MEMBERS):
        return None
    metrics = main_metrics([subject])
    found = [
        differ(subject, member, ground) for member in members for ground in compare([subject, member], metrics).grounds
    ]
    if not found:
        return None
    worst = min(found, key=lambda each: each.gain.mean)
    detail = f"{plain(worst.set)}: {number(worst.ours)} against {plain(worst.other)} {number(worst.theirs)}"
    sets = counted(len({each.set for each in found}), "set")
    return Reached(worst.gain.mean, interval(worst.gain, difference=True), f"{detail}; worst of {sets}")


def calibration_error(measured: Measured) -> Reached | None:
    """Return the greatest difference in a tenth of the sentences of any set."""
    if not measured.calibration:
        return None
    worst = max(measured.calibration, key=lambda name: measured.calibration[name])
    value = measured.calibration[worst]
    return Reached(value, number(value), f"{plain(worst)}, worst of {counted(len(measured.calibration), 'set')}")


def languages(measured: Measured) -> Reached | None:
    """Return how much lower the area is in the worst language than in English."""
    entry = measured.methods.get(SUBJECT)
    if entry is None or LANGUAGES not in entry.records:
        return None
    metrics = main_metrics([entry])
    grounds = compare([entry], {LANGUAGES: metrics[LANGUAGES]} if LANGUAGES in metrics else {}).grounds
    areas: dict[str, list[float]] = {}
    for ground in grounds:
        for document, area in zip(ground.documents, question_areas(entry, ground), strict=True):
            areas.setdefault(document.split("-")[1], []).append(area)
    means = {language: fmean(values) for language, values in sorted(areas.items())}
    others = sorted(means.keys() - {ENGLISH}, key=lambda language: means[language])
    if ENGLISH not in means or not others:
        return None
    apart = means[ENGLISH] - means[others[0]]
    listed = ", ".join(f"{language} {number(means[language])}" for language in (ENGLISH, *others))
    return Reached(apart, number(apart), f"{counted(len(means), 'language')}: {listed}")


def neural_tokens(measured: Measured) -> Reached | None:
    """Divide the model tokens by those of dense top-k on the same documents and questions."""
    ours, theirs = measured.methods.get(SUBJECT), measured.methods.get(DENSE)
    if ours is None or theirs is None:
        return None
    ratios: dict[str, float] = {}
    sums = {"index": [0, 0], "query": [0, 0]}
    for name in sorted(ours.records.keys() & theirs.records.keys()):
        shared = {question for question, _ in ours.records[name]} & {question for question, _ in theirs.records[name]}
        mine, other = _spent(ours, name, shared), _spent(theirs, name, shared)
        if sum(other.values()):
            ratios[name] = sum(mine.values()) / sum(other.values())
            sums = {part: [sums[part][0] + mine[part], sums[part][1] + other[part]] for part in sums}
    if not ratios:
        return None
    worst = max(ratios, key=lambda name: ratios[name])
    parts = [f"{part} {tokens(mine)} against {tokens(other)}" for part, (mine, other) in sums.items()]
    detail = f"mean of {counted(len(ratios), 'set')}, worst {plain(worst)} {times(ratios[worst])}; {', '.join(parts)}"
    return Reached(fmean(ratios.values()), times(fmean(ratios.values())), detail)


def _spent(entry: Entry, name: str, questions: Set[str]) -> dict[str, int]:
    """Return the tokens of a set's questions, each asked once, and of their documents, each indexed once."""
    records = {question: record for (question, _), record in entry.records[name].items() if question in questions}
    documents = {record.document: record.neural_tokens["index"] for record in records.values()}
    return {
        "index": sum(documents.values()),
        "query": sum(record.neural_tokens["query"] for record in records.values()),
    }


def percent(share: float) -> str:
    """Format a relative difference with its sign."""
    return f"{share:+.1%}".replace("%", "\u00a0%").replace("-", "−")


def times(ratio: float) -> str:
    """Format how many times as much a figure is."""
    return f"{ratio:.2f}×"
