"""The interface through which the contract suite drives every adapter. Each `adapted_<stack>.py` has these names.

The suite finds the modules by their file names.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Given:
    """The input for one item. A `text` of None stands for an item without text, such as an image."""

    text: str | None
    id: str
    metadata: Mapping[str, Any]
    score: float


class Adapted(Protocol):
    """An adapter of hiercomp for a framework whose items are texts with ids, metadata and scores."""

    KEEPS: frozenset[str]
    """The features of the framework's items: some of `id`, `metadata`, `score`, `no_text` (items without text) and
    `surrogates` (texts that are not valid UTF-8)."""

    def make(self, given: Sequence[Given]) -> list[Any]:
        """Make items of the framework."""

    def compress(
        self,
        items: list[Any],
        question: str | None,
        *,
        budget: int,
        settings: Mapping[str, Any],
        plan: Sequence[str] | None = None,
        planner: Callable[[str], Sequence[str]] | None = None,
    ) -> list[Any]:
        """Compress items with the adapter. The plan is given with the call, the planner to the adapter."""

    def acompress(
        self,
        items: list[Any],
        question: str | None,
        *,
        budget: int,
        settings: Mapping[str, Any],
        plan: Sequence[str] | None = None,
        planner: Callable[[str], Sequence[str]] | None = None,
    ) -> Awaitable[list[Any]]:
        """Compress items with the adapter's asynchronous method."""

    def text_of(self, item: Any) -> str | None:
        """Return the text of an item."""

    def id_of(self, item: Any) -> str:
        """Return its id, if the framework has ids."""

    def metadata_of(self, item: Any) -> Mapping[str, Any]:
        """Return its metadata without the key that the adapter added."""

    def score_of(self, item: Any) -> float:
        """Return its score, if the framework has scores."""

    def kept_of(self, item: Any) -> Mapping[str, Any]:
        """Return the adapter's metadata about an item: see `hiercomp.integrations._provenance`."""

    def as_the_reader_sees(self, items: list[Any]) -> str:
        """Return all items as the framework gives them to a model: the text that the budget bounds."""
