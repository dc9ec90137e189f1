"""Orders in which a retriever can return the chunks of a document: those of encoders, an upper bound, and no order."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from eval.encoding import NAME
from hiercomp import encoders
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.types import PASSAGE, Node, Span

Array = NDArray[np.float64]
MAX_TOKENS = 512
INSTRUCTION = "Represent this sentence for searching relevant passages: "
"""What the encoders of the family bge put before a question."""
SHARES = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
"""The shares of BM25 in a mix, of which the best for a question is chosen."""


class Vectors(Protocol):
    """An encoder with one vector for each text."""

    def question(self, text: str) -> Array:
        """Encode a question."""
        ...

    def passages(self, texts: Sequence[str]) -> Array:
        """Return (n, d): one row for each text."""
        ...


class Packaged:
    """The encoder that all methods of the evaluation share."""

    def __init__(self) -> None:
        self._encoder = encoders.build(NAME)

    def question(self, text: str) -> Array:
        """Encode a question."""
        return self._encoder.encode_query(text).vector.astype(np.float64)

    def passages(self, texts: Sequence[str]) -> Array:
        """Return (n, d): one row for each text."""
        return np.array([tokens.vector for tokens in self._encoder.encode_passages(texts)], dtype=np.float64)


class Onnx:
    """An encoder of the family bge: a folder with `model.onnx` and `tokenizer.json`. The first token stands for a text.

    Texts are read one by one, because the vectors of an 8-bit model depend on the other texts of a batch.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=MAX_TOKENS)
        self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
        self._names = [each.name for each in self._session.get_inputs()]

    def question(self, text: str) -> Array:
        """Encode a question."""
        return self._encode(INSTRUCTION + text)

    def passages(self, texts: Sequence[str]) -> Array:
        """Return (n, d): one row for each text."""
        return np.array([self._encode(text) for text in texts])

    def _encode(self, text: str) -> Array:
        ids = np.array([self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {name: inputs[name] for name in self._names})[0]
        vector: Array = states.reshape(-1, states.shape[-1])[0].astype(np.float64)
        return vector / np.linalg.norm(vector)


def lexical_scores(chunks: Sequence[str], question: str) -> Array:
    """Return the BM25 score of each chunk, 0 for a chunk that shares no word with the question."""
    nodes = [Node(str(place), "", PASSAGE, "", Span(0, len(text)), text, ()) for place, text in enumerate(chunks)]
    scores = np.zeros(len(chunks))
    for hit in Bm25().index(nodes).search([question], len(chunks))[0].hits:
        scores[int(hit.node_id)] = hit.score
    return scores


def best_mix(lexical: Array, dense: Array, is_gold: Sequence[bool]) -> Array:
    """Return the mix of two scores whose share ranks the gold chunks best: an upper bound, because it knows them."""
    mixes = [share * _standard(lexical) + (1 - share) * _standard(dense) for share in SHARES]
    best: Array = max(mixes, key=lambda mix: _gain(mix, is_gold))
    return best


def shuffled(scores: Array, question: str) -> Array:
    """Return the same scores in an order that the question's text decides."""
    order = list(range(len(scores)))
    random.Random(hashlib.sha256(question.encode("utf-8", "replace")).digest()).shuffle(order)
    mixed: Array = scores[order]
    return mixed


def _standard(scores: Array) -> Array:
    standard: Array = (scores - scores.mean()) / (scores.std() + 1e-9)
    return standard


def _gain(scores: Array, is_gold: Sequence[bool]) -> float:
    """Return the discounted gain of the gold chunks: the sum of 1 / log2(1 + rank)."""
    ranks: list[int] = [1 + int((scores > scores[place]).sum()) for place in np.flatnonzero(is_gold)]
    return float(sum(1 / np.log2(1 + rank) for rank in ranks))
