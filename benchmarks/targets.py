"""The targets, and what was reached: a figure a run, worked out from the samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.growth import PAGED, case_of
from benchmarks.samples import Results, Sample, Spread
from benchmarks.tasks import BASELINE, BIG, COLD, HELP, NEW, PACKING, SAME, SUBJECT

MET, MISSED, UNMEASURED = "met", "not met", "unmeasured"
Figures = Callable[[Results], list[float]]
Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted: that the median of figures is at most, or at least, `bound`."""

    case: str
    what: str
    bound: float
    figures: Figures
    write: Write
    at_least: bool = False

    @property
    def wanted(self) -> str:
        """The target in signs."""
        return f"{'≥' if self.at_least else '≤'} {self.write(self.bound)}"

    def met(self, value: float) -> bool:
        """Whether a figure is as wanted."""
        return value >= self.bound if self.at_least else value <= self.bound

    def verdict(self, results: Results) -> tuple[Spread | None, str]:
        """What was reached, and whether it is what is wanted."""
        spread = Spread.of(self.figures(results))
        if spread is None:
            return None, UNMEASURED
        return spread, MET if self.met(spread.median) else MISSED


def seconds(value: float) -> str:
    """Seconds in about three digits, or milliseconds."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def megabytes(value: float) -> str:
    """Bytes in millions."""
    return f"{value / 1e6:,.0f} MB"


def times(value: float) -> str:
    """A growth."""
    return f"{value:.2f}×"


def part(value: float) -> str:
    """A share as one part of so many."""
    return f"1/{1 / value:.3g}" if value else "0"


def share(value: float) -> str:
    """A share in hundreds."""
    return f"{value:.1%}"


def count(value: float) -> str:
    """A whole number."""
    return f"{value:,.0f}"


def _walls(case: str) -> Figures:
    return lambda results: [second for sample in results.of(SUBJECT, case) for second in sample.seconds]


def _peaks(case: str) -> Figures:
    return lambda results: [sample.peak_bytes for sample in results.of(SUBJECT, case) if sample.peak_bytes]


def of_baseline(subject: str, case: str) -> Figures:
    """A case's seconds over those of LlamaIndex's whole cold run, that of the same run if it is there."""

    def figures(results: Results) -> list[float]:
        whole = {sample.run: sample.seconds[0] for sample in results.of(BASELINE, COLD)}
        if not whole:
            return []
        first = whole[min(whole)]
        found = results.of(subject, case)
        return [second / whole.get(sample.run, first) for sample in found for second in sample.seconds]

    return figures


def growth(points: Iterable[tuple[int, float]]) -> list[float]:
    """The most that a figure a unit rises from one size to a larger one; 1 or less where it never rises."""
    rates = [figure / size for size, figure in sorted(points)]
    lowest = [min(rates[: place + 1]) for place in range(len(rates))]
    return [max(rate / least for rate, least in zip(rates[1:], lowest, strict=False))] if rates[1:] else []


def _grown(case: str) -> Figures:
    return lambda results: growth(
        (size, _median(results.of(SUBJECT, case, size))) for size in results.sizes(SUBJECT, case)
    )


def _median(samples: list[Sample]) -> float:
    spread = Spread.of(second for sample in samples for second in sample.seconds)
    assert spread is not None
    return spread.median


def _tokens_bounded(results: Results) -> list[float]:
    """Neural tokens at the largest size over the most at any smaller one."""
    case = case_of(PAGED, COLD)
    tokens = {sample.size: sample.neural_tokens for sample in results.of(SUBJECT, case) if sample.neural_tokens}
    *smaller, largest = sorted(tokens) or [0]
    return [tokens[largest] / max(tokens[size] for size in smaller)] if smaller else []


def _fact(case: str, read: Callable[[Sample], float]) -> Figures:
    return lambda results: [read(sample) for sample in results.of(SUBJECT, case)]


def _at(size: int) -> Figures:
    return lambda results: [second for each in results.of(SUBJECT, PACKING, size) for second in each.seconds]


TARGETS = (
    Target("cold question", "seconds over LlamaIndex's", 1 / 8, of_baseline(SUBJECT, COLD), part),
    Target("second question, new process", "seconds", 1.5, _walls(NEW), seconds),
    Target("second question, new process", "seconds over LlamaIndex's cold", 1 / 30, of_baseline(SUBJECT, NEW), part),
    Target("second question, same process", "seconds", 0.15, _walls(SAME), seconds),
    Target("`hiercomp --help`", "seconds", 0.7, _walls(HELP), seconds),
    Target("`hiercomp --help`", "heavy modules", 0, _fact(HELP, lambda sample: len(sample.facts["heavy"])), count),
    Target("cold question", "peak memory", 700e6, _peaks(COLD), megabytes),
    Target("cold question, big file", "peak memory", 1.5e9, _peaks(BIG), megabytes),
    Target("growth with pages", "most rise of seconds a page", 1.3, _grown(case_of(PAGED, COLD)), times),
    Target("growth with pages", "neural tokens, largest over smaller", 1.1, _tokens_bounded, times),
    Target("packing 100,000 nodes", "seconds", 1.0, _at(100_000), seconds),
    Target("packing", "most rise of seconds a node", 1.3, _grown(PACKING), times),
    Target(
        "reader", "of the prompt reused for a second question on the same context", 0.9,
        _fact(SAME, lambda sample: float(sample.facts["shared_prompt"])), share, at_least=True,
    ),
)  # fmt: skip
