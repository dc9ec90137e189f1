"""The interface of the evaluation's methods.

A module `eval/methods/<module>.py` lists its methods in `NAMES` and constructs them with `build(name, parts)`. `build`
imports third-party libraries, so listing the methods does not load them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from eval.types import Question
from hiercomp.ports import Encoder, Tokenizer
from hiercomp.types import Document

Select = Callable[[int], str]
"""Maps a budget in tokens to the text that a reader gets. The whole text is counted, and no text is added to it."""


class Index(Protocol):
    """An indexed document that can be searched."""

    def find(self, question: Question) -> Select:
        """Search for a question. The result can be cut to any budget.

        hiercomp searches for the lines of `question.plan` one by one. `gold` reads the evidence. Every other method
        reads `question.query` alone.
        """
        ...


class Method(Protocol):
    """A way to fit a document into a budget."""

    @property
    def budgeted(self) -> bool:
        """Whether the method keeps to a budget. Other methods are references and are called once with the budget 0."""
        ...

    @property
    def settings(self) -> dict[str, object]:
        """Models, versions and parameters. They are written to the run's file."""
        ...

    def index(self, document: Document) -> Index:
        """Index a document. Called once for each document."""
        ...


class Unavailable(Exception):
    """A method cannot run on this machine. The message gives the reason and the remedy."""


@dataclass
class Meter:
    """Counts the tokens that models read."""

    tokens: int = 0

    def add(self, tokens: int) -> None:
        """Add tokens."""
        self.tokens += tokens


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that all methods share: a tokenizer, an encoder and a seed.

    `encoder` counts the tokens that it is given in `meter`, even if their vectors are stored. A method with its own
    model adds that model's tokens to `meter`.
    """

    tokenizer: Tokenizer
    encoder: Encoder
    seed: int = 0
    meter: Meter = field(default_factory=Meter)
