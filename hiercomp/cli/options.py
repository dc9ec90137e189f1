"""The options of the commands, each written once. A command takes one frozen value; Typer sees its fields as options.

Fields that are named as those of `Config` are settings: None means that the flag was not given.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, TypeVar, get_type_hints

import typer

from hiercomp import registry

INTERRUPTED, BROKEN_PIPE = 130, 141
"""Exit codes as a shell reports a process that SIGINT or SIGPIPE ended."""
Options = TypeVar("Options")


def takes(kind: type[Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """A command of one options value, with that value's fields as its parameters."""
    hints = get_type_hints(kind, include_extras=True)
    # The command's own options first, those that every command has last.
    names = dict.fromkeys(name for base in kind.__mro__ for name in inspect.get_annotations(base))
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=getattr(kind, name), annotation=hints[name])
        for name in names
    ]

    def decorate(command: Callable[[Options], None]) -> Callable[..., None]:
        @wraps(command)
        def call(**values: object) -> None:
            try:
                command(kind(**values))
            except BrokenPipeError as error:  # nobody reads the output any more
                raise typer.Exit(BROKEN_PIPE) from error

        call.__annotations__ = hints | {"return": None}
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return call

    return decorate


def _names(family: str) -> Callable[[], list[str]]:
    return lambda: registry.names(family)


@dataclass(frozen=True, kw_only=True)
class CommonOptions:
    """What every command understands."""

    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Read this file in place of hiercomp.toml.")
    ] = None
    cache_dir: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where what was made is kept.")] = None
    offline: Annotated[bool | None, typer.Option("--offline", help="Never use the network.")] = None
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing drawn.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", help="Nothing on stderr unless it fails.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log messages, and the traceback of a failure.")] = (
        False
    )


@dataclass(frozen=True, kw_only=True)
class InputOptions(CommonOptions):
    """How documents are read and indexed."""

    pages: Annotated[str | None, typer.Option(metavar="RANGE", help="Pages to read, such as 3-9,12.")] = None
    password: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Opens an encrypted document; safer as HIERCOMP_PASSWORD.")
    ] = None
    type: Annotated[str | None, typer.Option(metavar="FORMAT", help="The format, where the content does not tell.")] = (
        None
    )
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How tokens are counted; the reader's own way if not given.",
            autocompletion=_names("tokenizers"),
        ),
    ] = None
    embedding: Annotated[
        str | None, typer.Option(metavar="NAME", help="The encoder.", autocompletion=_names("encoders"))
    ] = None
    cache: Annotated[
        bool | None, typer.Option("--cache/--no-cache", help="Keep what was indexed for the next question.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class QuestionOptions:
    """How a budget is spent on a question."""

    question: Annotated[
        str | None, typer.Option("--question", "-q", metavar="TEXT", help="The question, if no argument is.")
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            "-b",
            metavar="N|auto",
            help="Tokens, a hard limit; 4000 if not set. With auto the least that holds enough, 32000 at most.",
        ),
    ] = None
    evidence_share: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Enough for auto: this share of all expected evidence; 0.95 if not set."),
    ] = None
    least_value: Annotated[
        float | None,
        typer.Option(metavar="P", help="Auto shows nothing worth less expected evidence a token, such as 0.05."),
    ] = None
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="The reader: local, local/1.5b, extractive, openai/gpt-5, ...",
            autocompletion=_names("llms"),
        ),
    ] = None
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Address of an OpenAI-compatible server.")] = None
    retriever: Annotated[
        str | None, typer.Option(metavar="NAME", help="How parts are found.", autocompletion=_names("retrievers"))
    ] = None
    allocator: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How the budget is divided; with nested a greater budget only adds to what a smaller one shows.",
            autocompletion=_names("allocators"),
        ),
    ] = None
    compressor: Annotated[
        str | None, typer.Option(metavar="NAME", help="How parts are shortened.", autocompletion=_names("compressors"))
    ] = None


@dataclass(frozen=True, kw_only=True)
class LedgerOptions:
    """What is told about a run."""

    usage: Annotated[bool, typer.Option("--usage/--no-usage", help="Show the ledger on stderr.")] = True
    profile: Annotated[
        bool, typer.Option("--profile", help="Show the seconds of each stage and the memory on stderr.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class ReaderOptions:
    """How the reader answers."""

    answer_tokens: Annotated[
        int | None, typer.Option(metavar="N", help="Tokens reserved for the answer; estimated if not set.")
    ] = None
    retries: Annotated[
        int | None, typer.Option(metavar="N", help="Further tries after the reader failed for the moment.")
    ] = None
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help="How long the reader may take.")] = None
    stream: Annotated[
        bool | None,
        typer.Option("--stream/--no-stream", help="Print while it is written; on a terminal by default."),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count the prompt's tokens and price them; call no model.")
    ] = False
