"""`hiercomp mcp`: serve documents to clients of the Model Context Protocol."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hiercomp.cli.listening import is_loopback, listen, shorten_server_log, url_of
from hiercomp.cli.options import CommonOptions, PlannerOptions, takes
from hiercomp.cli.screen import note
from hiercomp.cli.session import load_settings
from hiercomp.errors import ConfigError


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("mcp", epilog="Example: hiercomp mcp ~/reports --budget 4000")(mcp)


@dataclass(frozen=True, kw_only=True)
class Options(PlannerOptions, CommonOptions):
    """The options of `mcp`."""

    directories: Annotated[list[Path] | None, typer.Argument(metavar="DIRECTORIES", hidden=True)] = None
    http: Annotated[bool, typer.Option("--http", help="Listen on a port instead of stdin and stdout.")] = False
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address for --http; on this machine only.")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="The port for --http; 0 for a free port.")
    ] = 8765
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget", "-b", metavar="N", min=1, help="The budget of a call that names none; 4000 by default."
        ),
    ] = None
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="The reader of the tool ask, such as local.")
    ] = None
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="The address of an OpenAI-compatible server.")] = (
        None
    )
    tokenizer: Annotated[str | None, typer.Option(metavar="NAME", help="The tokenizer.")] = None
    embedding: Annotated[str | None, typer.Option(metavar="NAME", help="The encoder.")] = None


@takes(Options)
def mcp(options: Options) -> None:
    """Serve documents to clients of the Model Context Protocol (MCP).

    The tools documents, compress, ask, outline and expand read files in DIRECTORIES only.
    """
    config = load_settings(options).config
    if config.budget == "auto":
        raise ConfigError(
            "the server does not accept --budget auto, because a client's context window is limited; "
            "give a number of tokens"
        )
    directories = options.directories or ()
    if not directories:
        raise ConfigError("no directory: name the folders whose documents may be read")
    from hiercomp.integrations.mcp import serve_http, serve_stdio

    with suppress(KeyboardInterrupt):  # Ctrl-C is the normal way to stop the server.
        if not options.http:
            serve_stdio(directories, config, budget=config.budget)
            return
        if not is_loopback(options.host):
            raise ConfigError(
                f"--host {options.host} is open to others, and this server has no password; use 127.0.0.1"
            )
        shorten_server_log()
        with listen(options.host, options.port) as listener:
            if not options.quiet:
                note(f"listening on {url_of(listener)}/mcp (press Ctrl-C to stop)")
            serve_http(directories, config, budget=config.budget, listener=listener)
