"""An encoder that counts trigrams, which are three letters in a row. Words with a similar spelling are close."""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors, Vectors


class Trigrams:
    """The encoder. It hashes each trigram of a word into one of 512 buckets, and needs no model."""

    name = "trigrams-512"  # stored vectors belong to this name: change it if the vectors change
    dimension = 512
    max_passages = 1024

    def encode_query(self, text: str) -> TokenVectors:
        """Encode a question."""
        return self.encode_passages([text])[0]

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Encode passages: a vector for each text, and one for each of its words."""
        encoded = []
        for text, vector in zip(texts, self._vectors(texts), strict=True):
            words = list(re.finditer(r"\w+", text))
            spans = np.array([word.span() for word in words], dtype=np.int32).reshape(-1, 2)
            encoded.append(TokenVectors(vector, spans, self._vectors([word[0] for word in words])))
        return encoded

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        counts = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:  # a text without words has a vector too
                padded = f"__{word}_"
                for start in range(len(padded) - 2):
                    trigram = padded[start : start + 3].encode("utf-8", "replace")
                    row[crc32(trigram) % self.dimension] += 1
        rows = np.sqrt(counts)
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def build(argument: str | None = None) -> Trigrams:
    """Build the encoder. It takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder trigrams takes no argument, not {argument!r}")
    return Trigrams()
