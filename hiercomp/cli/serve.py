"""`hiercomp serve`: run the HTTP server until it is interrupted."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.listening import listen, shorten_server_log, url_of
from hiercomp.cli.options import CommonOptions, PlannerOptions, takes
from hiercomp.cli.screen import note
from hiercomp.cli.session import load_settings

if TYPE_CHECKING:
    from hiercomp.config import Config
    from hiercomp.server.settings import ServerSettings

SHUTDOWN_SECONDS = 5
"""The time that running requests get to finish when the server stops."""


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("serve", epilog="Example: hiercomp serve --base-url http://localhost:11434/v1 --budget 4000")(serve)


@dataclass(frozen=True, kw_only=True)
class Options(PlannerOptions, CommonOptions):
    """The options of `serve`."""

    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The address to listen on; other machines need a token.")
    ] = "127.0.0.1"
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="The port; 0 for a free port.")] = 8000
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The OpenAI-compatible server that gets the chat requests.")
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget", "-b", metavar="N|auto", help="The budget of a request that names none; 4000 by default."
        ),
    ] = None
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="The reader of /v1/ask: local, extractive, ...")
    ] = None
    tokenizer: Annotated[str | None, typer.Option(metavar="NAME", help="The tokenizer.")] = None
    embedding: Annotated[str | None, typer.Option(metavar="NAME", help="The encoder.")] = None
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="The longest silence of the upstream server or the reader.")
    ] = None
    documents: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder for uploaded documents; by default in the cache."),
    ] = None
    max_body: Annotated[int, typer.Option(metavar="BYTES", min=1, help="The largest request body.")] = 32 * 1024**2
    concurrency: Annotated[
        int, typer.Option(metavar="N", min=1, help="The number of requests served at once; others wait.")
    ] = 32
    patience: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="The longest time that a request waits for its turn.")
    ] = 30


@takes(Options)
def serve(options: Options) -> None:
    """Serve runs, documents and an OpenAI-compatible proxy over HTTP.

    If HIERCOMP_SERVER_TOKEN is set, clients must send this token. The upstream server then gets the key
    in HIERCOMP_API_KEY.
    """
    config = load_settings(options).config
    from hiercomp.server.app import build

    settings = _settings(options, config)
    app = build(settings)
    import uvicorn

    shorten_server_log()
    with listen(options.host, options.port) as listener:
        log_level = "info" if options.verbose else "warning"
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level=log_level,
                access_log=options.verbose,
                lifespan="on",
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )
        if not options.quiet:
            note(f"listening on {url_of(listener)} (press Ctrl-C to stop)")
        with suppress(KeyboardInterrupt):  # Ctrl-C is the normal way to stop the server.
            server.run(sockets=[listener])


def _settings(options: Options, config: Config) -> ServerSettings:
    from hiercomp.llms._providers import SERVED_KEY
    from hiercomp.models import cache_folder
    from hiercomp.server.settings import TOKEN_VARIABLE, ServerSettings

    return ServerSettings(
        config=config,
        documents=options.documents or cache_folder(config.cache_dir) / "documents",
        host=options.host,
        token=os.environ.get(TOKEN_VARIABLE) or None,
        upstream_key=os.environ.get(SERVED_KEY) or None,
        max_body=options.max_body,
        concurrency=options.concurrency,
        patience=options.patience,
    )
