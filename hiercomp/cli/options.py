"""The options of the commands. Each option is written once.

A command takes one frozen options value, and Typer reads the value's fields as command-line options. A field with the
name of a `Config` field is a setting; its value is None if the option was not given.
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
"""The exit codes that a shell reports for a process that SIGINT or SIGPIPE ended."""
Options = TypeVar("Options")


def takes(kind: type[Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Return a decorator for a command that takes one options value: it makes the value's fields the parameters."""
    hints = get_type_hints(kind, include_extras=True)
    # The help lists options in this order: the command's own first, the common ones last.
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
            except BrokenPipeError as error:  # The program that read the output has ended.
                raise typer.Exit(BROKEN_PIPE) from error

        call.__annotations__ = hints | {"return": None}
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return call

    return decorate


def _names(family: str) -> Callable[[], list[str]]:
    return lambda: registry.names(family)


@dataclass(frozen=True, kw_only=True)
class CommonOptions:
    """The options of every command."""

    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Read this file instead of hiercomp.toml.")
    ] = None
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The folder of the cache and the models.")
    ] = None
    offline: Annotated[bool | None, typer.Option("--offline", help="Do not use the network.")] = None
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing on stderr except errors.")] = False
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print log messages, and the traceback of an error.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class InputOptions(CommonOptions):
    """The options for reading and indexing documents."""

    pages: Annotated[str | None, typer.Option(metavar="RANGE", help="The pages to read, such as 3-9,12.")] = None
    password: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The password of a document; HIERCOMP_PASSWORD is safer.")
    ] = None
    type: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="The file format; detected from the content by default.")
    ] = None
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The tokenizer, which counts tokens; the reader's own by default.",
            autocompletion=_names("tokenizers"),
        ),
    ] = None
    embedding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The encoder, which turns texts into vectors.", autocompletion=_names("encoders")
        ),
    ] = None
    strict: Annotated[
        bool | None,
        typer.Option("--strict", help="Stop at the first file that cannot be read, instead of skipping it."),
    ] = None
    cache: Annotated[bool | None, typer.Option("--cache/--no-cache", help="Store the index for the next question.")] = (
        None
    )


@dataclass(frozen=True, kw_only=True)
class QuestionOptions:
    """The question, its budget, and the components that use the budget."""

    question: Annotated[
        str | None,
        typer.Option("--question", "-q", metavar="TEXT", help="The question, if it is not the last argument."),
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            "-b",
            metavar="N|auto",
            help="The token budget, a hard limit; 4000 by default. auto takes the fewest tokens that hold enough "
            "evidence, at most 32000.",
        ),
    ] = None
    evidence_share: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", help="With --budget auto: the share of all expected evidence to show; 0.95 by default."
        ),
    ] = None
    least_value: Annotated[
        float | None,
        typer.Option(metavar="P", help="With --budget auto: the least expected evidence per token, such as 0.05."),
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
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="The address of an OpenAI-compatible server.")] = (
        None
    )
    retriever: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The retriever, which finds passages.", autocompletion=_names("retrievers")),
    ] = None
    allocator: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The allocator, which divides the budget.",
            autocompletion=_names("allocators"),
        ),
    ] = None
    compressor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The compressor, which summarizes sections and documents.",
            autocompletion=_names("compressors"),
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class PlannerOptions:
    """The options for the component that writes plans, and for the calls that it may make."""

    planner: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The planner, which writes what to look for: rules, reader or recorded/FILE. By default a hosted "
            "reader does, else the rules.",
            autocompletion=_names("planning"),
        ),
    ] = None
    playbook: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your own playbook for the rules: what to look for if a term is asked for."),
    ] = None
    passes: Annotated[
        int | None,
        typer.Option(metavar="N", help="2: the reader names once what the first context lacks; 1 by default."),
    ] = None
    total: Annotated[
        int | None,
        typer.Option(metavar="N", help="The most tokens of all calls together: plan, second look and answer."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class PlanOptions(PlannerOptions):
    """The pieces of evidence to find for a question, or the planner that writes them."""

    need: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help="A piece of evidence to find, in the words of the documents; can be repeated. No planner is used "
            "then.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class LedgerOptions:
    """The options for the report about a run."""

    usage: Annotated[
        bool, typer.Option("--usage/--no-usage", help="Show the tokens, the time and the cost of the run on stderr.")
    ] = True
    profile: Annotated[
        bool, typer.Option("--profile", help="Show the seconds of each stage, and the memory, on stderr.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class ReaderOptions:
    """The options for the call of the reader."""

    answer_tokens: Annotated[
        int | None, typer.Option(metavar="N", help="The tokens reserved for the answer; estimated by default.")
    ] = None
    retries: Annotated[
        int | None, typer.Option(metavar="N", help="The number of retries after a temporary error of the reader.")
    ] = None
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help="The time limit of the reader.")] = None
    stream: Annotated[
        bool | None,
        typer.Option("--stream/--no-stream", help="Print the answer while it is written; the default on a terminal."),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the prompt's tokens and their cost without a call of the reader.")
    ] = False
