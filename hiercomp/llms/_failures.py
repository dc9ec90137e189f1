"""The translation of the providers' exceptions into errors of one line that name the remedy.

Each provider's library has its own error classes, but all have the same attributes: a `status_code` or `code`, a
`response` with headers, a `body`, and a connection error as the cause. The translation uses only these attributes, so
it imports none of the libraries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hiercomp.errors import ModelError, TransientModelError

REFUSED_KEY = (401, 403)
NOT_FOUND = 404
TRANSIENT = (408, 409, 425, 429, 500, 502, 503, 504, 529)
MAX_REASON_LENGTH = 200
_UNREACHABLE = ("ConnectError", "ConnectionRefusedError", "gaierror", "UnsupportedProtocol", "InvalidURL")
_BROKEN = (
    "ConnectionError",
    "APIConnectionError",
    "ReadError",
    "WriteError",
    "RemoteProtocolError",
    "ConnectionResetError",
)


@dataclass(frozen=True, slots=True)
class Hints:
    """The texts of errors about one model: its name, and a remedy for each kind of failure. `secret` is never shown."""

    name: str
    key: str
    not_found: str
    unreachable: str
    secret: str | None

    def clean(self, text: str) -> str:
        """Return a text on one line, at most `MAX_REASON_LENGTH` characters, with asterisks in place of the key."""
        line = " ".join(text.split())[:MAX_REASON_LENGTH]
        return line.replace(self.secret, "***") if self.secret else line


class RetryableError(TransientModelError):
    """A failure after which another attempt may succeed.

    `retry_after` is the wait in seconds that the server asks for, or None.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def failure(error: Exception, hints: Hints) -> ModelError:
    """Translate an exception of a provider's library."""
    status = _status(error)
    if status is None:
        return _failure_without_status(error, hints)
    reason = hints.clean(_reason(error))
    message = f"{hints.name}: {status}{reason and f' {reason}'}"
    if status in REFUSED_KEY:
        return ModelError(f"{message}; {hints.key}")
    if status == NOT_FOUND:
        return ModelError(f"{message}; {hints.not_found}")
    if status in TRANSIENT and "insufficient_quota" not in str(error):
        return RetryableError(f"{message}; try again later", _retry_after(error))
    return ModelError(message)


def _failure_without_status(error: Exception, hints: Hints) -> ModelError:
    """Translate an exception without an HTTP status: no connection, no answer in time, or an unreadable answer."""
    kinds = {kind.__name__ for cause in _chain(error) for kind in type(cause).__mro__}
    if any("Timeout" in kind for kind in kinds):
        return RetryableError(f"{hints.name}: no answer in time; try again, or allow more time")
    if kinds & set(_UNREACHABLE):
        return ModelError(f"{hints.name}: cannot be reached; {hints.unreachable}")
    if kinds & set(_BROKEN):
        return RetryableError(f"{hints.name}: the connection broke off; try again")
    reason = hints.clean(f"{type(error).__name__}: {error}")
    return ModelError(f"{hints.name}: the answer cannot be read ({reason}); {hints.not_found}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _status(error: Exception) -> int | None:
    for attribute in ("status_code", "code"):
        value = getattr(error, attribute, None)
        if isinstance(value, int) and value >= 400:
            return value
    return None


def _reason(error: Exception) -> str:
    """Return the server's message, or nothing if it is an HTML page."""
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        body = inner.get("message", "") if isinstance(inner, Mapping) else inner
    text = str(body if body is not None else getattr(error, "error", None) or getattr(error, "message", None) or "")
    return "" if "<" in text[:1] else text


def _retry_after(error: Exception) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None)
    value = headers.get("retry-after") if headers is not None else None
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:  # the header may hold a date; this is rare, and the usual pause is used
        return None
