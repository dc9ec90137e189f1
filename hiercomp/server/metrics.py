"""What the server counts, as Prometheus reads it."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
LEFT = "left"
"""In place of the status of a request whose client did not wait for it."""


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter("hiercomp_requests", "Requests that ended.", ["path", "status"], registry=registry)
        self.seconds = Histogram("hiercomp_request_seconds", "Seconds of a request.", ["path"], registry=registry)
        self.running = Gauge("hiercomp_requests_running", "Requests that wait or run.", registry=registry)
        self._tokens = Counter("hiercomp_tokens", "Tokens before and after.", ["which"], registry=registry)

    def count_tokens(self, before: int, after: int) -> None:
        """Adds the tokens of what was given, and of what was left of it."""
        self._tokens.labels("before").inc(before)
        self._tokens.labels("after").inc(after)

    def page(self) -> bytes:
        """What a scraper is given."""
        return generate_latest(self._registry)


class Measured:
    """Counts requests by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = LEFT
        started = time.perf_counter()

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            with self._metrics.running.track_inprogress():
                await self._app(scope, receive, send_noted)
        finally:
            path = getattr(scope.get("route"), "path", "other")  # a client's own paths would be labels without end
            self._metrics.requests.labels(path, status).inc()
            self._metrics.seconds.labels(path).observe(time.perf_counter() - started)
