"""Encoders whose tokens are counted; those of the one that methods share as if its vectors were not kept on disk."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np
from numpy.typing import NDArray

from eval.ports import Meter
from hiercomp import registry, tokenizers
from hiercomp.ports import Encoder, TokenVectors
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder

NAME = "minilm"
WINDOW = 256
"""The most tokens of a text that the encoder reads."""
TRIAL = ["The provision for income taxes was 10.1 million, an effective rate of 24.2 percent. " * 10] * 8
"""Texts of 230 tokens: encoded once, to know how long a token takes here."""


class CountedEncoder:
    """An encoder of which the tokens that it is given are counted."""

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
    def passages(self) -> int:
        """What the encoder may be given for one question."""
        return self._encoder.passages

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(d,) float32, unit length; questions are not kept."""
        self._meter.add(sum(self._tokens([text])))
        return self._encoder.encode_query(text)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        with self._metered(texts):
            return self._encoder.encode_passages(texts)

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its tokens; questions are not kept."""
        self._meter.add(sum(self._tokens([text])))
        return self._encoder.encode_query_tokens(text)

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of its tokens."""
        with self._metered(texts):
            return self._encoder.encode_passage_tokens(texts)

    @contextmanager
    def _metered(self, texts: Sequence[str]) -> Iterator[None]:
        """Counts the tokens of texts."""
        self._meter.add(sum(self._tokens(texts)))
        yield

    def _tokens(self, texts: Sequence[str]) -> list[int]:
        return [min(WINDOW, tokens + 2) for tokens in self._tokenizer.count_many(texts)]


class MeteredEncoder(CountedEncoder):
    """The encoder of all methods: its vectors are kept, and every method pays for what it asks.

    `owed` are the seconds that the kept vectors would have taken, at the pace of this process on `TRIAL`.
    """

    def __init__(self, meter: Meter, store: Store) -> None:
        self.owed = 0.0
        self._plain = cast("Encoder", registry.build("encoders", NAME))
        self._stored = StoredEncoder(lambda: self._plain, store, lambda done, total: None)
        self._pace: float | None = None
        super().__init__(self._stored, meter)

    @contextmanager
    def _metered(self, texts: Sequence[str]) -> Iterator[None]:
        """Counts the tokens of texts, and the seconds that those would take which are kept."""
        before = self._stored.encoded
        with super()._metered(texts):
            yield
        kept = len(texts) - (self._stored.encoded - before)
        if kept:
            self.owed += sum(self._tokens(texts)) * kept / len(texts) * self._seconds_per_token()

    def _seconds_per_token(self) -> float:
        """How long a token takes, measured once: the first text only loads the model."""
        if self._pace is None:
            self._plain.encode_passages(TRIAL[:1])
            started = time.perf_counter()
            self._plain.encode_passages(TRIAL)
            self._pace = (time.perf_counter() - started) / sum(self._tokens(TRIAL))
        return self._pace
