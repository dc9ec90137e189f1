"""The application: its routes and its middleware."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Response
from fastapi.security import HTTPBearer

from hiercomp import __version__
from hiercomp.asynchronous import AsyncPipeline
from hiercomp.config import Config
from hiercomp.ports import LLM
from hiercomp.server import chat, documents, errors, runs
from hiercomp.server.fitting import MessageFitter
from hiercomp.server.library import Library
from hiercomp.server.limits import BearerToken, BodyLimit, CancelOnDisconnect, ConcurrencyLimit, HostCheck
from hiercomp.server.metrics import CONTENT_TYPE, Metrics, RequestMetrics
from hiercomp.server.schemas import Health
from hiercomp.server.settings import LOOPBACK_NAMES, ServerSettings
from hiercomp.server.state import Shared, State
from hiercomp.server.upstream import Upstream
from hiercomp.types import Document

SPARE_THREADS = 8
"""Threads beyond the concurrency limit: a cancelled call holds its thread until its next step."""


def build(settings: ServerSettings) -> FastAPI:
    """Build the application of a server."""
    app = FastAPI(
        title="hiercomp",
        version=__version__,
        description="Compress long documents into a token budget and answer questions from them, with page numbers.",
        docs_url=None,  # these pages load scripts from another host
        redoc_url=None,
        lifespan=_lifespan,
        # BearerToken checks the token. This dependency only describes it in /openapi.json.
        dependencies=[Depends(HTTPBearer(auto_error=False))] if settings.token else [],
    )
    app.state.settings = settings
    app.state.metrics = metrics = Metrics()
    errors.add_handlers(app)
    for router in (runs.router, documents.router, chat.router):
        app.include_router(router)
    _add_monitoring(app)
    # The middleware that is added last runs first.
    app.add_middleware(CancelOnDisconnect)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body, timeout=settings.config.timeout)
    app.add_middleware(ConcurrencyLimit, concurrency=settings.concurrency, patience=settings.patience)
    if settings.token:
        app.add_middleware(BearerToken, token=settings.token)
    else:  # a web page can reach this machine by a host name that resolves to 127.0.0.1 (DNS rebinding)
        app.add_middleware(HostCheck, names=dict.fromkeys([*LOOPBACK_NAMES, settings.host]))
    app.add_middleware(RequestMetrics, metrics=metrics)
    return app


def _add_monitoring(app: FastAPI) -> None:
    @app.get("/healthz", tags=["monitoring"])
    async def health() -> Health:
        """Report that the server runs."""
        return Health(status="ok", version=__version__)

    @app.get("/metrics", tags=["monitoring"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics(state: Shared) -> Response:
        """Report requests, seconds, tokens and memory in the format of Prometheus."""
        return Response(state.metrics.page(), media_type=CONTENT_TYPE)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: ServerSettings = app.state.settings
    config = settings.config
    threads = ThreadPoolExecutor(settings.concurrency + SPARE_THREADS, thread_name_prefix="hiercomp")
    asyncio.get_running_loop().set_default_executor(threads)
    upstream = None
    if config.base_url:
        upstream = Upstream(
            config.base_url,
            keeps_authorization=not settings.token,
            key=settings.upstream_key,
            timeout=config.timeout,
        )
    # With --model, /v1/ask uses that model of the upstream. Without it, only the proxy uses the upstream.
    run_config = config if config.model else config.model_copy(update={"base_url": None})
    reader = await _warmed_up_reader(run_config)
    library = Library(settings.documents, run_config, reader, max_open=settings.open_documents)
    fitter = MessageFitter(config, library)
    app.state.server = state = State(settings, library, fitter, app.state.metrics, upstream)
    try:
        yield
    finally:
        await state.close()


async def _warmed_up_reader(config: Config) -> LLM:
    """Load the models that every request needs, and return the reader that all requests share."""
    texts = [Document(text, source=text, title="") for text in ("A crane lifts.", "A ship sails.")]
    async with AsyncPipeline(texts, config=config.model_copy(update={"cache": False})) as pipeline:
        await pipeline.compress("What lifts?", budget="auto")
        return await asyncio.to_thread(lambda: pipeline.pipeline.reader)
