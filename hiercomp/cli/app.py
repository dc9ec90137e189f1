"""The application: it collects the commands and turns an error into one line and an exit code."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from itertools import takewhile
from typing import Annotated

import typer
from typer.exceptions import TyperException

from hiercomp import __version__
from hiercomp.cli import ask, cache, compress, doctor, index, inspect, mcp, models, serve, settings
from hiercomp.cli.options import BROKEN_PIPE, INTERRUPTED
from hiercomp.cli.screen import note, prepare_streams, write_json
from hiercomp.errors import HiercompError

app = typer.Typer(
    name="hiercomp",
    help="Fit any long input into any token budget and answer from it, with pages.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (ask, compress, index, inspect, models, cache, settings, doctor, serve, mcp):
    commands.add_to(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"hiercomp {__version__}\n")
        raise typer.Exit


@app.callback(epilog="Example: hiercomp ask report.pdf 'What was the net income of 2025?' --budget 4000")
def _global_options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Fit any long input into any token budget and answer from it, with pages."""


def main() -> None:
    """Run the command line on the process's arguments, then end the process."""
    # To look for plugins, Pydantic opens a file of every installed package. No setting of hiercomp uses a plugin.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    code = run(sys.argv[1:])
    _exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. An error is printed in one line on stderr."""
    options = set(takewhile(lambda argument: argument != "--", arguments))
    as_json, verbose = "--json" in options, bool(options & {"-v", "--verbose"})
    _quieten(verbose)
    prepare_streams()
    try:
        code = app(list(arguments) or ["--help"], prog_name="hiercomp", standalone_mode=False)
        sys.stdout.flush()
        if code != INTERRUPTED:
            return int(code or 0)
        return _fail(INTERRUPTED, "Interrupted", "interrupted", as_json=as_json)
    except KeyboardInterrupt:
        return _fail(INTERRUPTED, "Interrupted", "interrupted", as_json=as_json)
    except BrokenPipeError:
        return BROKEN_PIPE
    except Exception as error:
        if verbose:
            traceback.print_exc()
        return _fail(*_describe(error), as_json=as_json)


def _describe(error: Exception) -> tuple[int, str, str]:
    """Return the exit code, the type and the message of an error."""
    name = type(error).__name__
    if isinstance(error, HiercompError):
        return error.exit_code, name, str(error)
    if isinstance(error, TyperException):
        return error.exit_code, "UsageError", error.format_message()
    return 1, name, f"{name}: {error}; this is a bug in hiercomp: run again with --verbose and report what it prints"


def _fail(code: int, name: str, message: str, *, as_json: bool) -> int:
    line = " ".join(message.split())
    try:
        if as_json:
            write_json({"schema": "hiercomp/1", "error": {"code": code, "type": name, "message": line}})
        note(f"error: {line}")
    except BrokenPipeError:
        return BROKEN_PIPE
    return code


def _quieten(verbose: bool) -> None:
    """Keep the messages of libraries off stderr unless `verbose` is set."""
    if verbose:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s: %(message)s")
    else:
        logging.getLogger().addHandler(logging.NullHandler())
        warnings.simplefilter("ignore")


def _exit(code: int) -> None:
    """End the process. A reader that has closed the pipe is not an error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = BROKEN_PIPE
    # Python's own exit frees memory object by object, which is slow. It also risks a crash while threads of cancelled
    # calls still run. The operating system ends both at once.
    os._exit(code)
