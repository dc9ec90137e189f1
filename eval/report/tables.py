"""Format the tables of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from statistics import median

from eval.report._format import (
    NOTHING,
    bold,
    interval,
    megabytes,
    number,
    percent,
    plain,
    ratio,
    seconds,
    table,
    tokens,
    words,
)
from eval.summary import Sample, Summary
from eval.summary.comparison import SUBJECT
from eval.summary.costs import FURTHER, Mean
from eval.summary.curves import Curves, Difference, Need
from eval.summary.estimates import Estimate
from eval.summary.pages import PagesShown
from eval.summary.plans import PlanGain
from eval.summary.reasoning import ANSWER_METRICS, Answered


def glance(summary: Summary) -> str:
    """Format one line for each method."""
    curves = summary.main
    overruns = {each.name: each for each in summary.overruns}
    header = ["method", "mean area"]
    header += [f"{SUBJECT} is ahead by"] * bool(curves.gains)
    header += ["tokens for 90\u00a0%"] * bool(summary.needs) + ["over the budget", "model tokens per document"]
    rows = []
    for name in (*curves.names, *curves.references):
        shown = f"*{plain(name)}*" if name in curves.references else bold(plain(name), name == SUBJECT)
        row = [shown, bold(interval(curves.mean_areas[name]), name == curves.names[0])]
        if curves.gains:
            row.append(interval(curves.gains[name], difference=True) if name in curves.gains else NOTHING)
        if summary.needs:
            row.append(median_need(list(summary.needs.get(name, {}).values())))
        row += [percent(overruns[name].over / overruns[name].records), tokens(summary.work[name].index_tokens)]
        rows.append(row)
    return table(header, rows)


def areas(curves: Curves) -> str:
    """Format each method's area in each set. The best is bold. References are listed below."""
    sets = [ground.set for ground in curves.grounds]
    columns = [[curves.mean_areas[method] for method in curves.names]]
    columns += [[curves.areas[method][name] for method in curves.names] for name in sets]
    cells = zip(*(_best_bold(column, _mean_alone) for column in columns), strict=True)
    rows = [[plain(method), *row] for method, row in zip(curves.names, cells, strict=True)]
    rows += [_reference_areas(curves, method, sets) for method in curves.references]
    for method, by_set in curves.wholes.items():
        recalls = (f"*{number(by_set[name].recall.mean)}*" if name in by_set else NOTHING for name in sets)
        rows.append([f"*{plain(method)}*", NOTHING, *recalls])
    return table(["method", "mean", *map(words, sets)], rows)


def _best_bold(column: Sequence[Estimate], write: Callable[[Estimate], str]) -> list[str]:
    """Format a column. Each mean that is written like the best one is bold."""
    best = number(max(each.mean for each in column))
    return [bold(write(each), number(each.mean) == best) for each in column]


def _mean_alone(estimate: Estimate) -> str:
    return number(estimate.mean)


def _reference_areas(curves: Curves, method: str, sets: Sequence[str]) -> list[str]:
    found = curves.areas[method]
    cells = (f"*{number(found[name].mean)}*" if name in found else NOTHING for name in sets)
    return [f"*{plain(method)}*", f"*{number(curves.mean_areas[method].mean)}*", *cells]


def rivals(summary: Summary) -> str:
    """Compare the subject in each set with the best other method there and with the method that is best on average."""
    curves = summary.main
    rows = []
    for ground in curves.grounds:
        against = rival(curves, ground.set)
        average = curves.differences[str(summary.best)][ground.set]
        rows.append([
            plain(ground.set), ("level", "**ahead**", "**behind**")[against.gain.verdict], number(against.ours),
            f"{plain(against.other)} {number(against.theirs)}", interval(against.gain, difference=True),
            interval(average.gain, difference=True), f"{len(ground.questions)} on {len(set(ground.documents))}",
            words(ground.metric),
        ])  # fmt: skip
    header = ["set", f"{SUBJECT} is", SUBJECT, "best other there", "against it", f"against {plain(str(summary.best))}"]
    return table([*header, "questions on documents", "measured by"], rows, left=2)


def rival(curves: Curves, name: str) -> Difference:
    """Return the subject's difference to the best other method of a set."""
    best = max(curves.differences, key=lambda method: curves.areas[method][name].mean)
    return curves.differences[best][name]


def variants(summary: Summary) -> str:
    """Format the gain of each change of the subject."""
    rows = [
        [
            plain(each.name), number(each.area), number(each.subject_area), interval(each.gain, difference=True),
            f"{sum(one.gain.verdict > 0 for one in each.by_set)} / {sum(one.gain.verdict < 0 for one in each.by_set)}",
            f"{tokens(each.gain.questions)} in {len(each.by_set)}",
        ]
        for each in summary.variants
    ]  # fmt: skip
    header = [
        "variant",
        "mean area",
        f"{SUBJECT} on the same",
        "the change gains",
        "sets better / worse",
        "questions in sets",
    ]
    return table(header, rows)


def plan_gains(gains: Sequence[PlanGain]) -> str:
    """Format what plans bring to each method."""
    rows = [
        [
            plain(each.name), number(each.area), number(each.area_with_plans), interval(each.gain, difference=True),
            f"{sum(one.gain.verdict > 0 for one in each.by_set)} / {sum(one.gain.verdict < 0 for one in each.by_set)}",
            f"{tokens(each.gain.questions)} in {len(each.by_set)}",
        ]
        for each in gains
    ]  # fmt: skip
    header = ["method", "mean area", "with plans", "plans gain", "sets better / worse", "questions in sets"]
    return table(header, rows)


def pages(shown: Sequence[PagesShown]) -> str:
    """Format how often contexts show the gold pages, at each budget."""
    budgets = sorted({budget for each in shown for budget in each.touched})
    rows = [
        [
            plain(each.set), plain(each.name), tokens(each.questions),
            *(
                f"{number(each.touched[budget])} / {number(each.recall[budget])}" if budget in each.touched else NOTHING
                for budget in budgets
            ),
        ]
        for each in shown
    ]  # fmt: skip
    header = ["set", "method", "questions", *(f"touched / recall at {tokens(budget)}" for budget in budgets)]
    return table(header, rows, left=2)


def needs(summary: Summary) -> str:
    """Format the tokens for 90 % of full-context recall, and how many times smaller they are than the document."""
    sets = [ground.set for ground in summary.main.grounds]
    rows = [
        [
            bold(plain(name), name == SUBJECT), median_need(list(by_set.values())),
            f"{sum(need.tokens is not None for need in by_set.values())} of {len(by_set)}",
            *(_need(by_set[each]) if each in by_set else NOTHING for each in sets),
        ]
        for name, by_set in summary.needs.items()
    ]  # fmt: skip
    return table(["method", "median", "sets reached", *map(words, sets)], rows)


def _need(need: Need) -> str:
    if need.tokens is None:
        return f"> {tokens(need.most)}"
    return f"{'≤ ' * need.least}{tokens(need.tokens)} ({ratio(need.ratio)})"


def median_need(found: Sequence[Need]) -> str:
    """Format the median over sets. A set that never reaches the target counts as larger than every budget."""
    if not found:
        return NOTHING
    middle = median(inf if need.tokens is None else need.tokens for need in found)
    if middle == inf:
        return f"> {tokens(max(need.most for need in found))}"
    return f"{'≤ ' * any(need.least and need.tokens == middle for need in found)}{tokens(middle)}"


def further(metrics: Mapping[str, Mapping[int, Mapping[str, Mean]]], budget: int) -> str:
    """Format the further metrics of each method at a budget. Methods without budgets are shown with whole documents."""
    rows = {name: by_budget.get(budget) or by_budget.get(0) or {} for name, by_budget in metrics.items()}
    totals = {metric: max((row[metric][1] for row in rows.values() if metric in row), default=0) for metric in FURTHER}
    shown = [metric for metric in FURTHER if totals[metric]]
    header = ["method", *(f"{words(metric)} ({tokens(totals[metric])})" for metric in shown)]
    return table(
        header,
        [[plain(name), *(_mean(row.get(metric), totals[metric]) for metric in shown)] for name, row in rows.items()],
    )


def _mean(found: Mean | None, total: int) -> str:
    if found is None:
        return NOTHING
    mean, count = found
    return number(mean) if count == total else f"{number(mean)} (of {tokens(count)})"


def sample(found: Sample) -> str:
    """Format methods on a sample next to the others on the same questions."""
    curves = found.curves
    header = ["method", "mean area", *([f"{SUBJECT} is ahead by"] if curves.gains else [])]
    rows = []
    for name in (*curves.names, *curves.references):
        row = [bold(plain(name), name in found.names), interval(curves.mean_areas[name])]
        if curves.gains:
            row.append(interval(curves.gains[name], difference=True) if name in curves.gains else NOTHING)
        rows.append([*row, *(number(each.mean) for each in curves.mean_recalls[name])])
    return table([*header, *(f"at {tokens(budget)}" for budget in curves.budgets)], rows)


def times(summary: Summary) -> str:
    """Format time, memory and model tokens."""
    order = {name: place for place, name in enumerate(summary.main.names)}
    rows = [
        [
            plain(each.name), seconds(each.index_seconds), seconds(each.query_seconds),
            tokens(summary.work[each.name].index_tokens), tokens(summary.work[each.name].query_tokens),
            megabytes(each.peak_memory), tokens(each.documents), tokens(each.questions),
        ]
        for each in sorted(summary.times, key=lambda each: (order.get(each.name, len(order)), each.name))
    ]  # fmt: skip
    header = ["method", "s to index a document", "s to ask a question", "model tokens per document"]
    return table([*header, "model tokens per question", "peak memory (MB)", "documents", "questions"], rows)


def overruns(summary: Summary) -> str:
    """Format how methods keep to their budgets. The worst ones come first."""
    budgets = sorted({budget for each in summary.overruns for budget in each.fills})
    rows = [
        [
            plain(each.name), bold(percent(each.over / each.records), each.over > 0),
            f"{tokens(each.over)} of {tokens(each.records)}",
            f"{tokens(each.worst_tokens)} ({percent(each.worst_share)})" if each.over else NOTHING,
            *(percent(each.fills[budget]) if budget in each.fills else NOTHING for budget in budgets),
        ]
        for each in sorted(summary.overruns, key=lambda each: (-each.over / each.records, each.name))
    ]  # fmt: skip
    header = ["method", "over the budget", "contexts", "worst excess"]
    return table([*header, *(f"used of {tokens(budget)}" for budget in budgets)], rows)


def answers(lines: Sequence[Answered]) -> str:
    """Format a reader's answer scores and all tokens that they cost."""
    totals = {
        name: max((line.metrics[name][1] for line in lines if name in line.metrics), default=0)
        for name in ANSWER_METRICS
    }
    shown = [name for name in ANSWER_METRICS if totals[name]]
    rows = [
        [
            plain(line.title), tokens(line.budget) if line.budget else "whole", interval(line.score),
            *(_mean(line.metrics.get(name), totals[name]) for name in shown),
            tokens(line.tokens), tokens(line.reading), tokens(line.asking), tokens(line.indexing),
            "unknown" if line.usd is None else f"{line.usd:.5f}", "unknown" if line.wh is None else f"{line.wh:.3f}",
            tokens(line.score.questions) if line.shared else f"{tokens(line.score.questions)} (others)",
        ]
        for line in lines
    ]  # fmt: skip
    header = [
        "method + reader + strategy",
        "budget",
        "answer score",
        *(f"{words(name)} ({tokens(totals[name])})" for name in shown),
    ]
    costs = ["all tokens", "reading", "asking", "share of indexing", "USD", "Wh", "questions"]
    return table([*header, *costs], rows)


def curve(curves: Curves, name: str) -> str:
    """Format a dataset's recall at each budget, with intervals. The best recall is bold."""
    recalls = curves.recalls[name]
    columns = zip(*(recalls[method] for method in curves.names), strict=True)
    cells = zip(*(_best_bold(column, interval) for column in columns), strict=True)
    rows = [[plain(method), *row] for method, row in zip(curves.names, cells, strict=True)]
    rows += [[f"*{plain(each)}*", *map(interval, recalls[each])] for each in curves.references if each in recalls]
    budgets = next(ground.budgets for ground in curves.grounds if ground.set == name)
    return table(["method", *map(tokens, budgets)], rows)
