"""`/v1/compress` and `/v1/ask`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Response
from fastapi.sse import EventSourceResponse, format_sse_event

from hiercomp.asynchronous import AsyncPipeline
from hiercomp.errors import HiercompError
from hiercomp.report import to_dict
from hiercomp.server import errors
from hiercomp.server.schemas import AnswerRun, AskRequest, CompressRequest, Run
from hiercomp.server.state import FAILING, MISSING, REFUSALS, Shared, State
from hiercomp.types import Answer, Context, Document

router = APIRouter(prefix="/v1", tags=["runs"], responses=REFUSALS | MISSING | FAILING)
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `stream` the events `piece` (text), and `run` or `error` at the end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("/compress", response_model=Run)
async def compress(body: CompressRequest, state: Shared) -> dict[str, object]:
    """The evidence for a question as text within a budget, or an overview."""
    async with _opened(body, state) as pipeline:
        context = await pipeline.compress(body.question, budget=body.budget)
    return _told(context, state)


@router.post("/ask", response_model=AnswerRun, responses=_EVENTS)
async def ask(body: AskRequest, state: Shared) -> Response | dict[str, object]:
    """The answer to a question, its citations checked; the budget bounds the whole call."""
    if body.stream:
        pieces = _pieces(body, state)
        # Until the first piece there is, a failure has a status of its own.
        return EventSourceResponse(_events(await anext(pieces), pieces, state))
    async with _opened(body, state) as pipeline:
        return _told(await pipeline.ask(body.question, budget=body.budget), state)


@asynccontextmanager
async def _opened(body: CompressRequest, state: State) -> AsyncIterator[AsyncPipeline]:
    """The pipeline over what a request is about: a text is read for it alone, documents are shared."""
    if body.documents is not None:
        async with state.library.open(body.documents) as pipeline:
            yield pipeline
        return
    texts = [body.text] if body.text is not None else body.texts or []
    names = ["text"] if len(texts) == 1 else [f"text {number}" for number in range(1, len(texts) + 1)]
    documents = [Document(text, source=name, title="") for text, name in zip(texts, names, strict=True)]
    async with state.library.pipeline(documents) as pipeline:
        yield pipeline


async def _pieces(body: AskRequest, state: State) -> AsyncIterator[str | Answer]:
    async with _opened(body, state) as pipeline:
        async for piece in pipeline.stream(body.question, budget=body.budget):
            yield piece


async def _events(first: str | Answer, others: AsyncIterator[str | Answer], state: State) -> AsyncIterator[bytes]:
    """An answer as server-sent events."""
    yield _event(first, state)
    try:
        async for piece in others:
            yield _event(piece, state)
    except HiercompError as error:
        told = bytes(errors.of_hiercomp(error).body).decode()
        yield format_sse_event(event="error", data_str=told)


def _event(piece: str | Answer, state: State) -> bytes:
    if isinstance(piece, Answer):
        run = AnswerRun.model_validate(_told(piece, state))
        return format_sse_event(event="run", data_str=run.model_dump_json(by_alias=True))
    return format_sse_event(event="piece", data_str=json.dumps({"text": piece}))


def _told(run: Context | Answer, state: State) -> dict[str, object]:
    """A run as JSON, its tokens counted."""
    context = run.context if isinstance(run, Answer) else run
    state.metrics.count_tokens(context.ledger.source_tokens, context.token_count)
    return to_dict(run)
