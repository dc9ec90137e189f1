"""The metrics of the server, in the format of Prometheus."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
CLIENT_LEFT = "left"
"""The status label of a request whose client disconnected before the response."""


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter("hiercomp_requests", "Finished requests.", ["path", "status"], registry=registry)
        self.seconds = Histogram("hiercomp_request_seconds", "Seconds of a request.", ["path"], registry=registry)
        self.running = Gauge("hiercomp_requests_running", "Requests that are waiting or running.", registry=registry)
        self._tokens = Counter("hiercomp_tokens", "Tokens before and after compression.", ["which"], registry=registry)

    def count_tokens(self, before: int, after: int) -> None:
        """Add the tokens of an input and of its compressed form."""
        self._tokens.labels("before").inc(before)
        self._tokens.labels("after").inc(after)

    def page(self) -> bytes:
        """Return all metrics as text."""
        return generate_latest(self._registry)


class RequestMetrics:
    """Middleware that counts requests by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = CLIENT_LEFT
        started = time.perf_counter()

        async def send_and_record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            with self._metrics.running.track_inprogress():
                await self._app(scope, receive, send_and_record)
        finally:
            # The route's pattern is the label: clients can send any number of different paths.
            path = getattr(scope.get("route"), "path", "other")
            self._metrics.requests.labels(path, status).inc()
            self._metrics.seconds.labels(path).observe(time.perf_counter() - started)
