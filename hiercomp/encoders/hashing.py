"""An encoder that hashes words into signed buckets. It uses no model; tests and baselines use it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors, Vectors


class Hashing:
    """An encoder of bags of hashed words. The weight of a bucket is the logarithm of one plus its count."""

    max_passages = 192

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.name = f"hashing-{dimension}"

    def encode_query(self, text: str) -> TokenVectors:
        """Return the vectors of a question and of its words."""
        return self.encode_passages([text])[0]

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the vectors of each text and of its words. A word has the vector of a text with this word alone."""
        encoded = []
        for text, vector in zip(texts, self._vectors(texts), strict=True):
            words = list(re.finditer(r"\w+", text))
            spans = np.array([word.span() for word in words], dtype=np.int32).reshape(-1, 2)
            encoded.append(TokenVectors(vector, spans, self._vectors([word[0] for word in words])))
        return encoded

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) unit rows."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            # A text without words needs a direction too: that of the empty word.
            for word in re.findall(r"\w+", text.lower()) or [""]:
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
                vectors[row, int.from_bytes(digest[:4], "little") % self.dimension] += 1 if digest[4] & 1 else -1
        vectors = np.sign(vectors) * np.log1p(np.abs(vectors))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[norms[:, 0] == 0, 0] = 1
        norms[norms == 0] = 1
        unit: Vectors = (vectors / norms).astype(np.float32)
        return unit


def build(argument: str | None = None) -> Hashing:
    """Build the encoder. The argument is the dimension, 256 by default.

    Raises:
        ConfigError: the argument is not a number above 0.
    """
    if argument is not None and not (argument.isdecimal() and int(argument)):
        raise ConfigError(f"the encoder hashing takes a dimension, such as hashing/256, not {argument!r}")
    return Hashing(int(argument or 256))
