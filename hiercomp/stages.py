"""The stages of a run: each takes the values of the stages before it and returns its own.

A stage is timed and announced by the monitor of the run, and ends early if the caller has given up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace

from hiercomp import prompts
from hiercomp.allocation.calls import Call, ReaderCall
from hiercomp.allocation.ladder import offer
from hiercomp.allocation.packing import pack_whole
from hiercomp.cancellation import end_if_given_up
from hiercomp.components import Components
from hiercomp.context import render
from hiercomp.ledger import energy, peak_bytes, price
from hiercomp.monitor import active_monitor, stage
from hiercomp.ports import Index, Tokenizer
from hiercomp.ranking.fusion import fuse
from hiercomp.text.question import strip_instructions
from hiercomp.types import (
    Allocation,
    Answer,
    Budget,
    Completion,
    Context,
    Hierarchy,
    Ladder,
    Ledger,
    Part,
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


@stage("retrieve")
def rank(hierarchy: Hierarchy, index: Index, question: str) -> Ranking:
    """Rank all passages by the probability that they hold evidence for a question."""
    query = strip_instructions(question)
    return fuse(hierarchy, index.search(query, len(hierarchy.nodes)) if query.strip() else Ranking(()))


@stage("allocate")
def build_ladders(hierarchy: Hierarchy, ranking: Ranking, call: Call, components: Components) -> Mapping[str, Ladder]:
    """Build the ladder of each node that the budget could hold: its renderings, their costs and their values."""
    return offer(
        hierarchy,
        ranking,
        strip_instructions(call.question),
        lexicon=components.lexicon,
        count=components.counts(call.tokenizer),
        budget=max(1, call.divide(call.limit.max_tokens).context),
    )


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


def account(call: Call, components: Components, completion: Completion | None = None) -> Ledger:
    """Return the cost of the active run so far, including its reader's call if there was one."""
    source_tokens = count_source(components, call.tokenizer)
    monitor = active_monitor()
    spent = (completion.prompt_tokens, completion.completion_tokens) if completion else (0, 0)
    cpu_seconds = monitor.cpu_seconds()
    return Ledger(
        seconds=monitor.seconds(),
        source_tokens=source_tokens,
        encoded=monitor.encoded,
        neural_tokens=monitor.neural_tokens,
        model=call.model,
        embedding=monitor.encoder,
        usd=price(call.model, *spent) if call.model else None,
        wh=energy(dict(cpu_seconds)["total"], call.model),
        warnings=(*components.warnings, *(completion.warnings if completion else ())),
        cpu_seconds=cpu_seconds,
        peak_bytes=peak_bytes(),
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
    ledger = account(call, components)
    return Run(call.question, hierarchy, Ranking(()), {}, budget, packed.allocation, context, ledger)


@stage("reason")
def reason(run: Run, call: ReaderCall, on_text: Callable[[str], None] | None) -> tuple[Completion, str]:
    """Call the reader. Return its text, and the same text with the citation marks that it forgot."""
    from hiercomp.answer.streaming import AnswerStream  # slow to import, and a context alone needs no answer

    prompt = prompts.ask(run.question, run.context.text, run.context.parts)
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
