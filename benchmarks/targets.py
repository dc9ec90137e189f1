"""The targets, and the figures that decide whether they are met. Figures are computed from the samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.growth import PAGED, case_of
from benchmarks.samples import Results, Sample, Spread
from benchmarks.tasks import (
    AGAIN,
    ALONE,
    BASELINE,
    BIG,
    COLD,
    HELP,
    NEW,
    PACKING,
    SAME,
    SAME_NEEDS,
    SUBJECT,
)

MET, MISSED, UNMEASURED = "met", "not met", "unmeasured"
RATIO = "seconds over LlamaIndex's first question"
Figures = Callable[[Results], list[float]]
Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Target:
    """A bound for the median of some figures: the most, or the least if `at_least` is set."""

    case: str
    quantity: str
    bound: float
    figures: Figures
    write: Write
    at_least: bool = False

    @property
    def condition(self) -> str:
        """The target with its sign, for example `≤ 1.50 s`."""
        return f"{'≥' if self.at_least else '≤'} {self.write(self.bound)}"

    def met(self, value: float) -> bool:
        """Return whether a value meets the target."""
        return value >= self.bound if self.at_least else value <= self.bound

    def verdict(self, results: Results) -> tuple[Spread | None, str]:
        """Return the spread of the figures and the verdict on their median."""
        spread = Spread.of(self.figures(results))
        if spread is None:
            return None, UNMEASURED
        return spread, MET if self.met(spread.median) else MISSED


def seconds(value: float) -> str:
    """Format seconds with about three digits, or milliseconds."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def megabytes(value: float) -> str:
    """Format bytes as megabytes."""
    return f"{value / 1e6:,.0f} MB"


def times(value: float) -> str:
    """Format a factor of growth."""
    return f"{value:.2f}×"


def part(value: float) -> str:
    """Format a share as a fraction with the numerator 1."""
    return f"1/{1 / value:.3g}" if value else "0"


def share(value: float) -> str:
    """Format a share as a percentage."""
    return f"{value:.1%}"


def count(value: float) -> str:
    """Format a whole number."""
    return f"{value:,.0f}"


def _walls(case: str) -> Figures:
    return lambda results: [second for sample in results.of(SUBJECT, case) for second in sample.seconds]


def _peaks(case: str) -> Figures:
    return lambda results: [sample.peak_bytes for sample in results.of(SUBJECT, case) if sample.peak_bytes]


def of_baseline(subject: str, case: str) -> Figures:
    """Return a case's seconds over the seconds of LlamaIndex's first question, from the same run if possible."""

    def figures(results: Results) -> list[float]:
        baseline = {sample.run: sample.seconds[0] for sample in results.of(BASELINE, COLD)}
        if not baseline:
            return []
        default = baseline[min(baseline)]
        samples = results.of(subject, case)
        return [second / baseline.get(sample.run, default) for sample in samples for second in sample.seconds]

    return figures


def _over(case: str, other: str) -> Figures:
    """Return the seconds of a case over those of another case in the same run."""

    def figures(results: Results) -> list[float]:
        others = {sample.run: sample.seconds[0] for sample in results.of(SUBJECT, other)}
        return [sample.seconds[0] / others[sample.run] for sample in results.of(SUBJECT, case) if sample.run in others]

    return figures


def growth(points: Iterable[tuple[int, float]]) -> list[float]:
    """Return the greatest ratio of the figure per unit at one size to that at a smaller size.

    `points` are sizes and figures. The result is 1 or less if the figure per unit never rises, and empty for one size.
    """
    rates = [figure / size for size, figure in sorted(points)]
    lowest = [min(rates[: index + 1]) for index in range(len(rates))]
    return [max(rate / least for rate, least in zip(rates[1:], lowest, strict=False))] if rates[1:] else []


def _growth_of(case: str) -> Figures:
    return lambda results: growth(
        (size, _median(results.of(SUBJECT, case, size))) for size in results.sizes(SUBJECT, case)
    )


def _median(samples: list[Sample]) -> float:
    spread = Spread.of(second for sample in samples for second in sample.seconds)
    assert spread is not None
    return spread.median


def _token_growth(results: Results) -> list[float]:
    """Return the neural tokens at the largest size over the most at any smaller size."""
    case = case_of(PAGED, COLD)
    tokens = {sample.size: sample.neural_tokens for sample in results.of(SUBJECT, case) if sample.neural_tokens}
    *smaller, largest = sorted(tokens) or [0]
    return [tokens[largest] / max(tokens[size] for size in smaller)] if smaller else []


def _fact(case: str, read: Callable[[Sample], float]) -> Figures:
    return lambda results: [read(sample) for sample in results.of(SUBJECT, case)]


def _packing_of(size: int) -> Figures:
    return lambda results: [second for sample in results.of(SUBJECT, PACKING, size) for second in sample.seconds]


TARGETS = (
    Target("first question", RATIO, 1 / 8, of_baseline(SUBJECT, COLD), part),
    Target("second question, new process", "seconds", 1.5, _walls(NEW), seconds),
    Target("second question, new process", RATIO, 1 / 30, of_baseline(SUBJECT, NEW), part),
    Target("second question, same process", "seconds", 0.15, _walls(SAME), seconds),
    Target("second question with 4 needs, same process", "seconds", 0.25, _walls(SAME_NEEDS), seconds),
    Target("plan of the rules, new process", "seconds over the question alone", 1.1, _over(AGAIN, ALONE), times),
    Target("`hiercomp --help`", "seconds", 0.7, _walls(HELP), seconds),
    Target("`hiercomp --help`", "heavy modules", 0, _fact(HELP, lambda sample: len(sample.facts["heavy"])), count),
    Target("first question", "peak memory", 700e6, _peaks(COLD), megabytes),
    Target("first question, big file", "peak memory", 1.5e9, _peaks(BIG), megabytes),
    Target("growth with pages", "greatest rise of seconds per page", 1.3, _growth_of(case_of(PAGED, COLD)), times),
    Target("growth with pages", "neural tokens, largest over smaller", 1.1, _token_growth, times),
    Target("packing 100,000 nodes", "seconds", 1.0, _packing_of(100_000), seconds),
    Target("packing", "greatest rise of seconds per node", 1.3, _growth_of(PACKING), times),
    Target(
        "reader", "share of the prompt reused for a second question on the same context", 0.9,
        _fact(SAME, lambda sample: float(sample.facts["shared_prompt"])), share, at_least=True,
    ),
)  # fmt: skip
