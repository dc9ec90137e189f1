"""The application: its commands, and how errors become one line and an exit code."""

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
    help="Fits any long input into any token budget and answers from it, with pages.",
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
    """Fits any long input into any token budget and answers from it, with pages."""


def main() -> None:
    """Runs the command line on the process's arguments and ends the process."""
    # Looking for plugins opens a file of every installed package; no setting of ours has one.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    code = run(sys.argv[1:])
    _leave(code)


def run(arguments: Sequence[str]) -> int:
    """Runs one command: its exit code, after an error was told in one line."""
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
    """Exit code, type and message of an error."""
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
    """Libraries say nothing on stderr unless they are asked to."""
    if verbose:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s: %(message)s")
    else:
        logging.getLogger().addHandler(logging.NullHandler())
        warnings.simplefilter("ignore")


def _leave(code: int) -> None:
    """Ends the process; what cannot be flushed because nobody reads it any more is no error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = BROKEN_PIPE
    # The system takes back at once the memory that Python would take apart object by object, and ends the threads of
    # calls that were given up, which Python cannot do without the risk of a crash.
    os._exit(code)
