"""hiercomp, hiercomp with each baseline allocator, and hiercomp with one part at a time changed.

The method `hiercomp` runs the steps of `hiercomp.compress` separately, so that a document is indexed once. A test
checks that both return the same text. `fixed`, `proportional` and `nested` use an allocator of `eval.baselines`. The
other variants change one part:

- `no-plan` searches for the question alone. `no-playbook` does not add the needs of playbooks, only the given plan.
- `maximum` joins the needs by their greatest probability. `concave` gives a need less weight the more evidence for it
  is shown. `no-whole-tables` shows the rows of a table by their own probability alone.
- `teacher` adds work: the encoder that the default encoder was distilled from reads every passage.
- `no-summaries` has no sentences that represent a section or a document.
- `no-interaction` has no token vectors. Each passage has one vector.
- `no-bm25` and `no-embeddings` have only one of the two retrievers. The fitted weights are for the passages' vectors
  alone or for their BM25 scores alone, so token vectors are not used either. Summaries remain, and so do the terms that
  a sentence shares with the question.
- `no-question` does not strip the instructions from the question. They are searched for like the rest of it.
- `no-refinement` has no extracts. A passage is shown whole or not at all.
- `no-redundancy` does not discount repeated sentences.
- `no-calibration` has no probabilities. Sentences keep their order, but each one is worth 1 / (1 + rank), a convention.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from eval.baselines import BASELINES
from eval.baselines.nested import pack_nested
from eval.encoding import CountedEncoder
from eval.methods import _ablations as ablations
from eval.ports import Index, Method, Parts, Select
from eval.types import Question
from hiercomp import allocators, encoders, planning, ports, retrievers
from hiercomp.allocation.budget import MAX_AUTO_BUDGET
from hiercomp.allocation.ladder import offer
from hiercomp.allocation.packing import Measure, Packed, pack
from hiercomp.config import Config
from hiercomp.hierarchy import build_hierarchy
from hiercomp.planning.rules import build as build_rules
from hiercomp.ports import Allocator, Encoder, Retriever, Tokenizer
from hiercomp.ranking.evidence import Lexicon
from hiercomp.ranking.fusion import fuse
from hiercomp.ranking.needs import gather, join, shortlist
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.text.question import strip_instructions
from hiercomp.types import PASSAGE, Context, Document, Hierarchy, Ladder, Need, Part, Plan

_DEFAULT = Config()
RULES = build_rules()
ALL_PASSAGES = 1_000_000
"""More passages than any document has."""


class Pack(Protocol):
    """The signature of `hiercomp.allocation.packing.pack`."""

    def __call__(
        self,
        hierarchy: Hierarchy,
        ladders: Mapping[str, Ladder],
        allocator: Allocator,
        budget: int,
        *,
        measure: Measure,
    ) -> Packed:
        """Return the best context of at most `budget` tokens."""
        ...


def _default_retriever(encoder: Encoder) -> Retriever:
    return retrievers.build(_DEFAULT.retriever, encoder=encoder)


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps that a variant can replace.

    `offered_budget` is the budget that the ladders are made for, or None for the budget of the context.
    """

    strip_instructions: Callable[[str], str] = strip_instructions
    planned: bool = True
    playbook: bool = True
    reweigh: ablations.Reweigh = ablations.unchanged
    retriever: Callable[[Encoder], Retriever] = _default_retriever
    offer: ablations.Offer = offer
    allocator: str = _DEFAULT.allocator
    pack: Pack = pack
    offered_budget: int | None = None
    encoder: str = encoders.ENGLISH


_STEPS = {
    "hiercomp": _Steps(),
    "hiercomp/fixed": _Steps(allocator="fixed"),
    "hiercomp/proportional": _Steps(allocator="proportional"),
    # A sentence's value depends on the other offered sentences, so nested contexts need equal ladders for all budgets.
    "hiercomp/nested": _Steps(allocator="nested", pack=pack_nested, offered_budget=MAX_AUTO_BUDGET),
    "hiercomp/no-plan": _Steps(planned=False),
    "hiercomp/no-playbook": _Steps(playbook=False),
    "hiercomp/maximum": _Steps(reweigh=ablations.by_maximum),
    "hiercomp/concave": _Steps(reweigh=ablations.concave),
    "hiercomp/no-whole-tables": _Steps(offer=ablations.without_whole_tables),
    "hiercomp/teacher": _Steps(encoder="minilm", retriever=ablations.retriever_of(f"cascade/{ALL_PASSAGES}")),
    "hiercomp/no-summaries": _Steps(offer=ablations.without_summaries),
    "hiercomp/no-interaction": _Steps(retriever=ablations.by_one_vector),
    "hiercomp/no-bm25": _Steps(retriever=ablations.retriever_of("dense")),
    "hiercomp/no-embeddings": _Steps(retriever=ablations.retriever_of("bm25")),
    "hiercomp/no-question": _Steps(strip_instructions=str),
    "hiercomp/no-refinement": _Steps(offer=ablations.without_extracts),
    "hiercomp/no-redundancy": _Steps(offer=ablations.with_repeats),
    "hiercomp/no-calibration": _Steps(offer=ablations.by_rank),
}
NAMES = tuple(_STEPS)


def build(name: str, parts: Parts) -> Method:
    """Build the method with one of the names."""
    steps = _STEPS[name]
    # The shared encoder has no token vectors, so each method has its own encoder.
    encoder = CountedEncoder(encoders.build(steps.encoder), parts.meter)
    return _Hiercomp(
        steps=steps,
        encoder=encoder,
        allocator=BASELINES[steps.allocator]() if steps.allocator in BASELINES else allocators.build(steps.allocator),
        tokenizer=parts.tokenizer,
        settings={"encoder": encoder.name, "allocator": steps.allocator},
    )


@dataclass(frozen=True, slots=True)
class _Hiercomp:
    steps: _Steps
    encoder: Encoder
    allocator: Allocator
    tokenizer: Tokenizer
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """Build the hierarchy of a document and index its terms."""
        hierarchy = build_hierarchy(document)
        # As in the product, the passages that one question encodes are stored for the next question.
        stored = StoredEncoder(lambda: self.encoder, Store.memory(), lambda done, total: None)
        index = self.steps.retriever(stored).index(hierarchy.level(PASSAGE))
        return _HiercompIndex(self, hierarchy, index, Lexicon(hierarchy), self.tokenizer.count(document.text))


@dataclass(frozen=True, slots=True)
class _HiercompIndex:
    method: _Hiercomp
    hierarchy: Hierarchy
    passages: ports.Index
    lexicon: Lexicon
    tokens: int

    def find(self, question: Question) -> Select:
        """Rank the passages for a question. The budget then decides which of them are offered, and how."""
        steps, hierarchy, tokenizer = self.method.steps, self.hierarchy, self.method.tokenizer
        plan = self._plan(question)
        found = self.passages.search(plan.texts, len(hierarchy.nodes))
        by_need = {need: fuse(hierarchy, each) for need, each in zip(plan.needs, found, strict=True)}

        def measure(text: str, parts: Sequence[Part]) -> int:
            return tokenizer.count(text)

        def select(budget: int) -> str:
            """Return a document that fits as it is, or an empty text if not even one sentence fits."""
            if self.tokens <= budget:
                return hierarchy.documents[0].text
            offered_budget = max(1, budget) if steps.offered_budget is None else steps.offered_budget
            within = plan.within(budget)
            rankings = [by_need[need] for need in within.needs]
            shortlisted = shortlist(hierarchy, join(hierarchy, rankings, within.certainties), offered_budget)
            evidence = gather(hierarchy, within, rankings, shortlisted, self.lexicon)
            evidence = steps.reweigh(hierarchy, evidence, offered_budget, tokenizer.count_many)
            ladders = steps.offer(hierarchy, evidence, tokenizer.count_many)
            packed = steps.pack(hierarchy, ladders, self.method.allocator, budget, measure=measure)
            return packed.text if packed.tokens <= budget else ""

        return select

    def _plan(self, question: Question) -> Plan:
        """Return the plan of the rules, with the lines that the run gives to every method."""
        steps = self.method.steps
        subject = steps.strip_instructions(question.text)
        if not steps.planned:
            return Plan.of(subject, [], planning.RULES)
        rules = RULES.plan(question.text, self)
        if not rules.needs and not question.plan:
            return rules
        known = rules.needs[1:] if steps.playbook else ()
        plan = Plan.of(subject, [*map(Need, question.plan), *known], planning.RULES)
        return replace(plan, is_global=rules.is_global and not question.plan)

    def share(self, word: str) -> float:
        """Return the share of the sentences that contain a word; see `hiercomp.ports.Outline`."""
        return self.lexicon.share(word)

    def render(self, max_tokens: int) -> Context:
        """Return an empty outline, because the rules read none."""
        return Context("", 0, ())
