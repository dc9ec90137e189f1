"""A compressor that remembers: a text is shortened once, so that a changed section alone is summarized again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hiercomp.ports import Compressor
from hiercomp.storage.store import Store

VERSION = 1
"""Changes when prompts or checks give other summaries of the same text."""


class StoredCompressor:
    """Another compressor with what it wrote kept in the store, text by text; `name` tells all that it depends on."""

    def __init__(self, compressor: Compressor, name: str, store: Store, observe: Callable[[int, int], None]) -> None:
        self._compressor = compressor
        self._name = name
        self._store = store
        self._observe = observe

    def compress(self, texts: Sequence[str], max_tokens: int, question: str | None = None) -> list[str]:
        """Each text within the limit; each is kept once it is written, also where a later one fails."""
        written = []
        for done, text in enumerate(texts):
            self._observe(done, len(texts))
            key = (self._name, VERSION, max_tokens, question or "", text)
            kept = self._store.get_text(*key)
            if kept is None:
                (kept,) = self._compressor.compress([text], max_tokens, question)
                self._store.put_text(kept, *key)
            written.append(kept)
        return written
