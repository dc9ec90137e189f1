"""The proxy: a chat request is brought into the budget, and goes on to the upstream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from hiercomp.asynchronous import AsyncPipeline
from hiercomp.errors import BudgetError, ConfigError
from hiercomp.messages import CompressedMessages, compress_messages
from hiercomp.pipeline import Limit
from hiercomp.ports import Tokenizer
from hiercomp.server import attachments
from hiercomp.server.schemas import ChatRequest
from hiercomp.server.state import FAILING, REFUSALS, Shared, State
from hiercomp.server.upstream import Upstream
from hiercomp.types import Document, Part

BUDGET_HEADER, TOKENS_HEADER = "X-Hiercomp-Budget", "X-Hiercomp-Tokens"
OFF = ("0", "off")
JOINT = 8
"""Tokens that a text may cost more in its place than alone."""

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


@dataclass(frozen=True, slots=True)
class Fitted:
    """Messages within a budget, None where they are as they were; their tokens before and after."""

    messages: list[dict[str, Any]] | None
    before: int
    after: int


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
        fitted = await _fit(call["messages"], limit, state)
        state.metrics.count_tokens(fitted.before, fitted.after)
        told = {TOKENS_HEADER: f"{fitted.before}->{fitted.after}"}
        if fitted.messages is not None:
            content = json.dumps(call | {"messages": fitted.messages}).encode()
    return await upstream.call("POST", "/chat/completions", request.headers, content, add=told)


@router.get("/models", responses=_PASSED, response_class=StreamingResponse)
async def models(request: Request, state: Shared) -> StreamingResponse:
    """The upstream's models."""
    return await _upstream(state).call("GET", "/models", request.headers, add={})


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


async def _fit(messages: list[dict[str, Any]], budget: Limit, state: State) -> Fitted:
    """Messages within a budget."""
    documents = await attachments.read(messages, state.library)
    if not documents:
        left = await _compressed(messages, budget, state)
        changed = left.messages if left.messages != messages else None
        return Fitted(changed, left.original_tokens, left.tokens)
    said = attachments.without(messages, documents)
    left = await _compressed(said, budget, state, least_share=2)
    room = budget if budget == "auto" else budget - left.tokens - JOINT
    text, size = await _shown(list(documents.values()), left.question, room, state)
    # The ceiling is on the whole as it is sent.
    whole = await _compressed(attachments.with_text(left.messages, text), budget, state)
    return Fitted(whole.messages, left.original_tokens + size, whole.tokens)


async def _compressed(
    messages: Sequence[dict[str, Any]], budget: Limit, state: State, *, least_share: int = 1
) -> CompressedMessages:
    """Messages within a share of the budget, or within the least that works where that is more."""
    work = partial(compress_messages, messages, config=state.settings.config)
    if budget == "auto":
        return await asyncio.to_thread(work, budget=budget)
    try:
        return await asyncio.to_thread(work, budget=max(1, budget // least_share))
    except BudgetError as error:
        if error.least >= budget:
            raise
        return await asyncio.to_thread(work, budget=error.least)


async def _shown(documents: list[Document], question: str, room: Limit, state: State) -> tuple[str, int]:
    """What the room holds of documents, page by page; and the tokens of all their text."""
    async with AsyncPipeline(documents, config=state.settings.config) as pipeline:
        tokenizer: Tokenizer = await asyncio.to_thread(lambda: pipeline.pipeline.tokenizer)

        def measure(text: str, parts: Sequence[Part]) -> int:
            return tokenizer.count(text)

        context = await pipeline.compress(question, budget=room, measure=measure)
    return context.text, context.ledger.source_tokens
