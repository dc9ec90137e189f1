"""The seam of the evaluation: what a method is.

A method is a name in `NAMES` of a module `eval/methods/<module>.py` with `build(name, parts)`. Libraries are imported
inside `build`, so that listing the methods loads none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from eval.types import Question
from hiercomp.ports import Encoder, Tokenizer
from hiercomp.types import Document

Select = Callable[[int], str]
"""From a budget in tokens to the text that a reader would be given, whole: nothing is added to it and all is counted.
"""


class Index(Protocol):
    """A document, ready to be asked."""

    def find(self, question: Question) -> Select:
        """What a question finds, to be cut to any budget. Only the upper bound reads more than `question.text`."""
        ...


class Method(Protocol):
    """A way to put a document into a budget."""

    @property
    def budgeted(self) -> bool:
        """Whether it keeps to a budget; one that does not is a reference, and is asked once with the budget 0."""
        ...

    @property
    def settings(self) -> dict[str, object]:
        """Models, versions and parameters, for the run's file."""
        ...

    def index(self, document: Document) -> Index:
        """What is done once a document."""
        ...


class Unavailable(Exception):
    """A method cannot run here: the text says why, and what would help."""


@dataclass
class Meter:
    """Tokens that went through models."""

    tokens: int = 0

    def add(self, tokens: int) -> None:
        """Counts tokens."""
        self.tokens += tokens


@dataclass(frozen=True, slots=True)
class Parts:
    """What methods share: one tokenizer, one encoder, one seed.

    `encoder` counts the tokens that it is given, kept vectors included, in `meter`; a method that runs a model of its
    own adds its tokens there.
    """

    tokenizer: Tokenizer
    encoder: Encoder
    seed: int = 0
    meter: Meter = field(default_factory=Meter)
