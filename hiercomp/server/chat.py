"""The proxy: bring a chat request within the budget, and pass it on to the upstream."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from hiercomp.errors import ConfigError
from hiercomp.server.schemas import ChatRequest
from hiercomp.server.state import FAILING, REFUSALS, Shared, State
from hiercomp.server.upstream import Upstream
from hiercomp.types import TokenBudget

BUDGET_HEADER, TOKENS_HEADER = "X-Hiercomp-Budget", "X-Hiercomp-Tokens"
OFF = ("0", "off")

router = APIRouter(prefix="/v1", tags=["proxy"], responses=REFUSALS | FAILING)
_PASSED_THROUGH: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The upstream's response, byte for byte. Streams and errors are passed through too.",
        "content": {"application/json": {}, "text/event-stream": {}},
        "headers": {
            TOKENS_HEADER: {
                "description": "The tokens of the messages and tools before and after: before->after.",
                "schema": {"type": "string"},
            }
        },
    }
}


@router.post("/chat/completions", responses=_PASSED_THROUGH, response_class=StreamingResponse)
async def complete(
    request: Request,
    body: ChatRequest,
    state: Shared,
    budget: Annotated[
        str | None,
        Header(alias=BUDGET_HEADER, description="The most tokens of the messages and tools, or auto, or off."),
    ] = None,
) -> StreamingResponse:
    """Bring messages and attached documents within the budget, and pass the request on to the upstream.

    The request and the response are those of OpenAI's chat completions. The definitions of tools count, and are never
    shortened.
    """
    upstream, token_budget = _upstream(state), _token_budget(budget, state)
    content, added_headers = await request.body(), {}
    if token_budget is not None:
        call = json.loads(content)
        fitted = await state.fitter.fit(call, token_budget)
        state.metrics.count_tokens(fitted.before, fitted.after)
        added_headers = {TOKENS_HEADER: f"{fitted.before}->{fitted.after}"}
        if fitted.messages is not None:
            content = json.dumps(call | {"messages": fitted.messages}).encode()
    return await upstream.call("/chat/completions", request, content, added_headers=added_headers)


@router.get("/models", responses=_PASSED_THROUGH, response_class=StreamingResponse)
async def models(request: Request, state: Shared) -> StreamingResponse:
    """List the models of the upstream."""
    return await _upstream(state).call("/models", request)


@router.post("/embeddings", responses=_PASSED_THROUGH, response_class=StreamingResponse)
async def embeddings(request: Request, state: Shared) -> StreamingResponse:
    """Pass an embeddings request on to the upstream unchanged."""
    return await _upstream(state).call("/embeddings", request, await request.body())


def _upstream(state: State) -> Upstream:
    if state.upstream is None:
        raise ConfigError("the server has no upstream: start it with --base-url")
    return state.upstream


def _token_budget(header: str | None, state: State) -> TokenBudget | None:
    """Return the budget of a request, or None if the request switches the budget off."""
    if header is None:
        return state.settings.config.budget
    value = header.strip().lower()
    if value in OFF:
        return None
    if value == "auto":
        return "auto"
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ConfigError(f"{BUDGET_HEADER} must be a number of tokens, auto or off, not {header!r}")
    return int(value)
