"""The results as Markdown: the targets, all cases, and the growth with size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.growth import CORPUS, DOCUMENT_PAGES, PAGED, case_of
from benchmarks.samples import Results, Sample, Spread
from benchmarks.targets import MISSED, TARGETS, Write, megabytes, of_baseline, part, seconds
from benchmarks.tasks import (
    AGAIN,
    ALONE,
    BASELINE,
    BIG,
    COLD,
    HELP,
    LARGE_CHUNKS,
    LLMSLIM,
    LONGLLMLINGUA,
    NEW,
    NEW_NEEDS,
    PACKING,
    PREFIX,
    SAME,
    SAME_NEEDS,
    SUBJECT,
)
from eval.report._format import NOTHING, bold, counted, table, tokens

TOOLS = {
    SUBJECT: "hiercomp",
    BASELINE: "LlamaIndex, chunks of 256",
    LARGE_CHUNKS: "LlamaIndex, chunks of 1,024",
    LLMSLIM: "LLMSlim",
    LONGLLMLINGUA: "LongLLMLingua",
}
CASES = {
    COLD: "first question, empty cache",
    NEW: "second question, new process",
    AGAIN: "asked again, new process",
    ALONE: "asked again, new process, the question alone",
    NEW_NEEDS: "asked again, new process, 4 needs",
    SAME: "further questions, same process",
    SAME_NEEDS: "further questions, same process, 4 needs",
    HELP: "`--help`",
    BIG: "big file, first question",
    f"{BIG}, {NEW}": "big file, second question",
    PREFIX: "beginning of the file",
}


def page(results: Results) -> str:
    """Return the whole page."""
    parts = [_head(results), _targets(results), _cases(results)]
    parts += [_growth(results, kind) for kind in (PAGED, CORPUS) if results.sizes(SUBJECT, case_of(kind, COLD))]
    return "\n\n".join(parts) + "\n"


def _head(results: Results) -> str:
    head: dict[str, Any] = results.head
    machine = head["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
    paragraphs = [
        f"{head['file']}, {counted(head['pages'], 'page')}; budget {tokens(head['budget'])} tokens; "
        f"{counted(head['runs'], 'run')}; {where}.",
        "Figures are medians, with the least and the greatest in brackets. Ratios compare processes of the same run. "
        f"Memory is the sum of {head['memory']} over the process and its children, read 10 times a second.",
    ]
    paragraphs += [f"Not measured: {task}: {reason}" for task, reason in results.failures.items()]
    return f"# Seconds, memory and tokens at {head['commit']}\n\n" + "\n\n".join(paragraphs)


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        spread, verdict = target.verdict(results)
        measured = spread_text(spread, target.write)
        rows.append([target.case, target.quantity, target.condition, bold(measured, verdict == MISSED), verdict])
    return "## Targets\n\n" + table(["case", "quantity", "target", "measured", "verdict"], rows, left=5)


def _cases(results: Results) -> str:
    header = ["tool", "case", "seconds", "CPU seconds", "peak memory", "neural tokens", "over LlamaIndex", "note"]
    rows = [_row(results, subject, case) for subject in TOOLS for case in CASES if results.of(subject, case)]
    for size in results.sizes(SUBJECT, PACKING):
        cell = _cell(results.of(SUBJECT, PACKING, size), _walls, seconds)
        rows.append([TOOLS[SUBJECT], f"packing {size:,} nodes", cell, *[NOTHING] * 5])
    return "## All cases\n\n" + table(header, rows, left=2)


def _row(results: Results, subject: str, case: str) -> list[str]:
    samples = results.of(subject, case)
    compared = case in (COLD, NEW, SAME) and (subject, case) != (BASELINE, COLD)
    ratio = Spread.of(of_baseline(subject, case)(results)) if compared else None
    return [
        TOOLS[subject],
        CASES[case],
        _cell(samples, _walls, seconds),
        _cell(samples, lambda sample: [sample.cpu_seconds], seconds),
        _cell(samples, lambda sample: [sample.peak_bytes], megabytes),
        _cell(samples, lambda sample: [sample.neural_tokens], tokens),
        part(ratio.median) if ratio else NOTHING,
        _note(samples[0]),
    ]


def _note(sample: Sample) -> str:
    """Return the facts that are necessary to understand a figure."""
    if sample.case == PREFIX:
        facts = sample.facts
        whole_seconds = facts["seconds"] * facts["all_tokens"] / facts["prefix_tokens"]
        return (
            f"{facts['prefix_tokens']:,} of {facts['all_tokens']:,} tokens; in proportion, all of them take "
            f"{whole_seconds / 3600:.1f} hours"
        )
    stages = sample.facts.get("stages", {})
    notes = [f"{name} {seconds(taken)}" for name, taken in stages.items() if taken >= 0.05 and name != "total"]
    if "encoded" in sample.facts:
        notes.append(f"{sample.facts['encoded']:,} texts encoded")
    return "; ".join(notes) or NOTHING


def _growth(results: Results, kind: str) -> str:
    header = [kind, "first question", "per page", "CPU seconds", "peak memory", "neural tokens", "encoded",
              "second question", "LlamaIndex"]  # fmt: skip
    rows = []
    for size in results.sizes(SUBJECT, case_of(kind, COLD)):
        cold, second = (results.of(SUBJECT, case_of(kind, case), size) for case in (COLD, NEW))
        pages = size if kind == PAGED else size * DOCUMENT_PAGES
        rows.append([
            f"{size:,}",
            _cell(cold, _walls, seconds),
            spread_text(Spread.of(sample.seconds[0] / pages for sample in cold), seconds),
            _cell(cold, lambda sample: [sample.cpu_seconds], seconds),
            _cell(cold, lambda sample: [sample.peak_bytes], megabytes),
            _cell(cold, lambda sample: [sample.neural_tokens], tokens),
            _cell(cold, lambda sample: [sample.facts["encoded"]], tokens),
            _cell(second, _walls, seconds),
            _cell(results.of(BASELINE, case_of(kind, COLD), size), _walls, seconds),
        ])  # fmt: skip
    return f"## Growth with {kind}\n\n{_material(results, kind)}\n\n{table(header, rows, left=0)}"


def _material(results: Results, kind: str) -> str:
    """Describe the pages of the growth's sizes."""
    real_pages = results.head["material_pages"]
    text = f"The material is {counted(real_pages, 'page')} of real files"
    if kind == CORPUS:
        text += f", {DOCUMENT_PAGES} per document"
    if repeated := max(0, _largest_size(results, kind) - real_pages):
        text += f". The last {counted(repeated, 'page')} of the largest size are rewritten repetitions"
    return f"{text}."


def _largest_size(results: Results, kind: str) -> int:
    """Return the pages of the largest size of a kind."""
    size = results.sizes(SUBJECT, case_of(kind, COLD))[-1]
    return size if kind == PAGED else size * DOCUMENT_PAGES


def _walls(sample: Sample) -> Sequence[float | None]:
    return sample.seconds


def _cell(samples: Sequence[Sample], read: Callable[[Sample], Sequence[float | None]], write: Write) -> str:
    return spread_text(Spread.of(value for sample in samples for value in read(sample) if value is not None), write)


def spread_text(spread: Spread | None, write: Write) -> str:
    """Format a median, with the least and the greatest if they differ."""
    if spread is None:
        return NOTHING
    median, least, greatest = (write(value) for value in (spread.median, spread.least, spread.greatest))
    return median if least == greatest else f"{median} ({least}–{greatest})"
