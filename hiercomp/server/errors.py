"""HTTP responses for errors: a status code and a body in the format of OpenAI's errors."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from hiercomp.errors import (
    BudgetError,
    ConfigError,
    DocumentError,
    HiercompError,
    MissingExtraError,
    ModelError,
)


class UnknownDocumentError(DocumentError):
    """No document has the requested id."""


_STATUS: tuple[tuple[type[HiercompError], int], ...] = (
    (BudgetError, 422),
    (UnknownDocumentError, 404),
    (DocumentError, 422),
    (ConfigError, 400),
    (MissingExtraError, 501),
    (ModelError, 502),
)
_TYPES = {401: "authentication_error", 404: "not_found_error", 413: "request_too_large", 503: "overloaded_error"}


def error_response(status: int, message: str, *, code: str | None = None, least: int | None = None) -> JSONResponse:
    """Build the response for an error. `least` is the least budget that works."""
    error_type = _TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    # A message can quote half of a surrogate pair, which JSON in UTF-8 cannot hold.
    encodable = message.encode("utf-8", "replace").decode("utf-8")
    error: dict[str, object] = {"message": encodable, "type": error_type, "param": None, "code": code}
    return JSONResponse({"error": error if least is None else error | {"least": least}}, status)


def response_of(error: HiercompError) -> JSONResponse:
    """Build the response for an error that hiercomp raised."""
    status = next((status for error_class, status in _STATUS if isinstance(error, error_class)), 500)
    least = error.least if isinstance(error, BudgetError) else None
    return error_response(status, str(error), code=type(error).__name__, least=least)


def add_handlers(app: FastAPI) -> None:
    """Make an application answer every error in the same format."""

    @app.exception_handler(HiercompError)
    async def _hiercomp(_request: Request, error: HiercompError) -> JSONResponse:
        return response_of(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return error_response(422, "; ".join(map(_describe, error.errors())))

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        response = error_response(error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def _bug(_request: Request, error: Exception) -> JSONResponse:
        return error_response(500, f"{type(error).__name__}: a bug in hiercomp; the server's log has the details")


def _describe(problem: Mapping[str, object]) -> str:
    """Describe one validation error: the field and the message. The rejected value is not repeated."""
    location = problem["loc"]
    assert isinstance(location, tuple)
    # Pydantic also lists the names of its validators in the location, such as `literal['auto']`.
    names = [str(part) for part in location if isinstance(part, int) or part.isidentifier()]
    return f"{'.'.join(names)}: {problem['msg']}"
