"""The state that the requests of a server share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from hiercomp.server.fitting import MessageFitter
from hiercomp.server.library import Library
from hiercomp.server.metrics import Metrics
from hiercomp.server.schemas import ErrorResponse
from hiercomp.server.settings import ServerSettings
from hiercomp.server.upstream import Upstream

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorResponse, "description": "A setting or a name is wrong."},
    401: {"model": ErrorResponse, "description": "The server's token is missing or wrong."},
    408: {"model": ErrorResponse, "description": "The client did not send the whole request in time."},
    413: {"model": ErrorResponse, "description": "The body is larger than the server accepts."},
    422: {
        "model": ErrorResponse,
        "description": "The request is invalid, a document is unreadable, or the budget is small.",
    },
    501: {"model": ErrorResponse, "description": "An optional package is not installed on the server."},
    503: {"model": ErrorResponse, "description": "The server is busy. Retry-After gives the seconds to wait."},
}
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": ErrorResponse, "description": "There is no such document."}}
FAILING: dict[int | str, dict[str, Any]] = {502: {"model": ErrorResponse, "description": "The model failed."}}


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is built when the server starts, and closed when it stops."""

    settings: ServerSettings
    library: Library
    fitter: MessageFitter
    metrics: Metrics
    upstream: Upstream | None

    async def close(self) -> None:
        """Close the pipelines and the connections to the upstream."""
        await self.library.close()
        if self.upstream is not None:
            await self.upstream.close()


def _state(request: Request) -> State:
    state: State = request.app.state.server
    return state


Shared = Annotated[State, Depends(_state)]
