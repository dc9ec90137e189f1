"""Token counts that are remembered: the sentences and headings of a document come up for question after question. Pure.

What is remembered is bounded by the documents: only their own texts are counted in this way, never a question's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

CountMany = Callable[[Sequence[str]], list[int]]


class RememberedCounts:
    """A way of counting that is asked for each text once; threads may share it."""

    def __init__(self, count: CountMany) -> None:
        self._count = count
        self._known: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, self._count(missing), strict=True))
        return [self._known[text] for text in texts]
