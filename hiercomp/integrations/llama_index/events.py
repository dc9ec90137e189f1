"""What LlamaIndex's instrumentation is told of a compression."""

from __future__ import annotations

from time import perf_counter

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # re-exported
from llama_index.core.instrumentation.events.base import BaseEvent  # type: ignore[attr-defined]  # re-exported

from hiercomp.pipeline import Limit

dispatcher = get_dispatcher(__name__)


class CompressionStartEvent(BaseEvent):
    """Texts are about to be cut to a budget; `query` is blank for an overview."""

    query: str
    budget: Limit

    @classmethod
    def class_name(cls) -> str:
        """What handlers know the event by."""
        return "CompressionStartEvent"


class CompressionEndEvent(BaseEvent):
    """Texts were cut: their tokens before and after, the nodes kept and dropped, and how long it took."""

    tokens_in: int
    tokens_out: int
    kept: int
    dropped: int
    seconds: float

    @classmethod
    def class_name(cls) -> str:
        """What handlers know the event by."""
        return "CompressionEndEvent"


class Compression:
    """One compression: begun when it is made, ended by `end`."""

    def __init__(self, query: str | None, budget: Limit) -> None:
        dispatcher.event(CompressionStartEvent(query=query or "", budget=budget))
        self._began = perf_counter()

    def end(self, tokens_in: int, tokens_out: int, *, kept: int, total: int, seconds: float | None = None) -> None:
        """Tells what came of it, of `total` nodes; `seconds` are those since the beginning if they are not given."""
        seconds = perf_counter() - self._began if seconds is None else seconds
        dispatcher.event(
            CompressionEndEvent(
                tokens_in=tokens_in, tokens_out=tokens_out, kept=kept, dropped=total - kept, seconds=seconds
            )
        )
