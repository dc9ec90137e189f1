"""The routes `/v1/compress` and `/v1/ask`."""

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
from hiercomp.server import errors, schemas
from hiercomp.server.schemas import AnswerRun, AskRequest, CompressRequest
from hiercomp.server.state import FAILING, MISSING, REFUSALS, Shared, State
from hiercomp.types import Answer, Document, Run

router = APIRouter(prefix="/v1", tags=["runs"], responses=REFUSALS | MISSING | FAILING)
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer. With `stream`: events `piece` (text), and then one event `run` or `error`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("/compress", response_model=schemas.Run)
async def compress(body: CompressRequest, state: Shared) -> dict[str, object]:
    """Compress an input to the evidence for a question, or to an overview if there is no question."""
    async with _open_input(body, state) as pipeline:
        run = await pipeline.fit(body.question, budget=body.budget, plan=body.plan)
    return _report(run, state)


@router.post("/ask", response_model=AnswerRun, responses=_EVENTS)
async def ask(body: AskRequest, state: Shared) -> Response | dict[str, object]:
    """Answer a question and check the citations. The budget bounds the prompt and the answer together."""
    if body.stream:
        pieces = _pieces(body, state)
        # The response starts only after the first piece, so that an earlier error has its own status code.
        return EventSourceResponse(_events(await anext(pieces), pieces, state))
    async with _open_input(body, state) as pipeline:
        return _report(await pipeline.ask(body.question, budget=body.budget, plan=body.plan), state)


@asynccontextmanager
async def _open_input(body: CompressRequest, state: State) -> AsyncIterator[AsyncPipeline]:
    """Open the pipeline over the input of a request. Requests share uploaded documents, but not texts."""
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
    async with _open_input(body, state) as pipeline:
        async for piece in pipeline.stream(body.question, budget=body.budget, plan=body.plan):
            yield piece


async def _events(first: str | Answer, others: AsyncIterator[str | Answer], state: State) -> AsyncIterator[bytes]:
    """Yield an answer as server-sent events."""
    yield _event(first, state)
    try:
        async for piece in others:
            yield _event(piece, state)
    except HiercompError as error:
        yield format_sse_event(event="error", data_str=bytes(errors.response_of(error).body).decode())


def _event(piece: str | Answer, state: State) -> bytes:
    if isinstance(piece, Answer):
        run = AnswerRun.model_validate(_report(piece, state))
        return format_sse_event(event="run", data_str=run.model_dump_json(by_alias=True))
    return format_sse_event(event="piece", data_str=json.dumps({"text": piece}))


def _report(run: Run | Answer, state: State) -> dict[str, object]:
    """Return a run as JSON, and add its tokens to the metrics."""
    state.metrics.count_tokens(run.ledger.source_tokens, run.context.token_count)
    return to_dict(run)
