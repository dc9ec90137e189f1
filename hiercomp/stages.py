"""The stages of a run: each takes the values of the stages before it and returns its own.

A stage is timed and announced by the monitor of the run, and ends early if the caller has given up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from hiercomp import prompts
from hiercomp.allocation.calls import Call, ReaderCall
from hiercomp.allocation.ladder import offer
from hiercomp.allocation.packing import pack, pack_whole
from hiercomp.cancellation import end_if_given_up
from hiercomp.components import Components
from hiercomp.context import render
from hiercomp.ledger import add_prices, energy, peak_bytes, price
from hiercomp.monitor import active_monitor, stage
from hiercomp.planning import RULES
from hiercomp.planning.reader import SECOND_LOOK, extend
from hiercomp.ports import Index, Tokenizer
from hiercomp.ranking.fusion import fuse
from hiercomp.ranking.needs import gather, join, shortlist
from hiercomp.ranking.prior import Prior, with_prior
from hiercomp.ranking.sections import favour
from hiercomp.ranking.served import find
from hiercomp.types import (
    PASSAGE,
    Allocation,
    Answer,
    Budget,
    Completion,
    Context,
    Evidence,
    Hierarchy,
    Ladder,
    Ledger,
    Part,
    Plan,
    Prompt,
    Ranking,
    Run,
)


@stage("load", announced=False)
def read(components: Components) -> Hierarchy:
    """Read the sources and build their tree, unless that is done already."""
    return components.hierarchy


@stage("load", announced=False)
def load_tokenizer(components: Components) -> Tokenizer:
    """Load the tokenizer that counts if no reader is called, unless that is done already."""
    return components.tokenizer


@stage("load", announced=False)
def count_source(components: Components, tokenizer: Tokenizer) -> int:
    """Count the tokens of the whole input, unless that is done already."""
    return components.source_tokens(tokenizer)


@stage("index", announced=False)
def build_index(components: Components) -> Index:
    """Index the passages and the terms of their sentences, unless that is done already."""
    _ = components.lexicon
    return components.index


@stage("plan")
def unfold(hierarchy: Hierarchy, call: Call, components: Components) -> Plan:
    """Unfold the question into needs, unless the caller has done so."""
    if call.plan is not None:
        return call.plan
    if not call.question.strip():
        return Plan((), RULES)
    model = None if _fits_whole(call, components) else call.model
    planner = components.planner(model, _allowance(call, components))
    plan = planner.plan(call.question, CoarseLevel(hierarchy, call.tokenizer, components))
    return plan.within(call.divide(call.limit.max_tokens).context)


@stage("plan")
def look_again(run: Run, call: Call, components: Components) -> Plan:
    """Ask the reader which evidence the context lacks; return the plan with these needs, if there are any.

    Nothing is asked if the plan is empty or the sources fit the budget whole.
    """
    if not run.plan.needs or _fits_whole(call, components):
        return run.plan
    reader = components.allowed_reader(_allowance(call, components, run.plan))
    return extend(run.plan, reader, run.question, run.context)


def _fits_whole(call: Call, components: Components) -> bool:
    return count_source(components, call.tokenizer) <= call.divide(call.limit.max_tokens).context


def _allowance(call: Call, components: Components, plan: Plan | None = None) -> int | None:
    """Return the tokens that calls before the final one may still take; None if the settings name no total."""
    total = components.config.total
    spent = plan.prompt_tokens + plan.completion_tokens if plan else 0
    return None if total is None else total - call.limit.max_tokens - spent


@dataclass(frozen=True, slots=True)
class CoarseLevel:
    """The sections and summaries of the sources, for a planner; see `ports.Outline`."""

    hierarchy: Hierarchy
    tokenizer: Tokenizer
    components: Components

    def render(self, max_tokens: int) -> Context:
        """Return the sections that represent the documents best, with pages and summaries; empty if none fits."""
        lexicon, count = self.components.lexicon, self.components.counts(self.tokenizer)
        evidence = gather(self.hierarchy, Plan((), RULES), (), join(self.hierarchy, ()), lexicon)
        ladders = {
            node_id: ladder
            for node_id, ladder in offer(self.hierarchy, evidence, count).items()
            if self.hierarchy.node(node_id).level != PASSAGE
        }
        if len(self.hierarchy.documents) == 1:  # its summary would take the place of its sections
            root = self.hierarchy.root
            ladders |= {root.id: replace(ladders[root.id], renderings=())} if root.id in ladders else {}
        allocator = self.components.allocator
        packed = pack(
            self.hierarchy, ladders, allocator, max_tokens, measure=lambda text, _: self.tokenizer.count(text)
        )
        return Context(packed.text, packed.tokens, packed.parts) if packed.tokens <= max_tokens else Context("", 0, ())

    def share(self, word: str) -> float:
        """Return the share (0 to 1) of the documents' sentences that contain a word in any of its forms."""
        return self.components.lexicon.share(word)


@stage("retrieve")
def rank(
    hierarchy: Hierarchy, index: Index, plan: Plan, prior: Prior | None = None
) -> tuple[tuple[Ranking, ...], Ranking]:
    """Rank all passages by the probability that they hold evidence for each need, and for any need."""
    found = index.search(plan.texts, len(hierarchy.nodes)) if plan.needs else []
    rankings = tuple(
        favour(hierarchy, with_prior(hierarchy, fuse(hierarchy, ranking), prior), need.node_ids)
        for need, ranking in zip(plan.needs, found, strict=True)
    )
    return rankings, join(hierarchy, rankings, plan.certainties)


@stage("retrieve")
def weigh(
    hierarchy: Hierarchy, plan: Plan, ranked: tuple[Sequence[Ranking], Ranking], call: Call, components: Components
) -> Evidence:
    """Estimate the probability that each sentence of the passages that the budget could hold is evidence."""
    rankings, ranking = ranked
    budget = call.divide(call.limit.max_tokens).context
    evidence = gather(hierarchy, plan, rankings, shortlist(hierarchy, ranking, budget), components.lexicon)
    return replace(evidence, found=find(call.question, plan, rankings, components.lexicon))


def name_missing(call: Call, plan: Plan, evidence: Evidence) -> Call:
    """Return the call whose prompt names the needs for which nothing was found."""
    missing = missing_needs(call.question, plan, evidence)
    return call.naming_missing(missing) if missing else call


def missing_needs(question: str, plan: Plan, evidence: Evidence) -> tuple[str, ...]:
    """Return the needs for which nothing was found, without the question itself.

    A need of the rules is left out: a playbook only guesses that a document has it, so that its absence is no news.
    """
    return tuple(
        need.text
        for index, (need, found) in enumerate(zip(plan.needs, evidence.found, strict=False))
        if not found and (index > 0 or not question.strip()) and (plan.author != RULES or need.reason == SECOND_LOOK)
    )


def prompt_of(run: Run) -> Prompt:
    """Return the prompt of the final call."""
    missing = missing_needs(run.question, run.plan, run.evidence)
    return prompts.ask(run.question, run.context.text, run.context.parts, missing)


@stage("allocate")
def build_ladders(hierarchy: Hierarchy, evidence: Evidence, call: Call, components: Components) -> Mapping[str, Ladder]:
    """Build the ladder of each node that the budget could hold: its renderings, their costs and their values."""
    return offer(hierarchy, evidence, components.counts(call.tokenizer))


@stage("allocate")
def allocate(
    hierarchy: Hierarchy, ladders: Mapping[str, Ladder], call: Call, components: Components
) -> tuple[Budget, Allocation]:
    """Choose the cut of the tree that is worth most and whose rendered text fits the budget.

    Raises:
        BudgetError: not even one sentence fits.
    """
    budget, packed = call.limit.pack(hierarchy, ladders, components.allocator, call)
    if packed.tokens > call.divide(call.limit.max_tokens).context:
        raise call.too_small(packed.tokens)
    return budget, packed.allocation


@stage("render")
def render_context(hierarchy: Hierarchy, allocation: Allocation, call: Call) -> Context:
    """Render an allocation, and count the whole text and each part."""
    text, parts = render(hierarchy, allocation.renderings)
    return _counted(text, parts, call)


def account(call: Call, plan: Plan, components: Components, completion: Completion | None = None) -> Ledger:
    """Return the cost of the active run so far: that of its plan, and that of its reader's call if there was one."""
    source_tokens = count_source(components, call.tokenizer)
    monitor = active_monitor()
    cpu_seconds = monitor.cpu_seconds()
    spent = (completion.prompt_tokens, completion.completion_tokens) if completion else (0, 0)
    call_prices = [price(call.model, *spent)] if call.model else []
    plan_prices = [price(plan.reader, plan.prompt_tokens, plan.completion_tokens)] if plan.reader else []
    return Ledger(
        seconds=monitor.seconds(),
        source_tokens=source_tokens,
        encoded=monitor.encoded,
        neural_tokens=monitor.neural_tokens,
        model=call.model,
        embedding=monitor.encoder,
        usd=add_prices([*plan_prices, *call_prices]) if plan_prices or call_prices else None,
        wh=energy(dict(cpu_seconds)["total"], call.model, plan.reader),
        warnings=(*components.warnings, *plan.warnings, *(completion.warnings if completion else ())),
        cpu_seconds=cpu_seconds,
        peak_bytes=peak_bytes(),
        plan_prompt_tokens=plan.prompt_tokens,
        plan_completion_tokens=plan.completion_tokens,
        plan_usd=add_prices(plan_prices),
    )


def whole_document(call: Call, budget: Budget, components: Components) -> Run | None:
    """Return a single document as it is if it fits the budget; None if it does not, or if there are several."""
    hierarchy = read(components)
    if len(hierarchy.documents) > 1 or count_source(components, call.tokenizer) > budget.context:
        return None
    packed = pack_whole(hierarchy, call.measure)
    if packed.tokens > budget.context:
        return None
    if budget.choice:
        budget = replace(call.divide(packed.tokens), choice=replace(budget.choice, ended="whole"))
    context = _counted(packed.text, packed.parts, call)
    plan = call.plan or Plan((), RULES)
    ledger = account(call, plan, components)
    nothing = Ranking(())
    return Run(
        call.question, hierarchy, plan, (), nothing, Evidence({}), {}, budget, packed.allocation, context, ledger
    )


@stage("reason")
def reason(run: Run, call: ReaderCall, on_text: Callable[[str], None] | None) -> tuple[Completion, str]:
    """Call the reader. Return its text, and the same text with the citation marks that it forgot."""
    from hiercomp.answer.streaming import AnswerStream  # slow to import, and a context alone needs no answer

    prompt = prompt_of(run)
    room = run.budget.total - call.tokenizer.count_prompt(prompt.messages)
    # Closed however the call ends: an interrupted answer is shown as far as it was written.
    with closing(AnswerStream(run.context.parts, run.hierarchy.document, on_text)) as stream:

        def feed(piece: str) -> None:
            end_if_given_up()
            stream.feed(piece)

        completion = call.reader.complete(prompt, max_tokens=room, on_text=feed if on_text else None)
        if not on_text:
            stream.feed(completion.text)
    return completion, stream.text


def check(run: Run, completion: Completion, text: str) -> Answer:
    """Check the citations of an answer against the pages that it cites."""
    from hiercomp.answer.citations import cite, uncited  # compiles many patterns, which only answers need

    shown, citations = cite(text, run.context.parts, run.hierarchy.document)
    return Answer(shown, citations, completion, run, uncited(text, run))


def _counted(text: str, parts: tuple[Part, ...], call: Call) -> Context:
    tokens = call.tokenizer.count_many([part.text for part in parts])
    counted = tuple(replace(part, tokens=count) for part, count in zip(parts, tokens, strict=True))
    return Context(text, call.measure(text, parts) if parts else 0, counted)
