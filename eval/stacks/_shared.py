"""Shared parts of the methods of a framework: the number of retrieved chunks, and the plain selection of texts."""

from __future__ import annotations

from collections.abc import Sequence

from eval.methods._filling import SEPARATOR, largest_fitting
from hiercomp.ports import Tokenizer

CANDIDATES = 50
"""The number of chunks that the retriever finds. It is more than the largest budget holds."""
SETTINGS = {"cache": False}
"""Settings of hiercomp. Without the cache, each question encodes its passages again, so its seconds are its own."""


def whole(texts: Sequence[str], budget: int, tokenizer: Tokenizer) -> str:
    """Join the first texts that fit the budget. No text is cut."""
    count = largest_fitting(len(texts), lambda count: tokenizer.count(joined(texts[:count])) <= budget)
    return joined(texts[:count])


def joined(texts: Sequence[str]) -> str:
    """Join texts as both frameworks do before a model reads them."""
    return SEPARATOR.join(texts)
