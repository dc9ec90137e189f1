"""What a run cost: seconds, tokens, money and energy, as plain values and one line of text."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from itertools import groupby
from pathlib import Path

from hiercomp.types import Answer, Context, Ledger, Part

STAGES = ("load", "index", "retrieve", "allocate", "render", "reason")
ENCODE = "encode"
"""The encoder's part of a stage: its seconds are in those of the stage too."""
IN_PROCESS = ("extractive", "local", "hf", "scripted")
"""Readers that run in this process."""
OWN_SERVERS = ("ollama", "vllm", "lmstudio", "localhost", "127.0.0.1", "::1")
"""Servers of the user's own: they cost no money, and their energy is not seen from here."""

WATTS_PER_CORE = 12.0
"""The rated power of one CPU core: the median of the processors that the source lists.

Source: Lannelongue, Grealey and Inouye 2021, Green Algorithms, table of processors. Their terms for memory (0.37 W a
GB, far below a core's) and for a data centre's overhead are left out.
"""


MEMORY = Path("/proc/self/status")
"""Where Linux tells the memory of a process; what `resource` tells there begins with that of the process's parent."""

_running: ContextVar[tuple[Stopwatch, str] | None] = ContextVar("running", default=None)


class Stopwatch:
    """Measures a run from the moment it is made; a stage that is entered again adds up."""

    def __init__(self) -> None:
        self._started = _clocks()
        self._spent = dict.fromkeys(STAGES, (0.0, 0.0))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the time inside towards a stage, also where it fails."""
        before = _clocks()
        token = _running.set((self, name))
        try:
            yield
        finally:
            _running.reset(token)
            (wall, cpu), (more_wall, more_cpu) = self._spent.get(name, (0.0, 0.0)), _since(before)
            self._spent[name] = wall + more_wall, cpu + more_cpu

    def seconds(self) -> tuple[tuple[str, float], ...]:
        """Wall seconds of every stage so far, and `total` since the start."""
        return self._each(0)

    def cpu_seconds(self) -> tuple[tuple[str, float], ...]:
        """Likewise core-seconds of this process and its finished children, other threads' work included."""
        return self._each(1)

    def _each(self, clock: int) -> tuple[tuple[str, float], ...]:
        spent = self._spent | {"total": _since(self._started)}
        return tuple((name, seconds[clock]) for name, seconds in spent.items())


def part(name: str) -> AbstractContextManager[None]:
    """Counts the time inside towards a part of the stage that is running here, if one is, and once only."""
    watch, running = _running.get() or (None, name)
    return nullcontext() if watch is None or running == name else watch.stage(name)


def peak_bytes() -> int | None:
    """The most memory that this process has held at a time; None where the platform does not tell."""
    if MEMORY.exists():
        lines = (line.split() for line in MEMORY.read_text().splitlines())
        return next(1024 * int(line[1]) for line in lines if line[0] == "VmHWM:")
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def price(model: str, prompt_tokens: int, completion_tokens: int) -> float | None:
    """US dollars of a call, 0 for a reader of one's own, None where the price is not known.

    Source: genai-prices' table as installed (the extra `prices`), no network.
    """
    name, _, host = model.partition(" at ")  # a server that is named by its address has prices of its own
    if _runs_here(model) or host in OWN_SERVERS or name.partition("/")[0] in OWN_SERVERS:
        return 0.0
    if host:
        return None
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        return None
    provider, _, name = model.partition("/")
    usage = Usage(input_tokens=prompt_tokens, output_tokens=completion_tokens)
    try:
        found = calc_price(usage, name, provider_id=provider) if name else calc_price(usage, model)
    except LookupError:
        return None
    return float(found.total_price)


def energy(cpu_seconds: float, model: str | None = None) -> float | None:
    """An estimate in watt-hours: core-seconds x 12 W / 3,600.

    It covers the processors that this process used and nothing else: None where the reader runs elsewhere.
    """
    return cpu_seconds * WATTS_PER_CORE / 3600 if model is None or _runs_here(model) else None


def footer(run: Context | Answer) -> str:
    """A run in one line: `112,340 -> 3,987 tokens (28.2x), 41 spans, pp. 3,7 | in 4,312 out 210 | $0.0011 | 2.9 s`."""
    context = run.context if isinstance(run, Answer) else run
    facts = [_compression(context, run.ledger)]
    if isinstance(run, Answer):
        facts.append(f"in {run.completion.prompt_tokens:,} out {run.completion.completion_tokens:,}")
        if run.uncited:
            facts.append(f"{len(run.uncited)} uncited claim{'' if len(run.uncited) == 1 else 's'}")
        facts.append(_money(run.ledger.usd))
    facts.append(f"{dict(run.ledger.seconds)['total']:.1f} s")
    return " | ".join(facts)


def _compression(context: Context, ledger: Ledger) -> str:
    ratio = f" ({ledger.source_tokens / context.token_count:.1f}x)" if context.token_count else ""
    spans = sum(len(part.spans) for part in context.parts)
    tokens = f"{ledger.source_tokens:,} -> {context.token_count:,} tokens{ratio}"
    return ", ".join([tokens, f"{spans:,} span{'' if spans == 1 else 's'}", *_places(context.parts)])


def _places(parts: Sequence[Part]) -> list[str]:
    """The pages of one document, else the number of documents; nothing for one document without pages."""
    documents = {part.document_id for part in parts}
    if len(documents) > 1:
        return [f"{len(documents)} documents"]
    pages = sorted({part.page for part in parts if part.page is not None})
    if not pages:
        return []
    return [f"{'p.' if len(pages) == 1 else 'pp.'} {_runs(pages)}"]


def _runs(numbers: Sequence[int]) -> str:
    """`3,7,12-15` for sorted numbers."""
    runs = [[number for _, number in group] for _, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)


def _money(usd: float | None) -> str:
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "$0"
    return f"${usd:.4f}" if usd >= 0.0001 else "<$0.0001"


def _runs_here(model: str) -> bool:
    return model.partition("/")[0] in IN_PROCESS or model.endswith(".gguf")


def _clocks() -> tuple[float, float]:
    """Wall seconds, and the user's and the system's for this process and its finished children."""
    return time.perf_counter(), sum(os.times()[:4])


def _since(before: tuple[float, float]) -> tuple[float, float]:
    wall, cpu = _clocks()
    return wall - before[0], cpu - before[1]
