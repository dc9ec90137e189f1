"""Remember token counts, because each question needs the counts of the same sentences and headings.

Only texts of the documents are counted through this cache, never a question, so that its size is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

CountMany = Callable[[Sequence[str]], list[int]]
"""Counts the tokens of each text."""


class RememberedCounts:
    """A token counter that counts each text once. Threads may share it."""

    def __init__(self, count: CountMany) -> None:
        self._count = count
        self._known: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, self._count(missing), strict=True))
        return [self._known[text] for text in texts]
