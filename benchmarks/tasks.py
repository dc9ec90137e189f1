"""What is run: a task measures processes that belong together, once a run, and says which peer it is of."""

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
"""256 is what the model reads, 1,024 the framework's default: of a longer chunk the rest is not encoded."""
COLD, NEW, SAME, HELP, BIG, PREFIX = "cold", "new process", "same process", "help", "big file", "prefix"
NODES = (10_000, 30_000, 100_000)
PACKING = "packing"
PREFIX_TOKENS = 1000
"""Of which LongLLMLingua takes about a minute on two cores."""
HEAVY = ("faiss", "llama_index", "numpy", "onnxruntime", "pypdfium2", "tiktoken", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Asked:
    """What every task is asked: files, questions and a budget."""

    files: tuple[Path, ...]
    questions: tuple[str, ...]
    budget: int

    @property
    def size(self) -> int:
        """The pages of the files."""
        return sum(length_of(file) for file in self.files)


@dataclass(frozen=True, slots=True)
class Task:
    """Processes that are measured together."""

    name: str
    runs: int
    measure: Callable[[], list[Sample]]


def table_tasks(asked: Asked, runs: int, peers: Sequence[str], nodes: Sequence[int], big: Path | None) -> list[Task]:
    """What the table is made of; in each run the peers come right after what they are compared with."""
    tasks = [Task(SUBJECT, runs, partial(_ours, asked))]
    tasks += [Task(peer, runs, partial(peer_cold, peer, asked)) for peer in peers if peer in CHUNK_TOKENS]
    if BASELINE in peers:
        tasks.append(Task(f"{BASELINE}, kept", 1, partial(_baseline_kept, asked)))
    if LLMSLIM in peers:
        tasks.append(Task(LLMSLIM, runs, partial(_llmslim, asked)))
    if LONGLLMLINGUA in peers:
        tasks.append(Task(LONGLLMLINGUA, 1, partial(_longllmlingua, asked)))
    if nodes:
        tasks.append(Task(PACKING, 1, partial(_packing, nodes, asked.budget, runs)))
    if big:
        tasks.append(Task(BIG, 1, partial(_big, Asked((big,), asked.questions, asked.budget))))
    return tasks


def ours_twice(asked: Asked, cases: tuple[str, str], size: int) -> list[Sample]:
    """A first question with nothing kept, and a second one in a new process."""
    with tempfile.TemporaryDirectory() as cache:
        return [
            _ours_once(asked, question, cache, (case, size))
            for case, question in zip(cases, asked.questions, strict=False)
        ]


def peer_cold(peer: str, asked: Asked, case: str = COLD, size: int | None = None) -> list[Sample]:
    """LlamaIndex from the file to the context of one question."""
    measured, told = _told("llama_index", asked, 1, "--chunk-tokens", str(CHUNK_TOKENS[peer]))
    facts = {"stages": told["stages"]}
    return [_whole(peer, case, measured, told["neural_tokens"], (asked.size if size is None else size, facts))]


def _ours(asked: Asked) -> list[Sample]:
    found = ours_twice(asked, (COLD, NEW), asked.size)
    with tempfile.TemporaryDirectory() as cache:
        measured, told = _told("session", asked, None, cache=cache)
    facts = {"first": told["first"], "shared_prompt": told["shared_prompt"]}
    session = Sample(
        SUBJECT,
        SAME,
        tuple(told["questions"]),
        peak_bytes=measured.peak_bytes,
        neural_tokens=told["neural_tokens"],
        size=asked.size,
        facts=facts,
    )
    return [*found, session, _help()]


def _ours_once(asked: Asked, question: str, cache: str, place: tuple[str, int]) -> Sample:
    """`hiercomp compress --json` as a user runs it."""
    command = ["hiercomp.cli", "compress", *map(str, asked.files), "--question", question]
    measured = measure(
        [sys.executable, "-m", *command, "--budget", str(asked.budget), "--json"], {"HIERCOMP_CACHE_DIR": cache}
    )
    told = json.loads(measured.output)
    facts = {
        "stages": told["seconds"],
        "encoded": told["encoded"],
        "source_tokens": told["source_tokens"],
        "context_tokens": told["context"]["tokens"],
    }
    case, size = place
    return _whole(SUBJECT, case, measured, told.get("neural_tokens"), (size, facts))


def _help() -> Sample:
    """`--help`, and in a second process, which is not timed, the heavy modules that it loads."""
    command = [sys.executable, "-m", "hiercomp.cli", "--help"]
    measured = measure(command)
    traced = measure([sys.executable, "-X", "importtime", *command[1:]]).errors
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in traced.splitlines()}
    return _whole(SUBJECT, HELP, measured, 0, (0, {"heavy": sorted(loaded.intersection(HEAVY))}))


def _big(asked: Asked) -> list[Sample]:
    return ours_twice(asked, (BIG, f"{BIG}, {NEW}"), asked.size)


def _baseline_kept(asked: Asked) -> list[Sample]:
    """Further questions to an index that is in memory, then to the same index loaded by a new process."""
    chunk_tokens = ["--chunk-tokens", str(CHUNK_TOKENS[BASELINE])]
    with tempfile.TemporaryDirectory() as folder:
        measured, told = _told("llama_index", asked, None, *chunk_tokens, "--keep", folder)
        kept = Asked((), asked.questions[1:], asked.budget)
        loading, loaded = _told("llama_index", kept, 1, *chunk_tokens, "--kept", folder)
    same = Sample(BASELINE, SAME, tuple(told["questions"][1:]), peak_bytes=measured.peak_bytes, size=asked.size)
    return [same, _whole(BASELINE, NEW, loading, loaded["neural_tokens"], (asked.size, {"stages": loaded["stages"]}))]


def _llmslim(asked: Asked) -> list[Sample]:
    measured, told = _told("llmslim", asked, 1)
    _, further = _told("llmslim", asked, None)
    return [
        _whole(LLMSLIM, COLD, measured, told["neural_tokens"], (asked.size, {})),
        Sample(LLMSLIM, SAME, tuple(further["questions"][1:]), size=asked.size),
    ]


def _longllmlingua(asked: Asked) -> list[Sample]:
    measured, told = _told("longllmlingua", asked, 1, "--prefix-tokens", str(PREFIX_TOKENS))
    facts = {name: told[name] for name in ("seconds", "prefix_tokens", "all_tokens")}
    return [_whole(LONGLLMLINGUA, PREFIX, measured, told["neural_tokens"], (asked.size, facts))]


def _packing(nodes: Sequence[int], budget: int, runs: int) -> list[Sample]:
    counts = [argument for count in nodes for argument in ("--nodes", str(count))]
    _, told = _script("packing", *counts, "--budget", str(budget), "--runs", str(runs))
    return [Sample(SUBJECT, PACKING, tuple(seconds), size=int(count)) for count, seconds in told.items()]


def _told(
    name: str, asked: Asked, questions: int | None, *more: str, cache: str | None = None
) -> tuple[Measured, dict[str, Any]]:
    """A script on the files, with the first questions or all of them."""
    given = [argument for question in asked.questions[:questions] for argument in ("--question", question)]
    return _script(name, *map(str, asked.files), *given, "--budget", str(asked.budget), *more, cache=cache)


def _script(name: str, *arguments: str, cache: str | None = None) -> tuple[Measured, dict[str, Any]]:
    """One of `benchmarks.processes`, and what the last line that it printed tells."""
    environment = {"HF_HUB_OFFLINE": "1"} | ({"HIERCOMP_CACHE_DIR": cache} if cache else {})
    measured = measure([sys.executable, "-m", f"benchmarks.processes.{name}", *arguments], environment)
    told: dict[str, Any] = json.loads(measured.output.strip().splitlines()[-1])
    return measured, told


def _whole(subject: str, case: str, measured: Measured, tokens: int | None, more: tuple[int, dict[str, Any]]) -> Sample:
    """A process as a sample; `more` are its size and further facts."""
    size, facts = more
    return Sample(
        subject, case, (measured.seconds,), measured.cpu_seconds, measured.peak_bytes, tokens, size=size, facts=facts
    )
