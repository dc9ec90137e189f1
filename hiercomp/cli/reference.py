"""Write the reference page docs/cli.md from the help texts: `python -m hiercomp.cli.reference > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from hiercomp.config import ENVIRONMENT_PREFIX, SECRETS, Config

WIDTH = 80
_CODES = (
    (0, "success"),
    (1, "an error occurred, or a check of `doctor` failed"),
    (2, "an argument, a setting or a name is wrong, or an extra is not installed"),
    (3, "a file cannot be read, or contains no text; what the other files hold is on stdout"),
    (4, "the budget is too small; the message names the smallest budget that works"),
    (5, "the reader failed"),
    (130, "interrupted; the answer so far is on stdout"),
    (141, "the program that reads stdout has ended"),
)


def reference() -> str:
    """Return the page in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# The command line\n"
    yield "`python -m hiercomp.cli.reference > docs/cli.md` writes this page from the help texts.\n"
    yield "The answer, the context or one JSON document (`--json`) goes to stdout. Everything else goes to stderr."
    yield "On a terminal, answers appear while they are written, and control characters appear as symbols."
    yield "A pipe gets every character unchanged. hiercomp writes no escape sequences if `NO_COLOR` is set, if `TERM`"
    yield "is `dumb`, or if the stream is not a terminal.\n"
    for path, text in _helps():
        yield f"## `{' '.join(path)}`\n\n```text\n{text}\n```\n"
    yield "## Exit codes\n\n| code | meaning |\n|---:|---|"
    yield from (f"| {code} | {meaning} |" for code, meaning in _CODES)
    yield "\n## Settings\n"
    yield "Options override environment variables. Variables override `./hiercomp.toml`. This file overrides the"
    yield "user's own `config.toml`. An unknown key is an error. The API keys of providers come from the providers' own"
    yield "variables, such as `OPENAI_API_KEY`.\n"
    yield "| key of the file | variable | default | meaning |\n|---|---|---|---|"
    yield from _settings()
    yield ""


def _helps() -> Iterator[tuple[list[str], str]]:
    """Yield the words of each command and its help."""
    from hiercomp.cli.app import app

    pending: list[tuple[list[str], Any, typer.Context | None]] = [([app.info.name or ""], get_command(app), None)]
    while pending:
        path, command, parent = pending.pop(0)
        settings = command.context_settings | {"terminal_width": WIDTH}
        context = typer.Context(command, info_name=path[-1], parent=parent, **settings)
        yield path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        subcommands = getattr(command, "commands", {})
        pending[:0] = [([*path, name], child, context) for name, child in subcommands.items()]


def _settings() -> Iterator[str]:
    for name, field in Config.model_fields.items():
        key = "never" if name in SECRETS else f"`{name}`"
        default = "" if field.default is None else f"`{_toml(field.default)}`"
        yield f"| {key} | `{ENVIRONMENT_PREFIX}{name.upper()}` | {default} | {field.description} |"


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.stdout.write(reference())
