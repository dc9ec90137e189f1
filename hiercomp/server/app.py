"""The application: its routes, and what stands before them."""

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
from hiercomp.server.fitting import Fitting
from hiercomp.server.library import Library
from hiercomp.server.limits import BearerToken, BodyLimit, EndsWhenLeft, OwnNames, Turns
from hiercomp.server.metrics import CONTENT_TYPE, Measured, Metrics
from hiercomp.server.schemas import Health
from hiercomp.server.settings import LOOPBACK_NAMES, ServerSettings
from hiercomp.server.state import Shared, State
from hiercomp.server.upstream import Upstream
from hiercomp.types import Document

SPARE_THREADS = 8
"""For work that was given up and has not reached its next step yet."""


def build(settings: ServerSettings) -> FastAPI:
    """The application of a server."""
    app = FastAPI(
        title="hiercomp",
        version=__version__,
        description="Fits any long input into any token budget and answers from it, with pages.",
        docs_url=None,  # the pages load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(HTTPBearer(auto_error=False))] if settings.token else [],  # for the description alone
    )
    app.state.settings = settings
    app.state.metrics = metrics = Metrics()
    errors.add_handlers(app)
    for router in (runs.router, documents.router, chat.router):
        app.include_router(router)
    _add_watching(app)
    # What is added last stands first.
    app.add_middleware(EndsWhenLeft)
    app.add_middleware(BodyLimit, most=settings.max_body, timeout=settings.config.timeout)
    app.add_middleware(Turns, concurrency=settings.concurrency, patience=settings.patience)
    if settings.token:
        app.add_middleware(BearerToken, token=settings.token)
    else:  # a page in a browser on this machine may reach the server under a name of its own
        app.add_middleware(OwnNames, names=dict.fromkeys([*LOOPBACK_NAMES, settings.host]))
    app.add_middleware(Measured, metrics=metrics)
    return app


def _add_watching(app: FastAPI) -> None:
    @app.get("/healthz", tags=["watching"])
    async def health() -> Health:
        """That the server answers."""
        return Health(status="ok", version=__version__)

    @app.get("/metrics", tags=["watching"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics(state: Shared) -> Response:
        """Requests, seconds, tokens and memory, for Prometheus."""
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
    # A model that is named is the upstream's own, as everywhere; without one the upstream is for the proxy alone.
    own = config if config.model else config.model_copy(update={"base_url": None})
    library = Library(settings.documents, own, await _warmed_up(own), most=settings.open_documents)
    app.state.server = state = State(settings, library, Fitting(config, library), app.state.metrics, upstream)
    try:
        yield
    finally:
        await state.close()


async def _warmed_up(config: Config) -> LLM:
    """The reader of all requests, after the models that every request needs were loaded."""
    texts = [Document(text, source=text, title="") for text in ("A crane lifts.", "A ship sails.")]
    async with AsyncPipeline(texts, config=config.model_copy(update={"cache": False})) as pipeline:
        await pipeline.compress("What lifts?", budget="auto")
        return await asyncio.to_thread(lambda: pipeline.pipeline.reader)
