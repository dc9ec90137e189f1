"""The seams: what a component must do. Each protocol has a contract suite in `tests/contracts/`.

A component is a module `hiercomp/<family>/<name>.py` with `build(argument=None, **options)`; see `registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hiercomp.types import Allocation, Completion, Document, Hierarchy, Ladder, Message, Node, Prompt, Ranking

Vectors = NDArray[np.float32]
"""(n, d) float32, unit rows."""


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """A text's own vector, (d,), and those of its tokens, (n, d), each read in its context: float32, unit length.

    `spans` is (n, 2) int32: the code points of the text from which a token starts and before which it ends.
    """

    vector: NDArray[np.float32]
    spans: NDArray[np.int32]
    rows: Vectors

    @classmethod
    def untold(cls, vector: NDArray[np.float32]) -> TokenVectors:
        """A text's vector alone."""
        return cls(vector, np.zeros((0, 2), dtype=np.int32), np.zeros((0, len(vector)), dtype=np.float32))


class Loader(Protocol):
    """A file format."""

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """The file's text and layout; `DocumentError` says what is wrong and what to do."""
        ...


class Tokenizer(Protocol):
    """A reader's own way of counting."""

    @property
    def name(self) -> str:
        """What `--tokenizer` calls it."""
        ...

    def count(self, text: str) -> int:
        """The tokens of a whole string; text that looks like a special token is ordinary text."""
        ...

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each string."""
        ...

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """The tokens of a call's input: messages, chat template and the opening of the answer."""
        ...


class Encoder(Protocol):
    """Text to unit vectors: deterministic, inner product, higher is closer."""

    @property
    def name(self) -> str:
        """Model and version: vectors of different names never mix."""
        ...

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        ...

    @property
    def passages(self) -> int:
        """Passages of 200 tokens that it may be given for one question: what takes seconds on two cores."""
        ...

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(d,) float32, unit length."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, unit rows; n may be 0."""
        ...

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """`encode_query` with the vectors of the question's tokens, none where the encoder does not tell them apart."""
        ...

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """`encode_passages` with the vectors of each text's tokens, as far as it is read."""
        ...


class Index(Protocol):
    """Nodes that can be searched."""

    def search(self, question: str, k: int) -> Ranking:
        """At most k hits, best first; empty for a blank question."""
        ...


class Retriever(Protocol):
    """A way of finding nodes."""

    def index(self, nodes: Sequence[Node]) -> Index:
        """The nodes, ready to be searched; there may be none."""
        ...


class Compressor(Protocol):
    """Text to less text."""

    def compress(self, texts: Sequence[str], max_tokens: int, question: str | None = None) -> list[str]:
        """Each text within the limit by the run's tokenizer; one that fits already comes back unchanged.

        With no question it builds a summary, with one it refines.
        """
        ...


class Allocator(Protocol):
    """A way of spending a budget on a hierarchy."""

    @property
    def nested(self) -> bool:
        """Whether what a budget shows of some ladders, every greater budget shows too."""
        ...

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """A cut of the tree that costs at most `budget` tokens."""
        ...


class LLM(Protocol):
    """A reader."""

    @property
    def name(self) -> str:
        """What `--model` calls it, resolved."""
        ...

    @property
    def tokenizer(self) -> Tokenizer:
        """The reader's own tokenizer."""
        ...

    @property
    def context_window(self) -> int:
        """The most tokens, prompt and answer, of one call."""
        ...

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """The answer, at most `max_tokens` long; `on_text` is given each piece as it is written.

        Raises `ModelError` when it fails, `TransientModelError` where another try may work.
        """
        ...
