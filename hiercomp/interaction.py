"""Late interaction: how well each sentence of a passage bears on the question, token by token. Pure.

A sentence's score is the mean over the question's tokens of the best cosine that a token of the sentence has with it,
each token's vector read in its context; a token counts as much as its word is rare. It comes from the same reading of a
passage as the passage's own vector. Source: ColBERT (Khattab and Zaharia, 2020), with a weighted mean for the sum, and
an encoder that was not trained for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hiercomp.analysis import located
from hiercomp.ports import TokenVectors
from hiercomp.types import Span


def token_weights(question: str, tokens: TokenVectors, rarity: Callable[[str], float]) -> NDArray[np.float32]:
    """(n,) float32 of sum 1: how much each token of a question counts, all alike where none of its words is rare.

    Args:
        question: Its text.
        tokens: What the encoder makes of it; there is one at least.
        rarity: How rare a word is in the documents, 0 for one that says nothing. Its tokens share it.
    """
    weights = np.zeros(len(tokens.rows), dtype=np.float32)
    for start, end in located(question):
        inside = _within(tokens, Span(start, end))
        weights[inside] += rarity(question[start:end]) / max(1, inside.sum())
    if not weights.any():
        weights[:] = 1.0
    shares: NDArray[np.float32] = weights / weights.sum()
    return shares


def interaction(
    question: TokenVectors, weights: NDArray[np.float32], passage: TokenVectors, spans: Sequence[Span]
) -> list[float]:
    """The score of each span of a passage's text, -1 to 1; 0 for one of which no token was read."""
    cosines = question.rows @ passage.rows.T
    inside = (cosines[:, _within(passage, span)] for span in spans)
    return [float(weights @ each.max(axis=1)) if each.size else 0.0 for each in inside]


def _within(tokens: TokenVectors, span: Span) -> NDArray[np.bool_]:
    """(n,): which tokens share a code point with a span."""
    overlapping: NDArray[np.bool_] = (tokens.spans[:, 0] < span.end) & (tokens.spans[:, 1] > span.start)
    return overlapping
