"""The error for a loader that fails without saying what is wrong with the file."""

from __future__ import annotations

from hiercomp.errors import DocumentError

MAX_CAUSE_LENGTH = 200


def fault(source: str, kind: str, error: Exception, *, owner: str | None = None) -> DocumentError:
    """Return the error for an exception of a loader. It blames the loader, because a damaged file is refused in words.

    Args:
        source: the name of the file.
        kind: the name of the loader.
        error: what the loader raised.
        owner: the package that adds the loader. None means this package.
    """
    reason = " ".join(str(error).split())
    cause = f"{type(error).__name__}{f': {reason}' if reason else ''}"[:MAX_CAUSE_LENGTH]
    loader = f"the loader {kind!r} of {owner or 'hiercomp'}"
    return DocumentError(f"{source}: {loader} failed on this file ({cause}); report that, and convert the file to text")
