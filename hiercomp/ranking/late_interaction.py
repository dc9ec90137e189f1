"""Late interaction: how well each sentence of a passage bears on the question, token by token. Pure.

A sentence's score is the mean over the question's tokens of the best cosine that a token of the sentence has with it,
each token's vector read in its context; a token counts as much as its word is rare. Source: ColBERT (Khattab and
Zaharia, 2020), with a weighted mean for the sum, and an encoder that was not trained for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hiercomp.ports import TokenVectors, Vectors
from hiercomp.text.analysis import located
from hiercomp.types import Span

Bounds = NDArray[np.intp]
"""(m, 2): for each stretch of text the row of its first token, and the row after its last."""


def token_weights(question: str, tokens: TokenVectors, rarity: Callable[[str], float]) -> NDArray[np.float32]:
    """(n,) float32 of sum 1: how much each token of a question counts, all alike where none of its words is rare.

    Args:
        question: Its text.
        tokens: What the encoder makes of it; there is one at least.
        rarity: How rare a word is in the documents, 0 for one that says nothing. Its tokens share it.
    """
    weights = np.zeros(len(tokens.rows), dtype=np.float32)
    for start, end in located(question):
        ((first, last),) = bounds_of(tokens, [Span(start, end)])
        weights[first:last] += rarity(question[start:end]) / max(1, last - first)
    if not weights.any():
        weights[:] = 1.0
    shares: NDArray[np.float32] = weights / weights.sum()
    return shares


def bounds_of(tokens: TokenVectors, spans: Sequence[Span]) -> Bounds:
    """Which tokens of a text share a code point with each span; tokens stand in the order of the text."""
    starts, ends = np.array([(span.start, span.end) for span in spans], dtype=np.int64).reshape(-1, 2).T
    first = np.searchsorted(tokens.spans[:, 1], starts, side="right")
    return np.column_stack([first, np.maximum(first, np.searchsorted(tokens.spans[:, 0], ends, side="left"))])


def interaction(
    question: TokenVectors, weights: NDArray[np.float32], rows: Vectors, bounds: Bounds
) -> NDArray[np.float32]:
    """(m,) float32: the score of each stretch of the tokens in `rows`, -1 to 1; 0 for one of which no token was read.

    The rows of many passages may stand one after another: one call then scores them all.
    """
    # The last column is no token: a stretch may end after the last row.
    cosines = np.full((len(question.rows), len(rows) + 1), -np.inf, dtype=np.float32)
    np.matmul(question.rows, rows.T, out=cosines[:, :-1])
    best = np.maximum.reduceat(cosines, bounds.ravel(), axis=1)[:, ::2] if len(bounds) else cosines[:, :0]
    empty = bounds[:, 0] == bounds[:, 1]
    best[:, empty] = 0.0
    scores: NDArray[np.float32] = weights @ best
    return scores
