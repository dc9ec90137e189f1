"""What the methods of a stack share: how much is retrieved, and what is taken of it without anything that cuts."""

from __future__ import annotations

from collections.abc import Sequence

from eval.methods._filling import SEPARATOR, most
from hiercomp.ports import Tokenizer

CANDIDATES = 50
"""Chunks that the retriever finds: more than the largest budget holds."""
SETTINGS = {"cache": False}
"""Of hiercomp: what one question had it read is read again for the next, so that its seconds are a question's own."""


def whole(texts: Sequence[str], budget: int, tokenizer: Tokenizer) -> str:
    """The first texts, none of them cut, as many as a budget holds."""
    return SEPARATOR.join(texts[: most(len(texts), lambda count: tokenizer.count(joined(texts[:count])) <= budget)])


def joined(texts: Sequence[str]) -> str:
    """Texts as both frameworks put them before a model."""
    return SEPARATOR.join(texts)
