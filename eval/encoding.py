"""Encoders that count the tokens they are given."""

from __future__ import annotations

import time
from collections.abc import Sequence

from eval.ports import Meter
from hiercomp import encoders, tokenizers
from hiercomp.ports import Encoder, TokenVectors
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder

NAME = "minilm"
"""The encoder that all methods share."""
WINDOW = 256
"""The most tokens of a text that the encoder reads."""
TRIAL = ["The provision for income taxes was 10.1 million, an effective rate of 24.2 percent. " * 10] * 8
"""Texts of 230 tokens. They are encoded once to measure the time that a token takes on this machine."""


class WholeTextEncoder:
    """An encoder that returns one vector for each text and no token vectors.

    Its name differs from the wrapped encoder's name, so that their stored vectors are kept apart. `encoded` counts the
    passages that it has encoded.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = f"{encoder.name}, whole texts"
        self.dimension = encoder.dimension
        self.max_passages = encoder.max_passages
        self.encoded = 0

    def encode_query(self, text: str) -> TokenVectors:
        """Encode a question without its tokens."""
        return TokenVectors.without_tokens(self._encoder.encode_query(text).vector)

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Encode passages without their tokens."""
        self.encoded += len(texts)
        return [TokenVectors.without_tokens(tokens.vector) for tokens in self._encoder.encode_passages(texts)]


class CountedEncoder:
    """An encoder whose input tokens are counted in a meter."""

    def __init__(self, encoder: Encoder, meter: Meter) -> None:
        self._encoder = encoder
        self._meter = meter
        self._tokenizer = tokenizers.build(f"hf/{NAME}")

    @property
    def name(self) -> str:
        """The encoder's own name."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return self._encoder.dimension

    @property
    def max_passages(self) -> int:
        """The most passages to encode for one question."""
        return self._encoder.max_passages

    def encode_query(self, text: str) -> TokenVectors:
        """Count and encode a question."""
        self._meter.add(self._count([text]))
        return self._encoder.encode_query(text)

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Count and encode passages."""
        self._meter.add(self._count(texts))
        return self._encoder.encode_passages(texts)

    def _count(self, texts: Sequence[str]) -> int:
        """Count the tokens that the encoder reads. It adds two tokens to each text."""
        return sum(min(WINDOW, tokens + 2) for tokens in self._tokenizer.count_many(texts))


class MeteredEncoder(CountedEncoder):
    """The encoder that all methods share. It stores vectors on disk, but every method pays for the texts it encodes.

    Methods need one vector for each text, so token vectors are not stored. `saved_seconds` are the seconds that the
    stored vectors would have taken, at the speed of this process on `TRIAL`.
    """

    def __init__(self, meter: Meter, store: Store) -> None:
        self.saved_seconds = 0.0
        self._plain = encoders.build(NAME)
        self._whole_texts = WholeTextEncoder(self._plain)
        self._seconds_per_token: float | None = None
        super().__init__(StoredEncoder(lambda: self._whole_texts, store, lambda done, total: None), meter)

    @property
    def name(self) -> str:
        """The name of the encoder without its storage."""
        return self._plain.name

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Count and encode passages, and add the seconds that stored vectors saved."""
        before = self._whole_texts.encoded
        vectors = super().encode_passages(texts)
        stored = len(texts) - (self._whole_texts.encoded - before)
        if stored:
            self.saved_seconds += self._count(texts) * stored / len(texts) * self._measured_seconds_per_token()
        return vectors

    def _measured_seconds_per_token(self) -> float:
        """Measure the time of a token once. The first text only loads the model."""
        if self._seconds_per_token is None:
            self._plain.encode_passages(TRIAL[:1])
            started = time.perf_counter()
            self._plain.encode_passages(TRIAL)
            self._seconds_per_token = (time.perf_counter() - started) / self._count(TRIAL)
        return self._seconds_per_token
