"""The main path: a long input, a question and a budget become a context, and the context an answer.

    hierarchy → ranking → ladders → allocation → context → answer

A `Pipeline` indexes its sources once and is asked many times, from any thread and under a running event loop. It
computes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Literal, Self

from hiercomp import prompts
from hiercomp.allocation.budget import MOST, least_total, plan
from hiercomp.allocation.ladder import offer
from hiercomp.allocation.packing import Measure, Packed, counted, offered_for, whole
from hiercomp.allocation.sufficiency import Enough, pack_enough
from hiercomp.cancellation import end_if_given_up
from hiercomp.components import Observer, Parts
from hiercomp.config import Config, read_settings
from hiercomp.errors import BudgetError, ConfigError
from hiercomp.ledger import Stopwatch, energy, peak_bytes, price
from hiercomp.ports import LLM, Tokenizer
from hiercomp.ranking.fusion import fuse
from hiercomp.sources import Source
from hiercomp.text.question import answer_kind, asked
from hiercomp.types import Answer, Budget, Completion, Context, Hierarchy, Ledger, Part, Ranking

Limit = int | Literal["auto"]
"""Tokens, or `auto` for the least that holds enough: see `evidence_share` and `least_value` of `Config`."""


@dataclass(frozen=True, slots=True)
class _Call:
    """How a call's tokens are divided and counted: for a text alone, or for the messages that hold it.

    `total` is its limit; where the budget is left open, it takes no more than is `enough`.
    """

    tokenizer: Tokenizer
    total: int
    divide: Callable[[int], Budget]
    measure: Measure
    enough: Enough | None
    reader: LLM | None = None


class Pipeline:
    """Sources that are indexed once and asked many times; close it, or use it in a `with` statement.

    Without a `config` the settings are read from the environment and from files, as the command line does. A `reader`
    of one's own takes the place of the one that they name.
    """

    def __init__(
        self,
        sources: Source | Sequence[Source],
        *,
        config: Config | None = None,
        observer: Observer | None = None,
        reader: LLM | None = None,
    ) -> None:
        self._parts = Parts(sources, config or read_settings().config, observer, reader)

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of the sources; read and built at first use, then kept."""
        return self._parts.hierarchy

    @property
    def reader(self) -> LLM:
        """The reader that `ask` calls."""
        return self._parts.reader

    @property
    def tokenizer(self) -> Tokenizer:
        """What counts where no reader is called."""
        return self._parts.tokenizer

    def compress(
        self, question: str | None = None, *, budget: Limit | None = None, measure: Measure | None = None
    ) -> Context:
        """The evidence for a question, or an overview without one, as text of at most `budget` tokens.

        A single document that fits comes back as it is. Who gives a reader something else than the text, made of its
        parts, gives a `measure` of what that takes: the budget then bounds it, and nothing comes back as it is.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
            DocumentError: a source cannot be read.
        """
        total, enough = self._limit(budget)
        watch = Stopwatch()
        with watch.stage("load"):
            # The documents first: while they are read, the vocabulary is loaded.
            _, tokenizer = self._parts.hierarchy, self._parts.tokenizer

        def of_text(text: str, parts: Sequence[Part]) -> int:
            return tokenizer.count(text)

        def divide(total: int) -> Budget:
            return Budget(total, 0, 0, tokenizer.name)

        call = _Call(tokenizer, total, divide, measure or of_text, enough)
        if measure is not None:
            return self._fit(question or "", call, watch)
        if enough is None and self._fits_whole(total, tokenizer, watch):
            return self._whole(question or "", divide(total), call, watch)
        context = self._fit(question or "", call, watch)
        if (choice := context.budget.choice) and self._fits_whole(context.budget.total, tokenizer, watch):
            size = self._parts.source_tokens(tokenizer)
            budget_of_all = replace(divide(size), choice=replace(choice, ended="whole"))
            return self._whole(question or "", budget_of_all, call, watch)
        return context

    def explain(self, question: str, *, budget: Limit | None = None) -> Context:
        """The context that `ask` would give its reader, without the call."""
        return self._fit(question, self._call(question, budget), Stopwatch())

    def ask(
        self, question: str, *, budget: Limit | None = None, on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """The answer, its citations checked; `on_text` is given it piece by piece as it is written.

        Raises:
            BudgetError: the budget is too small; the error names the least that works.
            DocumentError: a source cannot be read.
            ModelError: the reader failed.
        """
        if not question.strip():
            raise ConfigError("the question is blank; ask something, or use compress for an overview")
        watch = Stopwatch()
        with watch.stage("reason"):  # the reader counts its prompt itself, for which it may have to be loaded
            call = self._call(question, budget)
        context = self._fit(question, call, watch)
        with watch.stage("reason"):
            self._parts.observe("reason", 0, 0)
            completion, written = self._reason(context, call, on_text)
        from hiercomp.answer.citations import cite, uncited  # its many patterns are compiled for answers alone

        text, citations = cite(written, context.parts, self._page_of)
        ledger = self._ledger(call, watch, completion)
        return Answer(text, citations, context, completion, ledger, uncited(written, context))

    def rank(self, question: str) -> Ranking:
        """All passages with the probability that they hold evidence, best first."""
        return fuse(self._parts.hierarchy, self._parts.search(asked(question)))

    def close(self) -> None:
        """Lets go of the store."""
        self._parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _fit(self, question: str, call: _Call, watch: Stopwatch) -> Context:
        """The main path: from a question and a budget to a context."""
        parts = self._parts
        with watch.stage("load"):
            hierarchy = parts.hierarchy
        with watch.stage("index"):
            lexicon = parts.lexicon
            budget = call.divide(call.total)
        with watch.stage("retrieve"):
            parts.observe("retrieve", 0, 0)
            subject = asked(question)
            ranking = fuse(hierarchy, parts.search(subject))
        with watch.stage("allocate"):
            parts.observe("allocate", 0, 0)
            count = parts.counts(call.tokenizer)
            most = offered_for(budget.context, parts.allocator)
            ladders = offer(hierarchy, ranking, subject, lexicon=lexicon, count=count, budget=most)
        with watch.stage("render"):
            parts.observe("render", 0, 0)
            packed, choice = pack_enough(
                hierarchy, ladders, parts.allocator, budget.context, enough=call.enough, measure=call.measure
            )
            if packed.tokens > budget.context:
                least = least_total(call.divide, call.total, packed.tokens)
                what = "the prompt, the question and one sentence do not fit" if call.reader else "no sentence fits"
                raise BudgetError(call.total, least, what)
        if choice:
            budget = replace(call.divide(least_total(call.divide, 1, packed.tokens)), choice=choice)
        return self._context(question, budget, packed, call, watch)

    def _fits_whole(self, total: int, tokenizer: Tokenizer, watch: Stopwatch) -> bool:
        """Whether there is one document, and all of it is within a budget."""
        with watch.stage("load"):
            documents = self._parts.hierarchy.documents
        return len(documents) == 1 and self._parts.source_tokens(tokenizer) <= total

    def _whole(self, question: str, budget: Budget, call: _Call, watch: Stopwatch) -> Context:
        return self._context(question, budget, whole(self._parts.hierarchy, call.measure), call, watch)

    def _context(self, question: str, budget: Budget, packed: Packed, call: _Call, watch: Stopwatch) -> Context:
        shown = counted(packed, call.tokenizer.count_many)
        ledger = self._ledger(call, watch, None)
        return Context(question, shown.text, shown.tokens, shown.parts, budget, shown.allocation, ledger)

    def _reason(self, context: Context, call: _Call, on_text: Callable[[str], None] | None) -> tuple[Completion, str]:
        """The one call of the reader, and what it wrote with the marks that it forgot."""
        from hiercomp.answer.streaming import AnswerStream

        assert call.reader is not None
        prompt = prompts.ask(context.question, context.text, context.parts)
        room = context.budget.total - call.tokenizer.count_prompt(prompt.messages)
        # Closed however the call ends: an interrupted answer is shown as far as it was written.
        with closing(AnswerStream(context.parts, on_text)) as stream:

            def feed(piece: str) -> None:
                end_if_given_up()
                stream.feed(piece)

            completion = call.reader.complete(prompt, max_tokens=room, on_text=feed if on_text else None)
            if not on_text:
                stream.feed(completion.text)
        return completion, stream.text

    def _page_of(self, part: Part) -> str:
        """The text of the page that a part stands on; without pages, the part's own."""
        pages = self._parts.hierarchy.document(part.document_id).pages
        text = self._parts.hierarchy.document(part.document_id).text
        return next((page.span.of(text) for page in pages if page.number == part.page), part.text)

    def _call(self, question: str, budget: Limit | None) -> _Call:
        """A call of the reader, its messages counted whole, chat template included."""
        reader = self._parts.reader
        total, enough = self._limit(budget)
        if enough:
            total = min(total, reader.context_window)
        if total > reader.context_window:
            window = f"{reader.context_window:,}"
            raise ConfigError(f"a budget of {total:,} tokens is more than {reader.name} can take; {window} is the most")
        tokenizer = reader.tokenizer
        prompt = tokenizer.count_prompt(prompts.ask(question, "").messages)
        kind = answer_kind(question)
        answer = self._parts.config.answer_tokens

        def divide(total: int) -> Budget:
            return plan(total, prompt=prompt, kind=kind, tokenizer=tokenizer.name, answer=answer)

        if enough:  # a small context is no reason for a small answer
            answer = divide(total).answer

        def measure(text: str, parts: Sequence[Part]) -> int:
            return tokenizer.count_prompt(prompts.ask(question, text).messages) - prompt

        return _Call(tokenizer, total, divide, measure, enough, reader)

    def _limit(self, budget: Limit | None) -> tuple[int, Enough | None]:
        """The most tokens of a call, and what is enough where that is left open."""
        config = self._parts.config
        limit = config.budget if budget is None else budget
        if limit == "auto":
            return MOST, Enough(config.evidence_share, config.least_value)
        if not isinstance(limit, int) or limit < 1:
            raise ConfigError(f"a budget is at least 1 token, or 'auto', not {limit!r}")
        return limit, None

    def _ledger(self, call: _Call, watch: Stopwatch, completion: Completion | None) -> Ledger:
        """What the run has cost so far."""
        reader = call.reader.name if call.reader else None
        tokens = (completion.prompt_tokens, completion.completion_tokens) if completion else (0, 0)
        with watch.stage("load"):
            source_tokens = self._parts.source_tokens(call.tokenizer)
        cpu_seconds = watch.cpu_seconds()
        return Ledger(
            seconds=watch.seconds(),
            source_tokens=source_tokens,
            encoded=self._parts.encoded,
            neural_tokens=self._parts.neural_tokens,
            model=reader,
            embedding=self._parts.embedding,
            usd=price(reader, *tokens) if reader else None,
            wh=energy(dict(cpu_seconds)["total"], reader),
            warnings=(*self._parts.warnings, *(completion.warnings if completion else ())),
            cpu_seconds=cpu_seconds,
            peak_bytes=peak_bytes(),
        )
