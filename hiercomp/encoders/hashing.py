"""A hashing encoder: words hashed into signed buckets. No model, exact and instant; for tests and as a floor."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors


class Hashing:
    """A bag of hashed words, weighted by the logarithm of their counts."""

    passages = 192

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.name = f"hashing-{dimension}"

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(d,) float32, unit length."""
        vector: NDArray[np.float32] = self.encode_passages([text])[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            # A text without words still needs a direction: the empty word.
            for word in re.findall(r"\w+", text.lower()) or [""]:
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
                vectors[row, int.from_bytes(digest[:4], "little") % self.dimension] += 1 if digest[4] & 1 else -1
        vectors = np.sign(vectors) * np.log1p(np.abs(vectors))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[norms[:, 0] == 0, 0] = 1
        norms[norms == 0] = 1
        unit: NDArray[np.float32] = (vectors / norms).astype(np.float32)
        return unit

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its words."""
        return self.encode_passage_tokens([text])[0]

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of its words; a word's is that of the word alone."""
        found = []
        for text, vector in zip(texts, self.encode_passages(texts), strict=True):
            words = list(re.finditer(r"\w+", text))
            spans = np.array([word.span() for word in words], dtype=np.int32).reshape(-1, 2)
            found.append(TokenVectors(vector, spans, self.encode_passages([word[0] for word in words])))
        return found


def build(argument: str | None = None) -> Hashing:
    """The encoder; the argument is its dimension, 256 if there is none.

    Raises:
        ConfigError: the argument is not a number above 0.
    """
    if argument is not None and not (argument.isdecimal() and int(argument)):
        raise ConfigError(f"the encoder hashing takes a dimension, such as hashing/256, not {argument!r}")
    return Hashing(int(argument or 256))
