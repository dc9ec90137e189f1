"""The upstream: the server that answers proxied calls. Its responses are passed through byte for byte."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import httpx
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import StreamingResponse

from hiercomp.errors import ModelError

CONNECT_SECONDS = 10.0
_HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip
_NOT_SENT = {"host", "content-length", "authorization", "cookie", "expect", "x-hiercomp-budget", *_HOP_BY_HOP}
"""Request headers that are not passed on to the upstream."""
_NOT_RETURNED = {"date", "server", "set-cookie", *_HOP_BY_HOP}
"""Response headers that are not passed back to the client."""


class Upstream:
    """An OpenAI-compatible server.

    If `keeps_authorization` is set, the client's own key is passed on. Otherwise the client sends this server's token,
    and the upstream gets `key` if there is one.
    """

    def __init__(self, base_url: str, *, keeps_authorization: bool, key: str | None, timeout: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._keeps_authorization = keeps_authorization
        self._key = key
        self._timeout = timeout
        # ConcurrencyLimit already bounds the number of calls.
        limits = httpx.Limits(max_connections=None)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)), limits=limits
        )

    async def call(
        self, path: str, request: Request, body: bytes | None = None, *, added_headers: Mapping[str, str] | None = None
    ) -> StreamingResponse:
        """Send a request to the upstream and stream its response.

        Raises:
            ModelError: the upstream does not respond.
        """
        query = f"?{request.url.query}" if request.url.query else ""
        url, headers = self._base_url + path + query, self._request_headers(request.headers)
        try:
            call = self._client.build_request(request.method, url, headers=headers, content=body)
            response = await self._client.send(call, stream=True)
        except httpx.ReadTimeout as error:
            raise ModelError(
                f"the upstream {self._base_url} was silent for {self._timeout:g} seconds; set a longer --timeout"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(
                f"the upstream {self._base_url} does not respond ({type(error).__name__}); check --base-url"
            ) from error
        kept = {name: value for name, value in response.headers.items() if name not in _NOT_RETURNED}
        return StreamingResponse(_body(response), response.status_code, {**kept, **(added_headers or {})})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _request_headers(self, headers: Headers) -> dict[str, str]:
        """Return the client's headers without those that are meant for this server."""
        sent = {name: value for name, value in headers.items() if name not in _NOT_SENT}
        # The response is passed through undecoded. httpx must not ask for an encoding that the client may not know.
        sent.setdefault("accept-encoding", "identity")
        if self._keeps_authorization:
            authorization = headers.get("authorization")
        else:
            authorization = f"Bearer {self._key}" if self._key else None
        return sent if authorization is None else sent | {"authorization": authorization}


async def _body(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_raw():
            yield piece
    except httpx.HTTPError as error:  # raised again, so that the client sees a broken connection too
        reason = ": ".join(filter(None, [type(error).__name__, str(error)]))
        raise ConnectionError(f"the upstream broke off its answer ({reason})") from error
    finally:
        await response.aclose()
