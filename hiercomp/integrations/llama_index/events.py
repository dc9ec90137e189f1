"""The events of a compression for LlamaIndex's instrumentation."""

from __future__ import annotations

from time import perf_counter

from llama_index.core.bridge.pydantic import Field
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # re-exported
from llama_index.core.instrumentation.events.base import BaseEvent  # type: ignore[attr-defined]  # re-exported

from hiercomp.types import Plan, TokenBudget

dispatcher = get_dispatcher(__name__)


class CompressionStartEvent(BaseEvent):
    """The start of a compression. `query` is empty for an overview."""

    query: str
    budget: TokenBudget

    @classmethod
    def class_name(cls) -> str:
        """Return the name of the event for handlers."""
        return "CompressionStartEvent"


class CompressionEndEvent(BaseEvent):
    """The end of a compression: tokens before and after, nodes kept and dropped, and the duration in seconds.

    `plan` lists the evidence that was looked for, and `warnings` tell why another planner had to write the plan. They
    are empty if all nodes fit, because nothing is looked for then.
    """

    tokens_in: int
    tokens_out: int
    kept: int
    dropped: int
    seconds: float
    plan: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)

    @classmethod
    def class_name(cls) -> str:
        """Return the name of the event for handlers."""
        return "CompressionEndEvent"


class Compression:
    """A compression that sends a start event when it is created, and an end event when `end` is called."""

    def __init__(self, query: str | None, budget: TokenBudget) -> None:
        dispatcher.event(CompressionStartEvent(query=query or "", budget=budget))
        self._started = perf_counter()

    def end(
        self,
        tokens_in: int,
        tokens_out: int,
        *,
        kept: int,
        total: int,
        seconds: float | None = None,
        plan: Plan | None = None,
    ) -> None:
        """Send the end event. `total` counts all nodes. `seconds` defaults to the time since the start."""
        dispatcher.event(
            CompressionEndEvent(
                tokens_in=tokens_in,
                tokens_out=tokens_out,
                kept=kept,
                dropped=total - kept,
                seconds=perf_counter() - self._started if seconds is None else seconds,
                plan=list(plan.texts) if plan else [],
                warnings=list(plan.warnings) if plan else [],
            )
        )
