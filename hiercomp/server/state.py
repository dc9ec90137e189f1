"""What the requests of a server share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from hiercomp.server.fitting import Fitting
from hiercomp.server.library import Library
from hiercomp.server.metrics import Metrics
from hiercomp.server.schemas import ErrorResponse
from hiercomp.server.settings import ServerSettings
from hiercomp.server.upstream import Upstream

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorResponse, "description": "A setting or a name is wrong."},
    401: {"model": ErrorResponse, "description": "The server's token is missing."},
    408: {"model": ErrorResponse, "description": "The client did not send all of its request."},
    413: {"model": ErrorResponse, "description": "The body is larger than the server takes."},
    422: {"model": ErrorResponse, "description": "The request, a document or the budget cannot be worked with."},
    501: {"model": ErrorResponse, "description": "The server lacks an optional package."},
    503: {"model": ErrorResponse, "description": "The server is busy; Retry-After says when to try again."},
}
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": ErrorResponse, "description": "There is no such document."}}
FAILING: dict[int | str, dict[str, Any]] = {502: {"model": ErrorResponse, "description": "The model failed."}}


@dataclass(frozen=True, slots=True)
class State:
    """Made when the server starts, closed when it ends."""

    settings: ServerSettings
    library: Library
    fitting: Fitting
    metrics: Metrics
    upstream: Upstream | None

    async def close(self) -> None:
        """Lets go of what is open."""
        await self.library.close()
        if self.upstream is not None:
            await self.upstream.close()


def _of(request: Request) -> State:
    state: State = request.app.state.server
    return state


Shared = Annotated[State, Depends(_of)]
