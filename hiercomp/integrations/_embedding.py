"""The embedding model of a framework as an encoder of hiercomp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hiercomp.errors import ModelError
from hiercomp.ports import TokenVectors

PROBE = "The effective tax rate was 24.2% in 2025."
"""A text whose vector tells the length of a model's vectors, and tells one model from another."""
LARGEST = 8
"""The components of the probe's vector that identify a model: the positions of the largest ones.

A hosted model returns slightly different numbers at each call, but the positions stay the same.
"""
MODEL_KEYS = ("model_name", "model", "model_id", "deployment_name", "deployment")
"""The attributes that hold a model's name in the classes of the frameworks, in order of preference."""


class StackEncoder:
    """An encoder that calls an embedding model of a framework. It has one vector for each text, and none for tokens.

    The model is first called when its name, its dimension or a vector is needed.
    """

    max_passages = 192

    def __init__(
        self,
        label: str,
        encode_query: Callable[[str], ArrayLike],
        encode_passages: Callable[[list[str]], Sequence[ArrayLike]],
    ) -> None:
        """Take the name of the model, and the functions that embed a question and passages."""
        self._label = label
        self._encode_query = encode_query
        self._encode_passages = encode_passages
        self._known_probe: NDArray[np.float32] | None = None

    @property
    def name(self) -> str:
        """The model's class and name, and a digest of its vector of a fixed text.

        Models of one name can differ, for example in their instructions. The digest keeps their stored vectors apart.
        """
        probe = self._probe
        largest = np.sort(np.argsort(-np.abs(probe), kind="stable")[:LARGEST])
        return f"{self._label} {sha256(f'{len(probe)} {largest.tolist()}'.encode()).hexdigest()[:12]}"

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return len(self._probe)

    def encode_query(self, text: str) -> TokenVectors:
        """Embed a question."""
        return TokenVectors.without_tokens(_unit([self._encode_query(_valid(text))])[0])

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Embed passages.

        Raises:
            ModelError: the model does not return one usable vector for each passage.
        """
        return [TokenVectors.without_tokens(vector) for vector in self._vectors(texts)]

    @property
    def _probe(self) -> NDArray[np.float32]:
        """The vector of `PROBE`. Two threads may both ask the model for it, and get the same."""
        if self._known_probe is None:
            self._known_probe = self._vectors([PROBE])[0]
        return self._known_probe

    def _vectors(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        vectors = _unit(self._encode_passages([_valid(text) for text in texts])) if texts else []
        if len(vectors) != len(texts):
            raise ModelError(f"{self._label} returned {len(vectors)} vectors for {len(texts)} texts")
        return vectors


def label_of(model: object) -> str:
    """Return the class of a framework's model, and the model's own name if it has one."""
    name = model_name(model)
    return f"{type(model).__module__}.{type(model).__qualname__}" + (f"/{name}" if name else "")


def model_name(model: object) -> str | None:
    """Return the model name of a framework's object, or None if the object has none."""
    names = (getattr(model, key, None) for key in MODEL_KEYS)
    return next((name for name in names if isinstance(name, str) and name), None)


def _valid(text: str) -> str:
    """Replace lone surrogates, which the clients of hosted models cannot send."""
    return text.encode("utf-8", "replace").decode()


def _unit(vectors: Sequence[ArrayLike]) -> list[NDArray[np.float32]]:
    """Scale vectors to unit length as float32. A vector of zeros stays as it is.

    Raises:
        ModelError: a vector has no numbers, or a number is infinite or not a number.
    """
    scaled = []
    for vector in vectors:
        row = np.asarray(vector, dtype=np.float32).reshape(-1)
        if not row.size or not np.isfinite(row).all():
            raise ModelError("the embedding model returned a vector without numbers; check the model, or leave it out")
        length = float(np.linalg.norm(row))
        scaled.append(row / np.float32(length or 1.0))
    return scaled
