"""hiercomp over HTTP: runs, documents, and a proxy that keeps the calls of any OpenAI client within a token budget."""

from __future__ import annotations

from hiercomp.errors import MissingExtraError

try:
    import fastapi  # noqa: F401
    import httpx  # noqa: F401
    import prometheus_client  # noqa: F401
    import python_multipart  # noqa: F401
    import uvicorn  # noqa: F401
except ImportError as error:
    raise MissingExtraError("the HTTP server", "server") from error
