"""Prepare a document for the metrics: count its words, and find the shingles that only one page has."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from eval.metrics.words import words
from hiercomp.types import Document

SHINGLE = 5
"""The words of a shingle. Five words in a row seldom occur in two places by chance."""


class Measured:
    """A document and its word counts.

    `counts` are its words. `text` has the same words in order with single spaces, and a space at either end. So a run
    of words between spaces occurs in the document if it occurs in `text`.
    """

    def __init__(self, document: Document) -> None:
        """Count the words of a document."""
        parts = [page.span.of(document.text) for page in document.pages] or [document.text]
        by_part = [words(part) for part in parts]
        found = list(chain.from_iterable(by_part))
        self.document = document
        self.counts = Counter(found)
        self.text = f" {' '.join(found)} "
        self._lengths = [len(part) for part in by_part]

    def page_words(self, number: int) -> list[str]:
        """Return the words of a page, or none if the document has no such page."""
        text = self.document.text
        return [word for page in self.document.pages if page.number == number for word in words(page.span.of(text))]

    def unique_shingles(self, number: int) -> frozenset[tuple[str, ...]]:
        """Return the shingles that occur on a page and on no other, or none if the document has no such page."""
        for place, page in enumerate(self.document.pages):
            if page.number == number:
                start = sum(self._lengths[:place])
                on_page = self.page_words(number)
                unique = self._unique[start : start + max(0, len(on_page) - SHINGLE + 1)]
                return frozenset(tuple(on_page[at : at + SHINGLE]) for at in np.flatnonzero(unique))
        return frozenset()

    @cached_property
    def _unique(self) -> NDArray[np.bool_]:
        """Whether the shingle that begins at each word lies within one page and occurs on no other page."""
        numbers = {word: number for number, word in enumerate(self.counts)}
        sequence = np.fromiter((numbers[word] for word in self.text.split()), np.int64)
        shingles = _number_shingles(sequence)
        count = len(shingles)
        page = np.repeat(np.arange(len(self._lengths)), self._lengths)
        within = page[:count] == page[len(page) - count :]
        first = np.full(count, len(self._lengths))
        last = np.full(count, -1)
        np.minimum.at(first, shingles[within], page[:count][within])
        np.maximum.at(last, shingles[within], page[:count][within])
        unique: NDArray[np.bool_] = within & (first == last)[shingles]
        return unique


def _number_shingles(sequence: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the shingles of a sequence of words. Equal shingles get equal numbers, below the number of shingles."""
    shingles = sequence
    for length in range(1, SHINGLE):
        pairs = shingles[: max(0, len(sequence) - length)] * len(sequence) + sequence[length:]
        shingles = np.unique(pairs, return_inverse=True)[1]
    return shingles
