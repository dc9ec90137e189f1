"""Describe how the runs of a report were made: commands, commit, machine, versions, settings and files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from eval.report._format import NOTHING, percent, plain, table
from eval.summary import has_reader
from eval.summary.estimates import LEVEL, SAMPLES, SEED
from eval.summary.plans import plan_digests
from eval.types import Run

DIGITS = 12
"""Digits of a digest that are shown: enough to distinguish files."""


def provenance(runs: Sequence[Run]) -> str:
    """Format the whole section."""
    return "\n\n".join(filter(None, [_commands(runs), _facts(runs), _files(runs), _parameters(runs)]))


def _commands(runs: Sequence[Run]) -> str:
    """Format the commands that repeat these runs."""
    together: dict[tuple[str, ...], list[Run]] = defaultdict(list)
    for run in runs:
        together[_options(run)].append(run)
    commands = [_command(together[options], options) for options in sorted(together)]
    return "```\n" + "\n\n".join(commands) + "\n```"


def _options(run: Run) -> tuple[str, ...]:
    """Return the options that the runs of one command share."""
    sample = _mapping(run.settings.get("sample"))
    reader = _mapping(run.settings.get("reader"))
    given = {
        "--sample": sample.get("questions"),
        "--documents": sample.get("documents"),
        "--seed": run.settings.get("seed"),
        "--tokenizer": None if reader else run.settings.get("tokenizer"),
        "--plans": "PLANS" if plan_digests(run) else None,
        "--reader": reader.get("model"),
    }
    return tuple(f"{name} {value}" for name, value in given.items() if value is not None)


def _command(runs: Sequence[Run], options: Sequence[str]) -> str:
    sets = _unique(name for run in runs for name in _mapping(run.settings.get("datasets")))
    budgets = sorted({record.budget for run in runs for record in run.records} - {0})
    strategies = _unique(str(_mapping(run.settings.get("reader")).get("strategy")) for run in runs if has_reader(run))
    parts = [
        "python -m eval run",
        f"--sets {','.join(sorted(sets))}",
        f"--methods {','.join(_unique(run.method for run in runs))}",
        *([f"--budgets {','.join(map(str, budgets))}"] if budgets else []),
        *options,
        *([f"--strategies {','.join(strategies)}"] if strategies else []),
    ]
    return " \\\n    ".join(parts)


def _facts(runs: Sequence[Run]) -> str:
    """Format commit, machine and versions. If the runs differ, all values are listed."""
    rows = [("commit", _values(run.commit for run in runs))]
    for name in _unique(name for run in runs for name in run.environment):
        if name != "packages":
            rows.append(
                (name.replace("_", " "), _values(str(run.environment[name]) for run in runs if name in run.environment))
            )
    packages: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        for name, version in _mapping(run.environment.get("packages")).items():
            packages[name].append(str(version))
    rows.append(("packages", ", ".join(f"{name} {_values(versions)}" for name, versions in sorted(packages.items()))))
    rows += [(name, _values(str(run.settings.get(name)) for run in runs)) for name in ("tokenizer", "encoder", "seed")]
    rows.append(("intervals", f"{percent(LEVEL)} bootstrap, {SAMPLES:,} draws of documents, seed {SEED}"))
    return table(["property", "value"], [(name, plain(value)) for name, value in rows], left=2)


def _files(runs: Sequence[Run]) -> str:
    """Format the digests of each set's files and of its plans."""
    files = _digests(_mapping(run.settings.get("datasets")) for run in runs)
    plans = _digests(map(plan_digests, runs))
    rows = [[plain(name), _code(files[name]), *([_code(plans.get(name))] if plans else [])] for name in sorted(files)]
    return table(["set", "SHA-256 of its files", *(["SHA-256 of its plans"] if plans else [])], rows, left=3)


def _digests(by_run: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Return the beginning of the digest of each set."""
    found: dict[str, list[str]] = defaultdict(list)
    for digests in by_run:
        for name, digest in digests.items():
            found[name].append(str(digest)[:DIGITS])
    return {name: _values(digests) for name, digests in found.items()}


def _code(text: str | None) -> str:
    return NOTHING if text is None else f"`{text}`"


def _parameters(runs: Sequence[Run]) -> str:
    """Format the parameters of each method."""
    rows = {}
    for run in sorted(runs, key=lambda run: (run.method, run.title)):
        given = _mapping(run.settings.get("parameters"))
        if given:
            rows[run.method] = (plain(run.method), plain(", ".join(f"{name} {value}" for name, value in given.items())))
    return table(["method", "parameters"], rows.values(), left=2) if rows else ""


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _values(values: Iterable[str]) -> str:
    """Return the common value, or all different values."""
    return " / ".join(sorted(set(values)))
