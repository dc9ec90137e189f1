"""A small student of all-MiniLM-L6-v2: it reads passages at a fortieth of the arithmetic, the teacher reads questions.

The student was trained to give the vectors that the teacher gives for the tokens of a passage, in the 128 directions in
which those differ most; a question's tokens are read by the teacher and turned into the same directions. So the two can
be compared, and no passage goes through the teacher. `eval/distil.py` trains it and says how; what it costs in evidence
is the difference to the method `hiercomp/teacher` in `eval/results/report.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hiercomp.encoders._onnx import TokenModel, unit
from hiercomp.encoders.minilm import MiniLM
from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors

MODEL = Path(__file__).with_name("distilled.onnx")
DIRECTIONS = Path(__file__).with_name("distilled.npy")
BATCH = 16
"""Texts that go through at once."""


class Distilled:
    """The encoder; student and teacher are loaded when they are first needed."""

    name = "all-MiniLM-L6-v2-distilled-1"
    dimension = 128
    passages = 1024

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(128,) float32, unit length."""
        return self.encode_query_tokens(text).vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 128) float32, unit rows."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for place, tokens in self._student.read(texts):
            vectors[place] = tokens.vector
        return vectors

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its tokens, as the teacher reads it."""
        read = self._teacher.encode_query_tokens(text)
        return TokenVectors(unit(read.vector @ self._directions), read.spans, unit(read.rows @ self._directions))

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of the tokens that were read of it, as the student reads them."""
        return [tokens for _, tokens in sorted(self._student.read(texts), key=lambda pair: pair[0])]

    @cached_property
    def _student(self) -> TokenModel:
        return TokenModel(MODEL, output="rows", batch=BATCH)

    @cached_property
    def _teacher(self) -> MiniLM:
        return MiniLM()

    @cached_property
    def _directions(self) -> NDArray[np.float32]:
        """(384, 128)."""
        directions: NDArray[np.float32] = np.load(DIRECTIONS, allow_pickle=False).astype(np.float32)
        return directions


def build(argument: str | None = None) -> Distilled:
    """The packaged encoder; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder distilled takes no argument, not {argument!r}")
    return Distilled()
