"""The results as Markdown: the targets, all cases, and how they grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.growth import CORPUS, DOCUMENT_PAGES, PAGED, case_of
from benchmarks.samples import Results, Sample, Spread
from benchmarks.targets import MISSED, TARGETS, Write, megabytes, of_baseline, part, seconds
from benchmarks.tasks import (
    BASELINE,
    BIG,
    COLD,
    HELP,
    LARGE_CHUNKS,
    LLMSLIM,
    LONGLLMLINGUA,
    NEW,
    PACKING,
    PREFIX,
    SAME,
    SUBJECT,
)
from eval.report._format import NOTHING, bold, counted, table, tokens

WHO = {
    SUBJECT: "hiercomp",
    BASELINE: "LlamaIndex, chunks of 256",
    LARGE_CHUNKS: "LlamaIndex, chunks of 1,024",
    LLMSLIM: "LLMSlim",
    LONGLLMLINGUA: "LongLLMLingua",
}
CASES = {
    COLD: "first question, nothing kept",
    NEW: "second question, new process",
    SAME: "further questions, same process",
    HELP: "`--help`",
    BIG: "big file, first question",
    f"{BIG}, {NEW}": "big file, second question",
    PREFIX: "beginning of the file",
}


def page(results: Results) -> str:
    """All of it."""
    parts = [_head(results), _targets(results), _cases(results)]
    parts += [_growth(results, kind) for kind in (PAGED, CORPUS) if results.sizes(SUBJECT, case_of(kind, COLD))]
    return "\n\n".join(parts) + "\n"


def _head(results: Results) -> str:
    head: dict[str, Any] = results.head
    machine = head["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
    said = [
        f"{head['file']}, {counted(head['pages'], 'page')}; budget {tokens(head['budget'])} tokens; "
        f"{counted(head['runs'], 'run')}; {where}.",
        "Medians, and in brackets the least and the greatest. Ratios are of the same run. "
        f"Memory is the sum of {head['memory']} over the process and its children, looked at 10 times a second.",
    ]
    said += [f"Not measured: {task}: {reason}" for task, reason in results.failures.items()]
    return f"# Seconds, memory and tokens at {head['commit']}\n\n" + "\n\n".join(said)


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        spread, verdict = target.verdict(results)
        reached = spread_text(spread, target.write)
        rows.append([target.case, target.what, target.wanted, bold(reached, verdict == MISSED), verdict])
    return "## Targets\n\n" + table(["case", "what", "target", "reached", "verdict"], rows, left=5)


def _cases(results: Results) -> str:
    header = ["who", "case", "seconds", "CPU seconds", "peak memory", "neural tokens", "of LlamaIndex, cold", "note"]
    rows = [_row(results, subject, case) for subject in WHO for case in CASES if results.of(subject, case)]
    for size in results.sizes(SUBJECT, PACKING):
        taken = _of(results.of(SUBJECT, PACKING, size), _walls, seconds)
        rows.append([WHO[SUBJECT], f"packing {size:,} nodes", taken, *[NOTHING] * 5])
    return "## All cases\n\n" + table(header, rows, left=2)


def _row(results: Results, subject: str, case: str) -> list[str]:
    samples = results.of(subject, case)
    compared = case in (COLD, NEW, SAME) and (subject, case) != (BASELINE, COLD)
    ratio = Spread.of(of_baseline(subject, case)(results)) if compared else None
    return [
        WHO[subject],
        CASES[case],
        _of(samples, _walls, seconds),
        _of(samples, lambda sample: [sample.cpu_seconds], seconds),
        _of(samples, lambda sample: [sample.peak_bytes], megabytes),
        _of(samples, lambda sample: [sample.neural_tokens], tokens),
        part(ratio.median) if ratio else NOTHING,
        _note(samples[0]),
    ]


def _note(sample: Sample) -> str:
    """What a figure can not be understood without."""
    if sample.case == PREFIX:
        facts = sample.facts
        whole = facts["seconds"] * facts["all_tokens"] / facts["prefix_tokens"]
        return (
            f"{facts['prefix_tokens']:,} of {facts['all_tokens']:,} tokens: extrapolated in proportion, "
            f"{whole / 3600:.1f} hours for all"
        )
    stages = sample.facts.get("stages", {})
    shown = [f"{name} {seconds(taken)}" for name, taken in stages.items() if taken >= 0.05 and name != "total"]
    if "encoded" in sample.facts:
        shown.append(f"{sample.facts['encoded']:,} texts encoded")
    return "; ".join(shown) or NOTHING


def _growth(results: Results, kind: str) -> str:
    header = [kind, "first question", "a page", "CPU seconds", "peak memory", "neural tokens", "encoded",
              "second question", "LlamaIndex"]  # fmt: skip
    rows = []
    for size in results.sizes(SUBJECT, case_of(kind, COLD)):
        cold, second = (results.of(SUBJECT, case_of(kind, case), size) for case in (COLD, NEW))
        pages = size if kind == PAGED else size * DOCUMENT_PAGES
        rows.append([
            f"{size:,}",
            _of(cold, _walls, seconds),
            spread_text(Spread.of(sample.seconds[0] / pages for sample in cold), seconds),
            _of(cold, lambda sample: [sample.cpu_seconds], seconds),
            _of(cold, lambda sample: [sample.peak_bytes], megabytes),
            _of(cold, lambda sample: [sample.neural_tokens], tokens),
            _of(cold, lambda sample: [sample.facts["encoded"]], tokens),
            _of(second, _walls, seconds),
            _of(results.of(BASELINE, case_of(kind, COLD), size), _walls, seconds),
        ])  # fmt: skip
    own = results.head["material_pages"]
    made = pages_made(results, kind)
    again = max(0, made - own)
    said = f"Pages of real files, {own:,} in all"
    if kind == CORPUS:
        said += f", {DOCUMENT_PAGES} to a document"
    if again:
        said += f"; the last {again:,} of the largest are some of them again, written anew with words exchanged"
    return f"## Growth with {kind}\n\n{said}.\n\n{table(header, rows, left=0)}"


def pages_made(results: Results, kind: str) -> int:
    """The pages of the largest size of a kind."""
    size = results.sizes(SUBJECT, case_of(kind, COLD))[-1]
    return size if kind == PAGED else size * DOCUMENT_PAGES


def _walls(sample: Sample) -> Sequence[float | None]:
    return sample.seconds


def _of(samples: Sequence[Sample], read: Callable[[Sample], Sequence[float | None]], write: Write) -> str:
    return spread_text(Spread.of(value for sample in samples for value in read(sample) if value is not None), write)


def spread_text(spread: Spread | None, write: Write) -> str:
    """A median, with the least and the greatest where they differ."""
    if spread is None:
        return NOTHING
    middle, least, greatest = (write(value) for value in (spread.median, spread.least, spread.greatest))
    return middle if least == greatest else f"{middle} ({least}–{greatest})"
