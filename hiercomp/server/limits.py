"""What stands before every request: its token, its turn, and its end when nobody waits for it any more."""

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
"""Answered to anybody, at once."""


class BearerToken:
    """Refuses who does not show the server's token, before anything of the body is read."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        if _is_guarded(scope):
            shown = Headers(scope=scope).get("authorization", "").encode("utf-8")
            if not secrets.compare_digest(shown, self._expected):
                refusal = errors.answer(401, "show the server's token: Authorization: Bearer ...")
                refusal.headers["WWW-Authenticate"] = "Bearer"
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class OwnNames:
    """Refuses requests under another host name than this machine's: a page in a browser may make one of its own."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else None
        if host is None or _PORT.sub("", host).lower() in self._names:
            await self._app(scope, receive, send)
        else:
            remedy = f"call it by one of these, or start it with a token ({TOKEN_VARIABLE})"
            message = f"the server is called {', '.join(self._names)}, not {host[:200]!r}; {remedy}"
            await errors.answer(400, message)(scope, receive, send)


class Turns:
    """Lets so many requests in at a time; the others wait unread, and are refused after `patience` seconds."""

    def __init__(self, app: ASGIApp, concurrency: int, patience: float) -> None:
        self._app = app
        self._patience = patience
        self._free = asyncio.Semaphore(concurrency)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        if not _is_guarded(scope) or scope["path"] == "/metrics":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            refusal = errors.answer(503, "the server is busy with other requests; try again later")
            refusal.headers["Retry-After"] = str(max(1, round(self._patience)))
            await refusal(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._free.release()


class BodyLimit:
    """Refuses a body of more than `most` bytes: at once where its size is told, else when it is reached.

    A client that is silent for `timeout` seconds before it has sent all is refused too.
    """

    def __init__(self, app: ASGIApp, most: int, timeout: float) -> None:
        self._app = app
        self._most = most
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        told = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        message = f"the body is larger than {self._most:,} bytes, the most that the server takes"
        size, is_whole = 0, False

        async def bounded() -> Message:
            nonlocal size, is_whole
            try:
                async with asyncio.timeout(None if is_whole else self._timeout):
                    received = await receive()
            except TimeoutError:
                raise HTTPException(408, f"nothing more of the body came for {self._timeout:g} seconds") from None
            is_whole = not received.get("more_body")
            size += len(received.get("body", b""))
            if size > self._most:
                raise HTTPException(413, message)  # where the body is read, which answers it
            return received

        if told.isdigit() and int(told) > self._most:
            await errors.answer(413, message)(scope, receive, send)
        else:
            await self._app(scope, bounded, send)


class EndsWhenLeft:
    """Cancels a request whose client has left; its work stops with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = _Client(receive, send)
        work = asyncio.create_task(self._run(scope, client.body, client.answer))
        watching = asyncio.create_task(client.leave())
        watching.add_done_callback(lambda _: work.cancel() if client.has_left.is_set() else None)
        try:
            await work
        except asyncio.CancelledError:
            if not client.has_left.is_set():  # the server ends
                raise
        finally:
            watching.cancel()

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class _Client:
    """The client of one request, which sends a body, is sent an answer, and may leave before it has it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.has_left = asyncio.Event()
        self._receive = receive
        self._send = send
        self._is_read = asyncio.Event()
        self._is_answered = False

    async def body(self) -> Message:
        """The next piece of the body; when there is none any more, that the client has left."""
        if self._is_read.is_set():
            await self.has_left.wait()
            return {"type": "http.disconnect"}
        message = await self._receive()
        if not message.get("more_body"):  # the last piece, or the client left before it
            self._is_read.set()
        return message

    async def answer(self, message: Message) -> None:
        """Sends a piece of the answer."""
        self._is_answered = message["type"] == "http.response.body" and not message.get("more_body")
        await self._send(message)

    async def leave(self) -> None:
        """Returns when the client has left; `has_left` says whether it did so before it had its answer."""
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self._is_answered:
            self.has_left.set()


def _is_guarded(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] not in OPEN_PATHS
