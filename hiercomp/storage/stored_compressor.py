"""A compressor that keeps its summaries, so that only a changed section is summarized again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hiercomp.ports import Compressor
from hiercomp.storage.store import Store

VERSION = 1
"""Raise this when prompts or checks change the summary of a text."""


class StoredCompressor:
    """A wrapper that keeps the summaries of another compressor in the store.

    Args:
        compressor: the compressor that writes the summaries.
        name: identifies everything that a summary depends on beside the text and the limit.
        store: the cache.
        observe: a callback that receives the number of finished texts and their total.
    """

    def __init__(self, compressor: Compressor, name: str, store: Store, observe: Callable[[int, int], None]) -> None:
        self._compressor = compressor
        self._name = name
        self._store = store
        self._observe = observe

    def compress(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Summarize each text within `max_tokens` tokens.

        Each summary is stored as soon as it is written. It stays stored if a later text fails.
        """
        summaries = []
        for done, text in enumerate(texts):
            self._observe(done, len(texts))
            key = (self._name, VERSION, max_tokens, text)
            summary = self._store.get_text(*key)
            if summary is None:
                (summary,) = self._compressor.compress([text], max_tokens)
                self._store.put_text(summary, *key)
            summaries.append(summary)
        return summaries
