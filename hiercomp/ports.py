"""The protocols that components implement. Each has a contract suite in `tests/contracts/`.

A component is a module `hiercomp/<family>/<name>.py` with a function `build(argument=None)`; see `registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from hiercomp.types import (
    Allocation,
    Completion,
    Context,
    Document,
    Hierarchy,
    Ladder,
    Message,
    Node,
    Plan,
    Prompt,
    Ranking,
)

Vectors = NDArray[np.float32]
"""(n, d) float32, unit rows."""


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The vectors that an encoder gives for a text.

    `vector`, (d,), stands for the whole text. `rows`, (n, d), hold one vector for each token, read in its context.
    `spans`, (n, 2) int32, hold each token's code points in the text, half-open. Vectors are float32 of unit length.
    """

    vector: NDArray[np.float32]
    spans: NDArray[np.int32]
    rows: Vectors

    @classmethod
    def without_tokens(cls, vector: NDArray[np.float32]) -> TokenVectors:
        """Wrap the vector of a text whose tokens the encoder does not tell apart."""
        return cls(vector, np.zeros((0, 2), dtype=np.int32), np.zeros((0, len(vector)), dtype=np.float32))


@runtime_checkable
class Loader(Protocol):
    """A file format."""

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """Read a file's text and layout.

        Raises:
            DocumentError: the file cannot be read. The message names the problem and the remedy.
        """
        ...


@runtime_checkable
class Tokenizer(Protocol):
    """A reader's way of counting tokens."""

    @property
    def name(self) -> str:
        """The name that `--tokenizer` takes."""
        ...

    def count(self, text: str) -> int:
        """Count the tokens of a text. Text that looks like a special token is counted as ordinary text."""
        ...

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text."""
        ...

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """Count the tokens of a call's input: messages, chat template and the start of the answer."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors. It is deterministic; a higher inner product means closer in meaning."""

    @property
    def name(self) -> str:
        """Model and version. Vectors of encoders with different names are never compared."""
        ...

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        ...

    @property
    def max_passages(self) -> int:
        """The most passages of about 200 tokens to encode for one question: a few seconds of work on two cores."""
        ...

    def encode_query(self, text: str) -> TokenVectors:
        """Encode a question."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Encode passages; a long text is cut where the model stops reading. `texts` may be empty."""
        ...


@runtime_checkable
class Index(Protocol):
    """Passages that can be searched."""

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return one ranking for each query: at most k hits, best first; none for a blank query.

        The queries belong to one question. An index that limits its work for a question limits it for all of them.
        """
        ...


class Outline(Protocol):
    """The coarse level of the documents, as a planner sees it."""

    def render(self, max_tokens: int) -> Context:
        """Return the sections that represent the documents best, with pages and summaries; empty if none fits."""
        ...

    def share(self, word: str) -> float:
        """Return the share (0 to 1) of the documents' sentences that contain a word in any of its forms."""
        ...


@runtime_checkable
class Planner(Protocol):
    """A way to unfold a question into the pieces of evidence that its answer rests on."""

    def plan(self, question: str, outline: Outline) -> Plan:
        """Write the plan of a question that is not blank.

        Its first need is the question without instructions to the reader. The plan of a request for a summary of
        everything may have no needs.
        """
        ...


@runtime_checkable
class Retriever(Protocol):
    """A way to find passages."""

    def index(self, passages: Sequence[Node]) -> Index:
        """Prepare passages for search. A passage is found by its title and its text. `passages` may be empty."""
        ...


@runtime_checkable
class Compressor(Protocol):
    """A way to summarize texts."""

    def compress(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Summarize each text within `max_tokens` tokens. A text that fits already is returned unchanged."""
        ...


@runtime_checkable
class Allocator(Protocol):
    """A way to divide a budget over a hierarchy."""

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Choose a cut of the tree that costs at most `budget` tokens."""
        ...


@runtime_checkable
class LLM(Protocol):
    """A reader: a model that answers."""

    @property
    def name(self) -> str:
        """The resolved name, as `--model` takes it."""
        ...

    @property
    def tokenizer(self) -> Tokenizer:
        """The reader's own tokenizer."""
        ...

    @property
    def context_window(self) -> int:
        """The most tokens that one call can hold, prompt and answer together."""
        ...

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Answer in at most `max_tokens` tokens. `on_text` is called with each piece as it is written.

        Raises:
            ModelError: the call failed.
            TransientModelError: the call failed, and another attempt may succeed.
        """
        ...
