"""The main path: a long input, a question and a budget become a context, and the context becomes an answer.

A `Pipeline` indexes its sources once and answers many questions, from any thread and under a running event loop. `fit`
is the main path. Each of its lines calls a stage. The results of the stages are the fields of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Self

from hiercomp import prompts
from hiercomp.allocation.budget import MAX_AUTO_BUDGET, AnswerReserve
from hiercomp.allocation.calls import AutoBudget, Call, FixedBudget, ReaderCall, TextCall
from hiercomp.allocation.packing import Measure
from hiercomp.allocation.sufficiency import StoppingRule
from hiercomp.components import Components
from hiercomp.config import Config, read_settings
from hiercomp.errors import ConfigError
from hiercomp.monitor import Monitor, Observer, stage
from hiercomp.ports import LLM, Encoder, Planner, Tokenizer
from hiercomp.ranking.prior import Prior
from hiercomp.sources import Source
from hiercomp.stages import (
    account,
    allocate,
    build_index,
    build_ladders,
    check,
    load_tokenizer,
    look_again,
    name_missing,
    rank,
    read,
    reason,
    render_context,
    unfold,
    weigh,
    whole_document,
)
from hiercomp.text.question import answer_kind, strip_instructions
from hiercomp.types import CALLER, Answer, Context, Hierarchy, Need, Plan, Ranking, Run, TokenBudget


def fit(call: Call, components: Components) -> Run:
    """Compress the sources for one call."""
    hierarchy = read(components)
    index = build_index(components)
    plan = unfold(hierarchy, call, components)
    rankings, ranking = rank(hierarchy, index, plan, call.prior)
    evidence = weigh(hierarchy, plan, (rankings, ranking), call, components)
    ladders = build_ladders(hierarchy, evidence, call, components)
    call = name_missing(call, plan, evidence)
    budget, allocation = allocate(hierarchy, ladders, call, components)
    context = render_context(hierarchy, allocation, call)
    ledger = account(call, plan, components)
    return Run(
        call.question, hierarchy, plan, rankings, ranking, evidence, ladders, budget, allocation, context, ledger
    )


class Pipeline:
    """Sources that are indexed once and answer many questions. Close it, or use it in a `with` statement.

    Args:
        sources: A path, a glob, a folder, a text, a `Document`, or several of these.
        config: The settings; read from the environment and from files if not given, as the command line does.
        observer: Receives the progress of each stage.
        reader: A model to use instead of the model in the settings.
        encoder: An encoder to use instead of that of the settings.
        planner: A planner to use instead of that of the settings.
    """

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
        self._components = Components(
            sources, config or read_settings().config, reader=reader, encoder=encoder, planner=planner
        )
        self._observer = observer

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of the sources; read and built at first use, then kept."""
        with self._monitor():
            return read(self._components)

    @property
    def reader(self) -> LLM:
        """The reader that `ask` calls."""
        with self._monitor():
            return self._components.reader

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer that counts if no reader is called."""
        with self._monitor():
            return self._components.tokenizer

    def fit(
        self,
        question: str | None = None,
        *,
        budget: TokenBudget | None = None,
        plan: Sequence[str] | Plan | None = None,
        measure: Measure | None = None,
        addressed: bool = False,
        prior: Prior | None = None,
    ) -> Run:
        """Compress the sources into at most `budget` tokens, and return everything that was computed.

        Args:
            question: The question that the text must answer. Without a question, the text is an overview.
            budget: The most tokens, or `auto`; the setting `budget` if not given.
            plan: The pieces of evidence to find, each in the words that a document would use for it. If it is not
                given, the planner of the settings writes it.
            measure: Counts the tokens that the reader sees, if the reader sees more than the text itself.
            addressed: Write the mark and page of every part. If it is False, a single document that fits comes back as
                it is, byte for byte.
            prior: What another retriever's order of the documents adds to the log-odds of the passages of each, by the
                document's id; see `ranking.prior`.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
            DocumentError: a source cannot be read.
        """
        with self._monitor():
            read(self._components)  # first, because the vocabulary is loaded while the documents are read
            tokenizer = load_tokenizer(self._components)
            limit = self._limit(budget)
            given = _caller_plan(question or "", plan)
            count = measure or (lambda text, parts: tokenizer.count(text))
            call = TextCall(question or "", given, limit, tokenizer, count, prior)
            if addressed:
                return fit(call, self._components)
            if isinstance(limit, AutoBudget):
                run = fit(call, self._components)
                return whole_document(call, run.budget, self._components) or run
            return whole_document(call, call.divide(limit.max_tokens), self._components) or fit(call, self._components)

    def compress(
        self,
        question: str | None = None,
        *,
        budget: TokenBudget | None = None,
        plan: Sequence[str] | Plan | None = None,
        measure: Measure | None = None,
        addressed: bool = False,
    ) -> Context:
        """Compress the sources into at most `budget` tokens; see `fit`."""
        return self.fit(question, budget=budget, plan=plan, measure=measure, addressed=addressed).context

    def explain(
        self, question: str, *, budget: TokenBudget | None = None, plan: Sequence[str] | Plan | None = None
    ) -> Run:
        """Return the run whose context `ask` would give its reader, without the call."""
        with self._monitor():
            call = self._reader_call(question, budget, plan)
            return self._second_look(fit(call, self._components), call)

    def ask(
        self,
        question: str,
        *,
        budget: TokenBudget | None = None,
        plan: Sequence[str] | Plan | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer a question and check the answer's citations.

        Args:
            question: The question.
            budget: The most tokens of the whole call, answer included, or `auto`; the setting `budget` if not given.
            plan: The pieces of evidence to find; see `fit`.
            on_text: Receives each piece of the answer as it is written.

        Raises:
            BudgetError: the budget is too small; the error names the least budget that works.
            DocumentError: a source cannot be read.
            ModelError: the reader failed.
        """
        if not question.strip():
            raise ConfigError("the question is blank; ask something, or use compress for an overview")
        with self._monitor():
            call = self._reader_call(question, budget, plan)
            run = self._second_look(fit(call, self._components), call)
            completion, text = reason(run, call, on_text)
            checked = check(run, completion, text)
            return replace(checked, run=replace(run, ledger=account(call, run.plan, self._components, completion)))

    def plan(self, question: str) -> Plan:
        """Return the plan of a question: the pieces of evidence that `fit` would look for."""
        with self._monitor():
            hierarchy = read(self._components)
            limit = FixedBudget(MAX_AUTO_BUDGET)
            call = TextCall(question, None, limit, load_tokenizer(self._components), lambda text, parts: 0)
            return unfold(hierarchy, call, self._components)

    def rank(self, question: str, *, plan: Sequence[str] | Plan | None = None) -> Ranking:
        """Return all passages, best first, with the probability that they hold evidence."""
        with self._monitor():
            hierarchy = read(self._components)
            index = build_index(self._components)
            tokenizer = load_tokenizer(self._components)
            limit = FixedBudget(MAX_AUTO_BUDGET)
            call = TextCall(question, _caller_plan(question, plan), limit, tokenizer, lambda text, parts: 0)
            return rank(hierarchy, index, unfold(hierarchy, call, self._components))[1]

    def close(self) -> None:
        """Close the store."""
        self._components.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _monitor(self) -> AbstractContextManager[Monitor]:
        return Monitor(self._observer).active()

    @stage("reason", announced=False)
    def _reader_call(self, question: str, budget: TokenBudget | None, plan: Sequence[str] | Plan | None) -> ReaderCall:
        """Prepare a call of the reader, which may have to be loaded to count its prompt."""
        reader = self._components.reader
        limit = self._limit(budget, reader.context_window)
        if limit.max_tokens > reader.context_window:
            raise ConfigError(
                f"a budget of {limit.max_tokens:,} tokens is more than {reader.name} can take; "
                f"{reader.context_window:,} is the most"
            )
        prompt_tokens = reader.tokenizer.count_prompt(prompts.ask(question, "").messages)
        tokens = self._components.config.answer_tokens
        reserve = AnswerReserve.exactly(tokens) if tokens else AnswerReserve.for_kind(answer_kind(question))
        if isinstance(limit, AutoBudget):  # a small context needs no smaller answer
            reserve = AnswerReserve.exactly(reserve.tokens(limit.max_tokens - prompt_tokens))
        return ReaderCall(question, _caller_plan(question, plan), limit, reader, prompt_tokens, reserve)

    def _second_look(self, run: Run, call: ReaderCall) -> Run:
        """Make the context again with the needs that the reader finds missing, if the settings ask for two passes."""
        if self._components.config.passes == 1:
            return run
        plan = look_again(run, call, self._components)
        if plan.needs == run.plan.needs:
            return replace(run, plan=plan, ledger=account(call, plan, self._components))
        return fit(replace(call, plan=plan), self._components)

    def _limit(self, budget: TokenBudget | None, window: int = MAX_AUTO_BUDGET) -> FixedBudget | AutoBudget:
        """Return the limit that a budget names, or the setting `budget` if it is None."""
        config = self._components.config
        chosen = config.budget if budget is None else budget
        if chosen == "auto":
            most = min(MAX_AUTO_BUDGET, window, config.total or MAX_AUTO_BUDGET)
            return AutoBudget(most, StoppingRule(config.evidence_share, config.least_value))
        if not isinstance(chosen, int) or chosen < 1:
            raise ConfigError(f"a budget is at least 1 token, or 'auto', not {chosen!r}")
        if config.total is not None and chosen > config.total:
            raise ConfigError(
                f"a budget of {chosen:,} tokens is more than the total of all calls, {config.total:,}; "
                "lower the budget or raise the total"
            )
        return FixedBudget(chosen)


def _caller_plan(question: str, plan: Sequence[str] | Plan | None) -> Plan | None:
    """Return the caller's plan. A list of lines becomes a plan whose first need is the question.

    Raises:
        ConfigError: the plan is a single text, or none of its lines has a word.
    """
    if plan is None or isinstance(plan, Plan):
        return plan
    lines = [line for line in plan if line.strip()]
    if isinstance(plan, str) or not lines:
        raise ConfigError(f"a plan is a list of one or more lines, each a piece of evidence to find, not {plan!r}")
    return Plan.of(strip_instructions(question), [Need(line) for line in lines], CALLER)
