"""A small student of all-MiniLM-L6-v2 for passages, with its teacher for questions.

The student was trained to return the teacher's vectors for the tokens of a passage, reduced to the 128 directions in
which these vectors vary most. It needs a fortieth of the teacher's arithmetic. The teacher encodes questions, and its
vectors are projected to the same directions, so questions and passages are comparable although the teacher reads no
passage. `eval/distil.py` trains the student and documents the training. The method `hiercomp/teacher` in
`eval/results/report.md` measures the loss of evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hiercomp.building import Lazy
from hiercomp.encoders._onnx import TokenModel, unit
from hiercomp.encoders.minilm import MiniLM
from hiercomp.errors import ConfigError
from hiercomp.ports import TokenVectors

MODEL = Path(__file__).with_name("distilled.onnx")
DIRECTIONS = Path(__file__).with_name("distilled.npy")
BATCH = 16
"""Texts in a batch of the student."""


class Distilled:
    """An encoder that loads student and teacher when they are first needed."""

    name = "all-MiniLM-L6-v2-distilled-1"
    dimension = 128
    max_passages = 1024

    def __init__(self) -> None:
        self._student = TokenModel(MODEL, output="rows", batch=BATCH)
        self._teacher = MiniLM()
        self._directions = Lazy(_load_directions)

    def encode_query(self, text: str) -> TokenVectors:
        """Return the teacher's vectors of a question and of its tokens, projected to the student's directions."""
        query, directions = self._teacher.encode_query(text), self._directions()
        return TokenVectors(unit(query.vector @ directions), query.spans, unit(query.rows @ directions))

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the student's vectors of each text and of the tokens that it reads."""
        return self._student.encode(texts)


def _load_directions() -> NDArray[np.float32]:
    """Return the directions as the columns of a (384, 128) matrix."""
    directions: NDArray[np.float32] = np.load(DIRECTIONS, allow_pickle=False).astype(np.float32)
    return directions


def build(argument: str | None = None) -> Distilled:
    """Build the encoder. It takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder distilled takes no argument, not {argument!r}")
    return Distilled()
