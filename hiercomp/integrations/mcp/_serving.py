"""Run the server on stdin and stdout, or on a port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from socket import socket

from hiercomp.config import Config
from hiercomp.integrations.mcp._library import Library
from hiercomp.integrations.mcp._server import build_server

ENDING_SECONDS = 5
"""Seconds that running calls get to finish when the server is stopped."""


def serve_stdio(directories: Sequence[Path], config: Config, *, budget: int) -> None:
    """Serve directories to the parent process, until it closes stdin."""

    async def serve() -> None:
        async with Library(directories, config) as library:
            await build_server(library, budget=budget).run_stdio_async()

    asyncio.run(serve())


def serve_http(directories: Sequence[Path], config: Config, *, budget: int, listener: socket) -> None:
    """Serve directories at the path `/mcp` of a listening socket, until the process is interrupted."""
    import uvicorn

    async def serve() -> None:
        async with Library(directories, config) as library:
            # With this host, requests from web pages (another Host or Origin header) are refused.
            app = build_server(library, budget=budget).streamable_http_app(host="localhost")
            settings = uvicorn.Config(
                app, log_level="warning", access_log=False, timeout_graceful_shutdown=ENDING_SECONDS
            )
            await uvicorn.Server(settings).serve([listener])

    asyncio.run(serve())
