"""What a provider's library raises, as one line that says what to do.

The libraries have error classes of their own but share their shape: a `status_code` (or `code`), a `response` with
headers, a `body`, and an error of the connection as their cause. Going by shape needs none of them imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hiercomp.errors import ModelError, TransientModelError

REFUSED_KEY = (401, 403)
NOT_FOUND = 404
TRANSIENT = (408, 409, 425, 429, 500, 502, 503, 504, 529)
LONGEST_REASON = 200
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
    """What to say about one provider: its name and model, and what helps in each case. `secret` is never said."""

    name: str
    key: str
    not_found: str
    unreachable: str
    secret: str | None

    def clean(self, text: str) -> str:
        """A text on one line, short, and without the key."""
        line = " ".join(text.split())[:LONGEST_REASON]
        return line.replace(self.secret, "***") if self.secret else line


class RetryableError(TransientModelError):
    """A failure that may pass; `retry_after` is the wait in seconds that the server asks for, None if it does not."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def failure(error: Exception, hints: Hints) -> ModelError:
    """Our error for one of theirs."""
    status = _status(error)
    if status is None:
        return _failed_below(error, hints)
    reason = hints.clean(_reason(error))
    said = f"{hints.name}: {status}{reason and f' {reason}'}"
    if status in REFUSED_KEY:
        return ModelError(f"{said}; {hints.key}")
    if status == NOT_FOUND:
        return ModelError(f"{said}; {hints.not_found}")
    if status in TRANSIENT and "insufficient_quota" not in str(error):
        return RetryableError(f"{said}; try again later", _retry_after(error))
    return ModelError(said)


def _failed_below(error: Exception, hints: Hints) -> ModelError:
    """The error of a call that got no status: no connection, no answer in time, or an answer that is none."""
    kinds = {kind.__name__ for cause in _chain(error) for kind in type(cause).__mro__}
    if any("Timeout" in kind for kind in kinds):
        return RetryableError(f"{hints.name}: no answer in time; try again, or allow more time")
    if kinds & set(_UNREACHABLE):
        return ModelError(f"{hints.name}: cannot be reached; {hints.unreachable}")
    if kinds & set(_BROKEN):
        return RetryableError(f"{hints.name}: the connection broke off; try again")
    what = hints.clean(f"{type(error).__name__}: {error}")
    return ModelError(f"{hints.name}: the answer cannot be read ({what}); {hints.not_found}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
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
    """The server's own words; a page of HTML is left out."""
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
    except ValueError:  # a date: rare, and the usual pause does
        return None
