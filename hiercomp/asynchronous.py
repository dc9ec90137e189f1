"""A pipeline for an event loop. Each call runs in a thread and can be cancelled.

Calls run concurrently over one index. A cancelled call ends before its next step: a stage, a batch of passages, a batch
of the reader's prompt, or a piece of the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Self

from hiercomp.allocation.packing import Measure
from hiercomp.cancellation import in_thread
from hiercomp.config import Config
from hiercomp.monitor import Observer
from hiercomp.pipeline import Pipeline
from hiercomp.ports import LLM, Encoder, Planner
from hiercomp.sources import Source
from hiercomp.types import Answer, Context, Hierarchy, Plan, Ranking, Run, TokenBudget


class AsyncPipeline:
    """A `Pipeline` with asynchronous methods. Close it after use, or use it in an `async with` statement."""

    def __init__(
        self,
        sources: Source | Sequence[Source],
        *,
        config: Config | None = None,
        observer: Observer | None = None,
        reader: LLM | None = None,
        encoder: Encoder | None = None,
        planner: Planner | None = None,
    ) -> None:
        """Take the arguments of `Pipeline`. The observer is called from the threads."""
        self.pipeline = Pipeline(
            sources, config=config, observer=observer, reader=reader, encoder=encoder, planner=planner
        )

    async def hierarchy(self) -> Hierarchy:
        """Return the hierarchy of the sources. The first call reads the sources and builds it."""
        return await in_thread(lambda: self.pipeline.hierarchy)

    async def fit(
        self,
        question: str | None = None,
        *,
        budget: TokenBudget | None = None,
        plan: Sequence[str] | Plan | None = None,
        measure: Measure | None = None,
        addressed: bool = False,
    ) -> Run:
        """Compress the sources; see `Pipeline.fit`. `measure` is called from the thread."""
        return await in_thread(
            self.pipeline.fit, question, budget=budget, plan=plan, measure=measure, addressed=addressed
        )

    async def compress(
        self,
        question: str | None = None,
        *,
        budget: TokenBudget | None = None,
        plan: Sequence[str] | Plan | None = None,
        measure: Measure | None = None,
        addressed: bool = False,
    ) -> Context:
        """Compress the sources; see `Pipeline.compress`. `measure` is called from the thread."""
        return (await self.fit(question, budget=budget, plan=plan, measure=measure, addressed=addressed)).context

    async def explain(
        self, question: str, *, budget: TokenBudget | None = None, plan: Sequence[str] | Plan | None = None
    ) -> Run:
        """Compute a run without the call for the answer; see `Pipeline.explain`."""
        return await in_thread(self.pipeline.explain, question, budget=budget, plan=plan)

    async def ask(
        self,
        question: str,
        *,
        budget: TokenBudget | None = None,
        plan: Sequence[str] | Plan | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer a question; see `Pipeline.ask`. `on_text` is called on the event loop."""
        loop = asyncio.get_running_loop()

        def hand_over(piece: str) -> None:
            if on_text is not None:
                loop.call_soon_threadsafe(on_text, piece)

        return await in_thread(self.pipeline.ask, question, budget=budget, plan=plan, on_text=hand_over)

    async def stream(
        self, question: str, *, budget: TokenBudget | None = None, plan: Sequence[str] | Plan | None = None
    ) -> AsyncIterator[str | Answer]:
        """Yield the pieces of an answer's text while the reader writes them, and then the whole `Answer`."""
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        asking = asyncio.create_task(self.ask(question, budget=budget, plan=plan, on_text=pieces.put_nowait))
        asking.add_done_callback(lambda _: pieces.put_nowait(None))
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            yield await asking
        finally:
            asking.cancel()

    async def plan(self, question: str) -> Plan:
        """Return the plan of a question; see `Pipeline.plan`."""
        return await in_thread(self.pipeline.plan, question)

    async def rank(self, question: str, *, plan: Sequence[str] | Plan | None = None) -> Ranking:
        """Rank the passages for a question; see `Pipeline.rank`."""
        return await in_thread(self.pipeline.rank, question, plan=plan)

    async def close(self) -> None:
        """Close the store."""
        await in_thread(self.pipeline.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
