"""The proxy: a chat request is brought into the budget, and goes on to the upstream."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from hiercomp.errors import ConfigError
from hiercomp.pipeline import Limit
from hiercomp.server.schemas import ChatRequest
from hiercomp.server.state import FAILING, REFUSALS, Shared, State
from hiercomp.server.upstream import Upstream

BUDGET_HEADER, TOKENS_HEADER = "X-Hiercomp-Budget", "X-Hiercomp-Tokens"
OFF = ("0", "off")

router = APIRouter(prefix="/v1", tags=["proxy"], responses=REFUSALS | FAILING)
_PASSED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What the upstream answers, byte for byte, a stream as a stream; so are its errors.",
        "content": {"application/json": {}, "text/event-stream": {}},
        "headers": {
            TOKENS_HEADER: {"description": "Tokens of the messages: before->after.", "schema": {"type": "string"}}
        },
    }
}


@router.post("/chat/completions", responses=_PASSED, response_class=StreamingResponse)
async def complete(
    request: Request,
    body: ChatRequest,
    state: Shared,
    budget: Annotated[
        str | None, Header(alias=BUDGET_HEADER, description="Tokens of the messages, auto, or off.")
    ] = None,
) -> StreamingResponse:
    """OpenAI's chat interface: messages and attached documents are brought into the budget before the upstream."""
    upstream, limit = _upstream(state), _limit(budget, state)
    content, told = await request.body(), {}
    if limit is not None:
        call = json.loads(content)
        fitted = await state.fitting.fit(call["messages"], limit)
        state.metrics.count_tokens(fitted.before, fitted.after)
        told = {TOKENS_HEADER: f"{fitted.before}->{fitted.after}"}
        if fitted.messages is not None:
            content = json.dumps(call | {"messages": fitted.messages}).encode()
    return await upstream.call("/chat/completions", request, content, add=told)


@router.get("/models", responses=_PASSED, response_class=StreamingResponse)
async def models(request: Request, state: Shared) -> StreamingResponse:
    """The upstream's models."""
    return await _upstream(state).call("/models", request, add={})


@router.post("/embeddings", responses=_PASSED, response_class=StreamingResponse)
async def embeddings(request: Request, state: Shared) -> StreamingResponse:
    """The upstream's embeddings, for clients that retrieve with them: nothing of it is touched."""
    return await _upstream(state).call("/embeddings", request, await request.body(), add={})


def _upstream(state: State) -> Upstream:
    if state.upstream is None:
        raise ConfigError("there is no upstream to call: start the server with --base-url")
    return state.upstream


def _limit(header: str | None, state: State) -> Limit | None:
    """The budget of a request; None where it asks for none."""
    if header is None:
        return state.settings.config.budget
    wanted = header.strip().lower()
    if wanted in OFF:
        return None
    if wanted == "auto":
        return "auto"
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
        raise ConfigError(f"{BUDGET_HEADER} is a number of tokens, auto, or off, not {header!r}")
    return int(wanted)
