"""`hiercomp serve`: the HTTP server, until it is interrupted."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.listening import listen, log_in_lines, url_of
from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.screen import note
from hiercomp.cli.session import settings_of

if TYPE_CHECKING:
    from hiercomp.config import Config
    from hiercomp.server.settings import ServerSettings

ENDING_SECONDS = 5
"""What running requests are given when the server is stopped."""


def add_to(app: typer.Typer) -> None:
    """Adds the command to an application."""
    app.command("serve", epilog="Example: hiercomp serve --base-url http://localhost:11434/v1 --budget 4000")(serve)


@dataclass(frozen=True, kw_only=True)
class Options(CommonOptions):
    """The options of `serve`."""

    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; other than this machine only with a token.")
    ] = "127.0.0.1"
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 for a free one.")] = 8000
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The OpenAI-compatible server that chat requests go on to.")
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget", "-b", metavar="N|auto", help="Tokens of a request that does not say; 4000 if not set."
        ),
    ] = None
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="The reader of /v1/ask: local, extractive, ...")
    ] = None
    tokenizer: Annotated[str | None, typer.Option(metavar="NAME", help="How tokens are counted.")] = None
    embedding: Annotated[str | None, typer.Option(metavar="NAME", help="The encoder.")] = None
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="How long the upstream, or the reader, may be silent.")
    ] = None
    documents: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where uploaded documents are kept; a folder of the cache if not set."),
    ] = None
    max_body: Annotated[int, typer.Option(metavar="BYTES", min=1, help="The largest request.")] = 32 * 1024**2
    concurrency: Annotated[int, typer.Option(metavar="N", min=1, help="Requests at a time; others wait.")] = 32
    patience: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How long one may wait for its turn.")] = 30


@takes(Options)
def serve(options: Options) -> None:
    """Serve runs, documents and an OpenAI-compatible proxy over HTTP.

    HIERCOMP_SERVER_TOKEN is the token that clients must show; with it, the upstream is given HIERCOMP_API_KEY.
    """
    config = settings_of(options).config
    from hiercomp.server.app import build

    settings = _settings(options, config)
    app = build(settings)
    import uvicorn

    log_in_lines()
    with listen(options.host, options.port) as listener:
        log_level = "info" if options.verbose else "warning"
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level=log_level,
                access_log=options.verbose,
                lifespan="on",
                timeout_graceful_shutdown=ENDING_SECONDS,
            )
        )
        if not options.quiet:
            note(f"listening on {url_of(listener)} (Ctrl-C ends it)")
        with suppress(KeyboardInterrupt):  # which is how a server is ended
            server.run(sockets=[listener])


def _settings(options: Options, config: Config) -> ServerSettings:
    from platformdirs import user_cache_path

    from hiercomp.llms._providers import SERVED_KEY
    from hiercomp.server.settings import TOKEN_VARIABLE, ServerSettings
    from hiercomp.storage.store import CACHE_VARIABLE

    cache = Path(os.environ.get(CACHE_VARIABLE) or user_cache_path("hiercomp", appauthor=False)).expanduser()
    return ServerSettings(
        config=config,
        documents=options.documents or cache / "documents",
        host=options.host,
        token=os.environ.get(TOKEN_VARIABLE) or None,
        upstream_key=os.environ.get(SERVED_KEY) or None,
        max_body=options.max_body,
        concurrency=options.concurrency,
        patience=options.patience,
    )
