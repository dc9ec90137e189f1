"""A pipeline for an event loop: the work is done in threads, and a call that is given up stops.

Calls run side by side over one index. A cancelled call ends at its next step: a stage, a batch of passages or of the
reader's prompt, a piece of the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Self

from hiercomp.allocation.packing import Measure
from hiercomp.cancellation import in_thread
from hiercomp.components import Observer
from hiercomp.config import Config
from hiercomp.pipeline import Limit, Pipeline
from hiercomp.ports import LLM
from hiercomp.sources import Source
from hiercomp.types import Answer, Context, Hierarchy, Ranking


class AsyncPipeline:
    """`Pipeline` with the same methods to be awaited; close it, or use it in an `async with` statement."""

    def __init__(
        self,
        sources: Source | Sequence[Source],
        *,
        config: Config | None = None,
        observer: Observer | None = None,
        reader: LLM | None = None,
    ) -> None:
        """Takes what `Pipeline` takes; the observer is called from the threads."""
        self.pipeline = Pipeline(sources, config=config, observer=observer, reader=reader)

    async def hierarchy(self) -> Hierarchy:
        """The tree of the sources; read and built at first use, then kept."""
        return await in_thread(lambda: self.pipeline.hierarchy)

    async def compress(
        self, question: str | None = None, *, budget: Limit | None = None, measure: Measure | None = None
    ) -> Context:
        """See `Pipeline.compress`; `measure` is called from the thread."""
        return await in_thread(self.pipeline.compress, question, budget=budget, measure=measure)

    async def explain(self, question: str, *, budget: Limit | None = None) -> Context:
        """See `Pipeline.explain`."""
        return await in_thread(self.pipeline.explain, question, budget=budget)

    async def ask(
        self, question: str, *, budget: Limit | None = None, on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """See `Pipeline.ask`; `on_text` is called on the event loop."""
        loop = asyncio.get_running_loop()

        def hand_over(piece: str) -> None:
            if on_text is not None:
                loop.call_soon_threadsafe(on_text, piece)

        return await in_thread(self.pipeline.ask, question, budget=budget, on_text=hand_over)

    async def stream(self, question: str, *, budget: Limit | None = None) -> AsyncIterator[str | Answer]:
        """The answer piece by piece as it is written, and at the end the whole of it."""
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        asking = asyncio.create_task(self.ask(question, budget=budget, on_text=pieces.put_nowait))
        asking.add_done_callback(lambda _: pieces.put_nowait(None))
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            yield await asking
        finally:
            asking.cancel()

    async def rank(self, question: str) -> Ranking:
        """See `Pipeline.rank`."""
        return await in_thread(self.pipeline.rank, question)

    async def close(self) -> None:
        """Lets go of the store."""
        await in_thread(self.pipeline.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
