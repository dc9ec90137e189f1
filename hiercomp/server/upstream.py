"""The server that a proxied call goes on to: its answers are passed through byte for byte."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import httpx
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import StreamingResponse

from hiercomp.errors import ModelError

CONNECT_SECONDS = 10.0
_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip
_OURS = {"host", "content-length", "authorization", "cookie", "expect", "x-hiercomp-budget", *_HOP}
_THEIRS = {"date", "server", "set-cookie", *_HOP}


class Upstream:
    """An OpenAI-compatible server.

    Clients' own keys are passed on. Where they show this server's token instead, `key` is sent, if there is one.
    """

    def __init__(self, base_url: str, *, keeps_authorization: bool, key: str | None, timeout: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._keeps_authorization = keeps_authorization
        self._key = key
        self._timeout = timeout
        # How many calls there are at a time is bounded elsewhere.
        limits = httpx.Limits(max_connections=None)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)), limits=limits
        )

    async def call(
        self, path: str, request: Request, body: bytes | None = None, *, add: Mapping[str, str]
    ) -> StreamingResponse:
        """The upstream's response to a request, as it comes, with some headers added.

        Raises:
            ModelError: it cannot be reached.
        """
        query = f"?{request.url.query}" if request.url.query else ""
        url, headers = self._base_url + path + query, self._sent(request.headers)
        try:
            call = self._client.build_request(request.method, url, headers=headers, content=body)
            response = await self._client.send(call, stream=True)
        except httpx.ReadTimeout as error:
            raise ModelError(
                f"the upstream {self._base_url} was silent for {self._timeout:g} seconds; a longer --timeout waits on"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(
                f"the upstream {self._base_url} does not answer ({type(error).__name__}); check --base-url"
            ) from error
        kept = {name: value for name, value in response.headers.items() if name not in _THEIRS}
        return StreamingResponse(_bytes(response), response.status_code, {**kept, **add})

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.aclose()

    def _sent(self, headers: Headers) -> dict[str, str]:
        """The client's headers but those that are meant for this server."""
        sent = {name: value for name, value in headers.items() if name not in _OURS}
        # What the client does not say it can decode must not be encoded: it is passed through as it is.
        sent.setdefault("accept-encoding", "identity")
        if self._keeps_authorization:
            authorization = headers.get("authorization")
        else:
            authorization = f"Bearer {self._key}" if self._key else None
        return sent if authorization is None else sent | {"authorization": authorization}


async def _bytes(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_raw():
            yield piece
    except httpx.HTTPError as error:  # raised on, so that the client's connection ends as broken too
        reason = ": ".join(filter(None, [type(error).__name__, str(error)]))
        raise ConnectionError(f"the upstream broke off its answer ({reason})") from error
    finally:
        await response.aclose()
