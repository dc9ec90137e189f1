"""Middleware that limits requests: token, host name, concurrency, body size, and cancellation on disconnect."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hiercomp.server import errors
from hiercomp.server.settings import TOKEN_VARIABLE

_PORT = re.compile(r":\d*$")
OPEN_PATHS = ("/healthz", "/openapi.json")
"""Paths that need no token and do not wait for other requests."""


class BearerToken:
    """Middleware that refuses requests without the server's token, before their body is read."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if _is_guarded(scope):
            authorization = Headers(scope=scope).get("authorization", "").encode("utf-8")
            if not secrets.compare_digest(authorization, self._expected):
                refusal = errors.error_response(401, "send the server's token: Authorization: Bearer ...")
                refusal.headers["WWW-Authenticate"] = "Bearer"
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class HostCheck:
    """Middleware that refuses requests to other host names than `names`.

    A web page can point its own host name at 127.0.0.1 and so reach the server from a browser (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else None
        if host is None or _PORT.sub("", host).lower() in self._names:
            await self._app(scope, receive, send)
        else:
            remedy = f"use one of these names, or start the server with a token ({TOKEN_VARIABLE})"
            message = f"the server is called {', '.join(self._names)}, not {host[:200]!r}; {remedy}"
            await errors.error_response(400, message)(scope, receive, send)


class ConcurrencyLimit:
    """Middleware that runs at most `concurrency` requests at a time.

    Other requests wait before their body is read. A request that waits for more than `patience` seconds is refused.
    """

    def __init__(self, app: ASGIApp, concurrency: int, patience: float) -> None:
        self._app = app
        self._patience = patience
        self._slots = asyncio.Semaphore(concurrency)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if not _is_guarded(scope) or scope["path"] == "/metrics":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._slots.acquire()
        except TimeoutError:
            refusal = errors.error_response(503, "the server is busy with other requests; try again later")
            refusal.headers["Retry-After"] = str(max(1, round(self._patience)))
            await refusal(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._slots.release()


class BodyLimit:
    """Middleware that refuses bodies of more than `max_bytes`, and clients that send nothing for `timeout` seconds.

    If the headers declare the size, a body that is too large is refused at once. Otherwise it is refused when it
    exceeds the limit.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, timeout: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        declared = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        message = f"the body is larger than {self._max_bytes:,} bytes, the most that the server accepts"
        size, is_complete = 0, False

        async def bounded_receive() -> Message:
            nonlocal size, is_complete
            try:
                async with asyncio.timeout(None if is_complete else self._timeout):
                    received = await receive()
            except TimeoutError:
                raise HTTPException(408, f"the client sent no more of the body for {self._timeout:g} seconds") from None
            is_complete = not received.get("more_body")
            size += len(received.get("body", b""))
            if size > self._max_bytes:
                raise HTTPException(413, message)  # the route that reads the body turns this into a response
            return received

        if declared.isdigit() and int(declared) > self._max_bytes:
            await errors.error_response(413, message)(scope, receive, send)
        else:
            await self._app(scope, bounded_receive, send)


class CancelOnDisconnect:
    """Middleware that cancels a request, and so its work, when the client disconnects."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = _Client(receive, send)
        work = asyncio.create_task(self._run(scope, client.receive_body, client.send_response))
        watcher = asyncio.create_task(client.wait_for_disconnect())
        watcher.add_done_callback(lambda _: work.cancel() if client.has_left.is_set() else None)
        try:
            await work
        except asyncio.CancelledError:
            if not client.has_left.is_set():  # the server is stopping, not the client
                raise
        finally:
            watcher.cancel()

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class _Client:
    """The client of one request. `has_left` is set if it disconnects before it has the whole response."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.has_left = asyncio.Event()
        self._receive = receive
        self._send = send
        self._is_body_read = asyncio.Event()
        self._is_response_sent = False

    async def receive_body(self) -> Message:
        """Return the next piece of the body. After the last piece, wait until the client disconnects."""
        if self._is_body_read.is_set():
            await self.has_left.wait()
            return {"type": "http.disconnect"}
        message = await self._receive()
        if not message.get("more_body"):  # the last piece, or a disconnect before it
            self._is_body_read.set()
        return message

    async def send_response(self, message: Message) -> None:
        """Send a piece of the response."""
        self._is_response_sent = message["type"] == "http.response.body" and not message.get("more_body")
        await self._send(message)

    async def wait_for_disconnect(self) -> None:
        """Wait until the client disconnects; set `has_left` if the response was not complete."""
        await self._is_body_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self._is_response_sent:
            self.has_left.set()


def _is_guarded(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] not in OPEN_PATHS
