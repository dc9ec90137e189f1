"""`hiercomp mcp`: documents for clients of the Model Context Protocol."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hiercomp.cli.listening import is_loopback, listen, log_in_lines, url_of
from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.screen import note
from hiercomp.cli.session import settings_of
from hiercomp.errors import ConfigError


def add_to(app: typer.Typer) -> None:
    """Adds the command to an application."""
    app.command("mcp", epilog="Example: hiercomp mcp ~/reports --budget 4000")(mcp)


@dataclass(frozen=True, kw_only=True)
class Options(CommonOptions):
    """The options of `mcp`."""

    directories: Annotated[list[Path] | None, typer.Argument(metavar="DIRECTORIES", hidden=True)] = None
    http: Annotated[bool, typer.Option("--http", help="Serve a port of this machine, not stdin and stdout.")] = False
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Of this machine, for --http.")] = "127.0.0.1"
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="For --http; 0 for a free one.")] = 8765
    budget: Annotated[
        int | None, typer.Option("--budget", "-b", metavar="N", min=1, help="Tokens of a call that does not say; 4000.")
    ] = None
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="The reader of the tool ask: local, ...")
    ] = None
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Address of an OpenAI-compatible server.")] = None
    tokenizer: Annotated[str | None, typer.Option(metavar="NAME", help="How tokens are counted.")] = None
    embedding: Annotated[str | None, typer.Option(metavar="NAME", help="The encoder.")] = None


@takes(Options)
def mcp(options: Options) -> None:
    """Serve the documents of directories to clients of the Model Context Protocol.

    The tools compress, ask, outline and expand read what is below the directories, and nothing else.
    """
    config = settings_of(options).config
    if config.budget == "auto":
        raise ConfigError("the server needs a --budget of tokens, not auto: a client's window has an end")
    directories = options.directories or ()
    if not directories:
        raise ConfigError("no directory: name the folders whose documents may be read")
    from hiercomp.integrations.mcp import serve_http, serve_stdio

    with suppress(KeyboardInterrupt):  # which is how a server is ended
        if not options.http:
            serve_stdio(directories, config, budget=config.budget)
            return
        if not is_loopback(options.host):
            raise ConfigError(f"--host {options.host} is open to others, and no password is asked here; use 127.0.0.1")
        log_in_lines()
        with listen(options.host, options.port) as listener:
            if not options.quiet:
                note(f"listening on {url_of(listener)}/mcp (Ctrl-C ends it)")
            serve_http(directories, config, budget=config.budget, listener=listener)
