"""The cost of a run: its dollars, its energy and its memory, and one line of text with all of them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import chain, groupby
from pathlib import Path, PurePath

from hiercomp.types import Answer, Hierarchy, Omission, Part, Run, Skipped

IN_PROCESS = ("extractive", "local", "hf", "scripted")
"""The readers that run in this process."""
OWN_SERVERS = ("ollama", "vllm", "lmstudio", "localhost", "127.0.0.1", "::1")
"""The user's own servers: they cost no money, and their energy cannot be measured from here."""

WATTS_PER_CORE = 12.0
"""The rated power of one CPU core in watts: the median of the processors that the source lists.

Source: Lannelongue, Grealey and Inouye 2021, Green Algorithms, table of processors. The estimate leaves out
their terms for memory (0.37 W a GB, far below a core's) and for the overhead of a data centre.
"""


MAX_NAMED = 3
"""The most skipped files of unknown formats, or omissions, that a line names. `hiercomp inspect` names all of them."""
MEMORY = Path("/proc/self/status")
"""Linux reports a process's memory here. There, `resource` starts with the memory of the parent process."""


def peak_bytes() -> int | None:
    """Return the most memory that this process ever held, in bytes; None if the platform does not report it."""
    if MEMORY.exists():
        lines = (line.split() for line in MEMORY.read_text().splitlines())
        return next(1024 * int(line[1]) for line in lines if line[0] == "VmHWM:")
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def price(model: str, prompt_tokens: int, completion_tokens: int) -> float | None:
    """Return the price of a call in US dollars: 0 for the user's own readers, None if the price is unknown.

    Source: the table of genai-prices as installed (the extra `prices`). No network is used.
    """
    name, _, host = model.partition(" at ")  # a server at an address has prices of its own
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


def add_prices(prices: Sequence[float | None]) -> float | None:
    """Add the prices of calls. The sum is None, which means unknown, if one of them is; without calls it is 0."""
    known = [usd for usd in prices if usd is not None]
    return sum(known, 0.0) if len(known) == len(prices) else None


def energy(cpu_seconds: float, *models: str | None) -> float | None:
    """Estimate the energy of a run in watt-hours: core-seconds x 12 W / 3,600.

    The estimate covers this process's CPU cores only. It is None if one of the models that were called runs elsewhere.
    """
    here = all(_runs_here(model) for model in models if model is not None)
    return cpu_seconds * WATTS_PER_CORE / 3600 if here else None


def losses(hierarchy: Hierarchy) -> list[str]:
    """Say what a context cannot hold, one line each: files that were skipped, and what loaders had to leave out."""
    return [*_skip_lines(hierarchy.skipped), *_omission_lines(hierarchy.omitted)]


def _skip_lines(skipped: Sequence[Skipped]) -> list[str]:
    """Return a line for each skipped file. Many files of formats that no loader reads share one line."""
    unknown = [file for file in skipped if file.format is None]
    if len(unknown) <= MAX_NAMED:
        return [f"{file.source} was skipped: {file.reason}" for file in skipped]
    counts = Counter(PurePath(file.source).suffix.lower() or "without a suffix" for file in unknown)
    kinds = ", ".join(f"{count:,} {suffix}" for suffix, count in counts.most_common())
    shared = f"{len(unknown):,} files skipped: {kinds}; `hiercomp inspect` says why, --strict stops instead"
    return [*(f"{file.source} was skipped: {file.reason}" for file in skipped if file.format is not None), shared]


def _omission_lines(omitted: Sequence[Omission]) -> list[str]:
    if not omitted:
        return []
    sources = list(dict.fromkeys(omission.source for omission in omitted))
    place = sources[0] if len(sources) == 1 else f"{len(sources):,} documents"
    named = [each.what if len(sources) == 1 else f"{each.source}: {each.what}" for each in omitted[:MAX_NAMED]]
    rest = len(omitted) - len(named)
    more = [f"and {rest:,} more, which `hiercomp inspect` lists"] if rest else []
    count = "1 part" if len(omitted) == 1 else f"{len(omitted):,} parts"
    return [f"{count} of {place} {'was' if len(omitted) == 1 else 'were'} left out: {'; '.join([*named, *more])}"]


def footer(result: Run | Answer) -> str:
    """Summarize the cost of a run in one line.

    `112,340 → 3,987 tokens (28.2x shorter) from pp. 3, 7 | 3 needs, 1 not found | 2.9 s | 4,312 tokens in, 210 out
    | $0.0011`
    """
    run = result.run if isinstance(result, Answer) else result
    facts = [_compression(run), *_plan(run), f"{dict(run.ledger.seconds)['total']:.1f} s"]
    if isinstance(result, Answer):
        completion = result.completion
        facts.append(f"{completion.prompt_tokens:,} tokens in, {completion.completion_tokens:,} out")
        if result.uncited:
            facts.append(f"{len(result.uncited)} uncited claim{'' if len(result.uncited) == 1 else 's'}")
        facts.append(_money(run.ledger.usd))
    return " | ".join(facts)


def _compression(run: Run) -> str:
    """Return the size of the input and of the context, and the places that the context comes from."""
    source_tokens, tokens = run.ledger.source_tokens, run.context.token_count
    ratio = f" ({source_tokens / tokens:.1f}x shorter)" if source_tokens > tokens > 0 else ""
    origin = places(run.context.parts)
    return f"{source_tokens:,} → {tokens:,} tokens{ratio}{f' from {origin}' if origin else ''}"


def _plan(run: Run) -> list[str]:
    """Return the number of needs, and of those for which nothing was found, if there is more than the question."""
    missing = run.evidence.found.count(False)
    needs = f"{len(run.plan.needs)} needs" + (f", {missing} not found" if missing else "")
    return [needs] if len(run.plan.needs) > 1 else []


def places(parts: Sequence[Part]) -> str:
    """Return the pages of one document, or the number of documents.

    The result is empty for one document without pages.
    """
    documents = {part.document_id for part in parts}
    if len(documents) > 1:
        return f"{len(documents)} documents"
    ranges = [range(part.page, (part.last_page or part.page) + 1) for part in parts if part.page is not None]
    pages = sorted(set(chain.from_iterable(ranges)))
    if not pages:
        return ""
    return f"{'p.' if len(pages) == 1 else 'pp.'} {_runs(pages)}"


def _runs(numbers: Sequence[int]) -> str:
    """Format sorted numbers as `3, 7, 12-15`. Three or more consecutive numbers become a range."""
    runs = [[number for _, number in group] for _, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _money(usd: float | None) -> str:
    """Format US dollars. None means that the price is unknown."""
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "$0"
    return f"${usd:.4f}" if usd >= 0.0001 else "<$0.0001"


def _runs_here(model: str) -> bool:
    return model.partition("/")[0] in IN_PROCESS or model.endswith(".gguf")
