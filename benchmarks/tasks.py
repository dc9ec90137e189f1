"""The tasks of the benchmark. A task measures related processes, once per run."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.documents import length_of
from benchmarks.process import Measured, measure
from benchmarks.samples import Sample

SUBJECT, BASELINE = "hiercomp", "llama-index"
LARGE_CHUNKS, LLMSLIM, LONGLLMLINGUA = "llama-index-1024", "llmslim", "longllmlingua"
PEERS = (BASELINE, LARGE_CHUNKS, LLMSLIM, LONGLLMLINGUA)
CHUNK_TOKENS = {BASELINE: 256, LARGE_CHUNKS: 1024}
"""The model reads 256 tokens of a chunk and ignores the rest. 1,024 is the framework's default."""
COLD, NEW, SAME, HELP, BIG, PREFIX = "cold", "new process", "same process", "help", "big file", "prefix"
AGAIN, ALONE = "new process, again", "new process, question alone"
NEW_NEEDS, SAME_NEEDS = f"{NEW}, 4 needs", f"{SAME}, 4 needs"
LINES = ("Consolidated statements: {}", "Notes to the statements: {}", "Discussion by the management: {}")
"""The lines of a plan, for a question in the place of {}. With the question they are four needs, each a new query."""
NODES = (10_000, 30_000, 100_000)
PACKING = "packing"
PREFIX_TOKENS = 1000
"""LongLLMLingua takes about a minute for this many tokens on two cores."""
HEAVY = ("faiss", "llama_index", "numpy", "onnxruntime", "pypdfium2", "tiktoken", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Workload:
    """The files, questions and budget of a task."""

    files: tuple[Path, ...]
    questions: tuple[str, ...]
    budget: int

    @property
    def size(self) -> int:
        """The number of pages of the files."""
        return sum(length_of(file) for file in self.files)


@dataclass(frozen=True, slots=True)
class Task:
    """A measurement of related processes, and the number of its runs."""

    name: str
    runs: int
    measure: Callable[[], list[Sample]]


def table_tasks(
    workload: Workload, runs: int, peers: Sequence[str], nodes: Sequence[int], big: Path | None
) -> list[Task]:
    """Return the tasks of the table. In each run, the peers follow hiercomp directly.

    Args:
        workload: the files, questions and budget.
        runs: the number of measurements of each process.
        peers: the other tools to measure.
        nodes: the sizes of the trees for the allocator.
        big: a large PDF, measured once.
    """
    tasks = [Task(SUBJECT, runs, partial(_measure_subject, workload))]
    tasks.append(Task("plans", runs, partial(_measure_plans, workload)))
    tasks += [Task(peer, runs, partial(measure_llama_index, peer, workload)) for peer in peers if peer in CHUNK_TOKENS]
    if BASELINE in peers:
        tasks.append(Task(f"{BASELINE}, stored", 1, partial(_measure_stored_index, workload)))
    if LLMSLIM in peers:
        tasks.append(Task(LLMSLIM, runs, partial(_measure_llmslim, workload)))
    if LONGLLMLINGUA in peers:
        tasks.append(Task(LONGLLMLINGUA, 1, partial(_measure_longllmlingua, workload)))
    if nodes:
        tasks.append(Task(PACKING, 1, partial(_measure_packing, nodes, workload.budget, runs)))
    if big:
        tasks.append(Task(BIG, 1, partial(_measure_big, Workload((big,), workload.questions, workload.budget))))
    return tasks


def measure_two_questions(workload: Workload, cases: tuple[str, str], size: int) -> list[Sample]:
    """Measure hiercomp's first question with an empty cache, and the second one in a new process."""
    with tempfile.TemporaryDirectory() as cache:
        return [
            _measure_compress(workload, question, cache, (case, size))
            for case, question in zip(cases, workload.questions, strict=False)
        ]


def measure_llama_index(peer: str, workload: Workload, case: str = COLD, size: int | None = None) -> list[Sample]:
    """Measure LlamaIndex from the file to the context of one question."""
    measured, report = _run_on_files("llama_index", workload, 1, "--chunk-tokens", str(CHUNK_TOKENS[peer]))
    facts = {"stages": report["stages"]}
    return [_sample(peer, case, measured, report["neural_tokens"], (workload.size if size is None else size, facts))]


def _measure_subject(workload: Workload) -> list[Sample]:
    samples = measure_two_questions(workload, (COLD, NEW), workload.size)
    with tempfile.TemporaryDirectory() as cache:
        session = _measure_session(workload, SAME, cache)
    return [*samples, session, _measure_help()]


def _measure_plans(workload: Workload) -> list[Sample]:
    """Measure a question with the plan of the rules, with itself as its only need, and with four needs.

    The question was asked before, so that no process encodes passages. Then one process answers all questions, each
    with four needs.
    """
    first, question = workload.questions[:2]
    lines = [line.format(question) for line in LINES]
    plans: dict[str, Sequence[str]] = {AGAIN: (), ALONE: (question,), NEW_NEEDS: lines}
    with tempfile.TemporaryDirectory() as cache:
        for text, needs in ((first, ()), (question, lines)):
            _measure_compress(workload, text, cache, (COLD, workload.size), needs)
        samples = [
            _measure_compress(workload, question, cache, (case, workload.size), needs) for case, needs in plans.items()
        ]
        options = [argument for line in LINES for argument in ("--line", line)]
        return [*samples, _measure_session(workload, SAME_NEEDS, cache, *options)]


def _measure_session(workload: Workload, case: str, cache: str, *options: str) -> Sample:
    """Measure the questions after the first one in one process."""
    measured, report = _run_on_files("session", workload, None, *options, cache=cache)
    return Sample(
        SUBJECT,
        case,
        tuple(report["questions"]),
        peak_bytes=measured.peak_bytes,
        neural_tokens=report["neural_tokens"],
        size=workload.size,
        facts={"first": report["first"], "shared_prompt": report["shared_prompt"]},
    )


def _measure_compress(
    workload: Workload, question: str, cache: str, place: tuple[str, int], needs: Sequence[str] = ()
) -> Sample:
    """Measure `hiercomp compress --json` as a user runs it. `place` is the case and the size.

    `needs` is the user's own plan. Without it, the planner of hiercomp writes the plan.
    """
    command = ["hiercomp.cli", "compress", *map(str, workload.files), "--question", question]
    command += [argument for need in needs for argument in ("--need", need)]
    measured = measure(
        [sys.executable, "-m", *command, "--budget", str(workload.budget), "--json"], {"HIERCOMP_CACHE_DIR": cache}
    )
    report = json.loads(measured.output)
    facts = {
        "stages": report["seconds"],
        "encoded": report["encoded"],
        "source_tokens": report["source_tokens"],
        "context_tokens": report["context"]["tokens"],
    }
    case, size = place
    return _sample(SUBJECT, case, measured, report.get("neural_tokens"), (size, facts))


def _measure_help() -> Sample:
    """Measure `--help`. A second process, which is not timed, lists the heavy modules that it loads."""
    command = [sys.executable, "-m", "hiercomp.cli", "--help"]
    measured = measure(command)
    traced = measure([sys.executable, "-X", "importtime", *command[1:]]).errors
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in traced.splitlines()}
    return _sample(SUBJECT, HELP, measured, 0, (0, {"heavy": sorted(loaded.intersection(HEAVY))}))


def _measure_big(workload: Workload) -> list[Sample]:
    return measure_two_questions(workload, (BIG, f"{BIG}, {NEW}"), workload.size)


def _measure_stored_index(workload: Workload) -> list[Sample]:
    """Measure further questions to an index in memory, then one to the same index in a new process."""
    chunk_tokens = ["--chunk-tokens", str(CHUNK_TOKENS[BASELINE])]
    with tempfile.TemporaryDirectory() as folder:
        measured, report = _run_on_files("llama_index", workload, None, *chunk_tokens, "--save", folder)
        questions = Workload((), workload.questions[1:], workload.budget)
        loading, loaded = _run_on_files("llama_index", questions, 1, *chunk_tokens, "--load", folder)
    size, facts = workload.size, {"stages": loaded["stages"]}
    return [
        Sample(BASELINE, SAME, tuple(report["questions"][1:]), peak_bytes=measured.peak_bytes, size=size),
        _sample(BASELINE, NEW, loading, loaded["neural_tokens"], (size, facts)),
    ]


def _measure_llmslim(workload: Workload) -> list[Sample]:
    measured, report = _run_on_files("llmslim", workload, 1)
    _, further = _run_on_files("llmslim", workload, None)
    return [
        _sample(LLMSLIM, COLD, measured, report["neural_tokens"], (workload.size, {})),
        Sample(LLMSLIM, SAME, tuple(further["questions"][1:]), size=workload.size),
    ]


def _measure_longllmlingua(workload: Workload) -> list[Sample]:
    measured, report = _run_on_files("longllmlingua", workload, 1, "--prefix-tokens", str(PREFIX_TOKENS))
    facts = {name: report[name] for name in ("seconds", "prefix_tokens", "all_tokens")}
    return [_sample(LONGLLMLINGUA, PREFIX, measured, report["neural_tokens"], (workload.size, facts))]


def _measure_packing(nodes: Sequence[int], budget: int, runs: int) -> list[Sample]:
    counts = [argument for count in nodes for argument in ("--nodes", str(count))]
    _, report = _run_script("packing", *counts, "--budget", str(budget), "--runs", str(runs))
    return [Sample(SUBJECT, PACKING, tuple(seconds), size=int(count)) for count, seconds in report.items()]


def _run_on_files(
    name: str, workload: Workload, question_count: int | None, *options: str, cache: str | None = None
) -> tuple[Measured, dict[str, Any]]:
    """Run a script on the files with the first `question_count` questions, or with all of them."""
    questions = [argument for text in workload.questions[:question_count] for argument in ("--question", text)]
    arguments = [*map(str, workload.files), *questions, "--budget", str(workload.budget), *options]
    return _run_script(name, *arguments, cache=cache)


def _run_script(name: str, *arguments: str, cache: str | None = None) -> tuple[Measured, dict[str, Any]]:
    """Run a script of `benchmarks.processes`. Return the measurements and the JSON object of its last line."""
    environment = {"HF_HUB_OFFLINE": "1"} | ({"HIERCOMP_CACHE_DIR": cache} if cache else {})
    measured = measure([sys.executable, "-m", f"benchmarks.processes.{name}", *arguments], environment)
    report: dict[str, Any] = json.loads(measured.output.strip().splitlines()[-1])
    return measured, report


def _sample(
    subject: str, case: str, measured: Measured, tokens: int | None, details: tuple[int, dict[str, Any]]
) -> Sample:
    """Return the sample of a whole process. `details` are the size and the facts."""
    size, facts = details
    return Sample(
        subject, case, (measured.seconds,), measured.cpu_seconds, measured.peak_bytes, tokens, size=size, facts=facts
    )
