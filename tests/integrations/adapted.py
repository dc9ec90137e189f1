"""The one shape in which the contract suite drives every adapter: each module `adapted_<stack>.py` has these names.

The suite finds the modules by their names, and leaves out those whose framework is not installed.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Given:
    """What an item is made of; a `text` of None stands for an item without text, such as an image."""

    text: str | None
    id: str
    metadata: Mapping[str, Any]
    score: float


class Adapted(Protocol):
    """An adapter of hiercomp for a framework whose items are texts with ids, metadata and scores."""

    KEEPS: frozenset[str]
    """What the framework's items have: of `id`, `metadata`, `score`, `no_text` (items without text), `surrogates`
    (texts that are not valid UTF-8)."""

    def make(self, given: Sequence[Given]) -> list[Any]:
        """Items of the framework."""

    def compress(
        self, items: list[Any], question: str | None, *, budget: int, settings: Mapping[str, Any]
    ) -> list[Any]:
        """What the adapter makes of items."""

    def acompress(
        self, items: list[Any], question: str | None, *, budget: int, settings: Mapping[str, Any]
    ) -> Awaitable[list[Any]]:
        """The same, by the adapter's asynchronous method."""

    def text_of(self, item: Any) -> str | None:
        """The text of an item."""

    def id_of(self, item: Any) -> str:
        """Its id, where the framework has such."""

    def metadata_of(self, item: Any) -> Mapping[str, Any]:
        """Its metadata, without what the adapter added."""

    def score_of(self, item: Any) -> float:
        """Its score, where the framework has such."""

    def kept_of(self, item: Any) -> Mapping[str, Any]:
        """What the adapter says was kept of an item: see `hiercomp.integrations._provenance`."""

    def as_the_reader_sees(self, items: list[Any]) -> str:
        """All items as the framework puts them before a model: the text that the budget bounds."""
