"""Late interaction: compare each sentence of a passage with the question token by token.

A sentence's score is the weighted mean, over the tokens of the question, of the best cosine that a token of the
sentence has with it. Each token's vector is read in its context. Rare words weigh more. Source: ColBERT (Khattab and
Zaharia, 2020), with a weighted mean in place of the sum and an encoder that was not trained for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hiercomp.ports import TokenVectors, Vectors
from hiercomp.text.analysis import located
from hiercomp.types import Span

CELLS = 1 << 24
"""The most cosines that are held in memory at once, 64 MiB. Queries are compared together as far as this allows."""
Bounds = NDArray[np.intp]
"""(m, 2): for each stretch of text, the row of its first token and the row after its last token."""


def token_weights(question: str, tokens: TokenVectors, rarity: Callable[[str], float]) -> NDArray[np.float32]:
    """Weigh the tokens of a question by the rarity of their words.

    Args:
        question: The text of the question.
        tokens: The encoded question, with at least one token.
        rarity: Returns how rare a word is in the documents: 0 for a stop word. The tokens of a word share its rarity.

    Returns:
        (n,) float32 of sum 1. All weights are equal if no word is rare.
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
    """Find the tokens that share a code point with each span. Tokens are in text order."""
    starts, ends = np.array([(span.start, span.end) for span in spans], dtype=np.int64).reshape(-1, 2).T
    first = np.searchsorted(tokens.spans[:, 1], starts, side="right")
    return np.column_stack([first, np.maximum(first, np.searchsorted(tokens.spans[:, 0], ends, side="left"))])


def interaction(
    queries: Sequence[TokenVectors], weights: Sequence[NDArray[np.float32]], rows: Vectors, bounds: Bounds
) -> tuple[list[NDArray[np.float32]], NDArray[np.bool_]]:
    """Score stretches of text against each of some queries.

    Args:
        queries: The encoded queries, each with at least one token.
        weights: For each query, (n,) the weight of each of its tokens.
        rows: The token vectors of one or many passages, one after another.
        bounds: The rows of each stretch.

    Returns:
        For each query (m,) float32, the scores between -1 and 1, and (m,) bool, whether the encoder read a token of
        the stretch. The score of a stretch that was not read has no meaning.
    """
    is_read = bounds[:, 0] < bounds[:, 1]
    scores: list[NDArray[np.float32]] = []
    for block in _blocks([len(query.rows) for query in queries], max(1, CELLS // (len(rows) + 1))):
        best = _best_cosines(np.concatenate([query.rows for query in queries[block]]), rows, bounds)
        best[:, ~is_read] = 0.0
        ends = np.cumsum([len(query.rows) for query in queries[block]])
        parts = np.split(best, ends[:-1])
        scores += [weight @ part for weight, part in zip(weights[block], parts, strict=True)]
    return scores, is_read


def _blocks(sizes: Sequence[int], most: int) -> Iterator[slice]:
    """Yield ranges of neighbours that have at most `most` together, or a single one that has more."""
    start = total = 0
    for index, size in enumerate(sizes):
        if index > start and total + size > most:
            yield slice(start, index)
            start, total = index, 0
        total += size
    if start < len(sizes):
        yield slice(start, len(sizes))


def _best_cosines(tokens: Vectors, rows: Vectors, bounds: Bounds) -> NDArray[np.float32]:
    """Return (n, m), the best cosine of each token of a query with the rows of each stretch."""
    # The extra column is no token: a stretch may end after the last row.
    cosines = np.full((len(tokens), len(rows) + 1), -np.inf, dtype=np.float32)
    np.matmul(tokens, rows.T, out=cosines[:, :-1])
    best: NDArray[np.float32] = (
        np.maximum.reduceat(cosines, bounds.ravel(), axis=1)[:, ::2] if len(bounds) else cosines[:, :0]
    )
    return best
