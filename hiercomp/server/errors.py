"""Errors as HTTP: what hiercomp raises gets a status and OpenAI's shape of an error."""

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
    """No document has that id."""


_STATUS: tuple[tuple[type[HiercompError], int], ...] = (
    (BudgetError, 422),
    (UnknownDocumentError, 404),
    (DocumentError, 422),
    (ConfigError, 400),
    (MissingExtraError, 501),
    (ModelError, 502),
)
_TYPES = {401: "authentication_error", 404: "not_found_error", 413: "request_too_large", 503: "overloaded_error"}


def answer(status: int, message: str, *, code: str | None = None, least: int | None = None) -> JSONResponse:
    """A response that tells of an error."""
    kind = _TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    whole = message.encode("utf-8", "replace").decode("utf-8")  # a message may quote half of a surrogate pair
    error: dict[str, object] = {"message": whole, "type": kind, "param": None, "code": code}
    return JSONResponse({"error": error if least is None else error | {"least": least}}, status)


def of_hiercomp(error: HiercompError) -> JSONResponse:
    """The response to an error that hiercomp raised."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    least = error.least if isinstance(error, BudgetError) else None
    return answer(status, str(error), code=type(error).__name__, least=least)


def add_handlers(app: FastAPI) -> None:
    """Makes an application answer every error in the same shape."""

    @app.exception_handler(HiercompError)
    async def _hiercomp(_request: Request, error: HiercompError) -> JSONResponse:
        return of_hiercomp(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(422, "; ".join(map(_problem, error.errors())))

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        response = answer(error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def _bug(_request: Request, error: Exception) -> JSONResponse:
        return answer(500, f"{type(error).__name__}: this is a bug in hiercomp; the server's log has the particulars")


def _problem(problem: Mapping[str, object]) -> str:
    """One thing that is wrong with a request, and where; the value itself is not repeated."""
    place = problem["loc"]
    assert isinstance(place, tuple)
    # Between the names are validators of ours, such as `literal['auto']`.
    named = [str(part) for part in place if isinstance(part, int) or part.isidentifier()]
    return f"{'.'.join(named)}: {problem['msg']}"
