"""An encoder of three letters at a time: words that are spelt alike are close. No model."""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors, Vectors


class Trigrams:
    """The encoder: each three letters of a word are hashed into one of 512 buckets."""

    name = "trigrams-512"  # vectors are kept under it: another way of counting is another name
    dimension = 512
    passages = 1024

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """A question's vector."""
        return self.encode_passages([text])[0]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts, in rows."""
        counts = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                padded = f"__{word}_"
                for start in range(len(padded) - 2):
                    row[crc32(padded[start : start + 3].encode("utf-8", "replace")) % self.dimension] += 1
        rows = np.sqrt(counts)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """A question's vector, and those of its words."""
        return self.encode_passage_tokens([text])[0]

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of texts, and those of their words with the places where they stand."""
        found = []
        for text, vector in zip(texts, self.encode_passages(texts), strict=True):
            words = list(re.finditer(r"\w+", text))
            spans = np.array([word.span() for word in words], dtype=np.int32).reshape(-1, 2)
            found.append(TokenVectors(vector, spans, self.encode_passages([word[0] for word in words])))
        return found


def build(argument: str | None = None) -> Trigrams:
    """The encoder; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder trigrams takes no argument, not {argument!r}")
    return Trigrams()
