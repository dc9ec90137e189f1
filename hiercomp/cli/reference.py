"""The reference page docs/cli.md, made from the commands: `python -m hiercomp.cli.reference > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from hiercomp.config import ENVIRONMENT_PREFIX, SECRETS, Config

WIDTH = 80
_CODES = (
    (0, "done"),
    (1, "an error at run time, or a failed check of `doctor`"),
    (2, "a wrong argument, setting or name, or an extra that is not installed"),
    (3, "an input cannot be read, or holds no text"),
    (4, "the budget is too small; the message names the least that works"),
    (5, "the reader failed"),
    (130, "interrupted; what was written of the answer is on stdout"),
    (141, "whatever read stdout left"),
)


def reference() -> str:
    """The page in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# The command line\n"
    yield "Made by `python -m hiercomp.cli.reference > docs/cli.md`; a test compares it.\n"
    yield "The answer, the context or one JSON document (`--json`) goes to stdout, everything else to stderr."
    yield "On a terminal answers are streamed and control characters of documents are shown, not obeyed; a pipe gets"
    yield "every character as it is. `NO_COLOR`, `TERM=dumb` and streams that are no terminal get no escape sequence.\n"
    for path, text in _helps():
        yield f"## `{' '.join(path)}`\n\n```text\n{text}\n```\n"
    yield "## Exit codes\n\n| code | meaning |\n|---:|---|"
    yield from (f"| {code} | {meaning} |" for code, meaning in _CODES)
    yield "\n## Settings\n"
    yield "Flags win over the environment, that over `./hiercomp.toml`, and that over the user's own `config.toml`."
    yield "Unknown keys are refused. Keys of providers are read from their own variables, such as `OPENAI_API_KEY`.\n"
    yield "| key of the file | variable | default | meaning |\n|---|---|---|---|"
    yield from _settings()
    yield ""


def _helps() -> Iterator[tuple[list[str], str]]:
    """Each command's words and its help."""
    from hiercomp.cli.app import app

    pending: list[tuple[list[str], Any, typer.Context | None]] = [([app.info.name or ""], get_command(app), None)]
    while pending:
        path, command, parent = pending.pop(0)
        settings = command.context_settings | {"terminal_width": WIDTH}
        context = typer.Context(command, info_name=path[-1], parent=parent, **settings)
        yield path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        below = getattr(command, "commands", {})
        pending[:0] = [([*path, name], child, context) for name, child in below.items()]


def _settings() -> Iterator[str]:
    for name, field in Config.model_fields.items():
        key = "never" if name in SECRETS else f"`{name}`"
        default = "" if field.default is None else f"`{_toml(field.default)}`"
        yield f"| {key} | `{ENVIRONMENT_PREFIX}{name.upper()}` | {default} | {field.description} |"


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.stdout.write(reference())
