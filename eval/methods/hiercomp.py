"""hiercomp with each of its allocators, and with one part at a time taken away.

`hiercomp` is `hiercomp.compress` in steps, so that a document is indexed once; a test holds the two to the same text.
What an ablation is without:

- `teacher`: not without, but with more: every passage is read by the encoder that the default one was distilled from.
- `no-summaries`: the sentences that represent a section or a document.
- `no-interaction`: what the encoder makes of single tokens; a passage has its one vector.
- `no-bm25`, `no-embeddings`: one of the two. Weights are fitted for the passages' vectors alone and for the passages'
  BM25 alone, so tokens go too; summaries stay, and so do the terms that a sentence shares with the question.
- `no-question`: the reading of the question. Its instructions are searched for like the rest of it.
- `no-refinement`: extracts. A passage is shown whole or not at all.
- `no-redundancy`: the rule that a repeated sentence is worth something once.
- `no-calibration`: probabilities. Sentences keep their order, but one is worth 1 / (1 + rank), a convention, in the
  place of the chance that it is evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from eval.encoding import NAME, CountedEncoder
from eval.methods import _ablations as ablations
from eval.ports import Index, Method, Parts, Select
from eval.types import Question
from hiercomp import encoders, ports, registry
from hiercomp.allocation.ladder import offer
from hiercomp.allocation.packing import offered_for, pack
from hiercomp.config import Config
from hiercomp.hierarchy import build_hierarchy
from hiercomp.ports import Allocator, Encoder, Retriever, Tokenizer
from hiercomp.ranking.evidence import Lexicon
from hiercomp.ranking.fusion import fuse
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.text.question import asked
from hiercomp.types import Document, Hierarchy, Part, Ranking

_DEFAULT = Config()
ALL = 1_000_000
"""More passages than any document has."""


def _cascade(encoder: Encoder) -> Retriever:
    return cast("Retriever", registry.build("retrievers", _DEFAULT.retriever, encoder=encoder))


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps that an ablation replaces."""

    asked: Callable[[str], str] = asked
    retriever: Callable[[Encoder], Retriever] = _cascade
    offer: ablations.Offer = offer
    allocator: str = _DEFAULT.allocator
    encoder: str = encoders.ENGLISH


_STEPS = {
    "hiercomp": _Steps(),
    "hiercomp/fixed": _Steps(allocator="fixed"),
    "hiercomp/proportional": _Steps(allocator="proportional"),
    "hiercomp/nested": _Steps(allocator="nested"),
    "hiercomp/teacher": _Steps(encoder="minilm", retriever=ablations.cascade_of(ALL)),
    "hiercomp/no-summaries": _Steps(offer=ablations.without_summaries),
    "hiercomp/no-interaction": _Steps(retriever=ablations.by_one_vector),
    "hiercomp/no-bm25": _Steps(retriever=ablations.passages_by("dense")),
    "hiercomp/no-embeddings": _Steps(retriever=ablations.passages_by("bm25")),
    "hiercomp/no-question": _Steps(asked=str),
    "hiercomp/no-refinement": _Steps(offer=ablations.without_extracts),
    "hiercomp/no-redundancy": _Steps(offer=ablations.with_repeats),
    "hiercomp/no-calibration": _Steps(offer=ablations.by_rank),
}
NAMES = tuple(_STEPS)


def build(name: str, parts: Parts) -> Method:
    """The method with one of the names."""
    steps = _STEPS[name]
    # What the product's own encoder reads is read again quickly: it is not kept.
    encoder: Encoder = parts.encoder
    if steps.encoder != NAME:
        encoder = CountedEncoder(cast("Encoder", registry.build("encoders", steps.encoder)), parts.meter)
    return _Hiercomp(
        steps=steps,
        encoder=encoder,
        allocator=cast("Allocator", registry.build("allocators", steps.allocator)),
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
        """The hierarchy of a document, its terms."""
        hierarchy = build_hierarchy(document)
        # As the product does: what one question had encoded is there for the next.
        kept = StoredEncoder(lambda: self.encoder, Store.memory(), lambda done, total: None)
        searched = self.steps.retriever(kept).index(hierarchy.nodes)
        return _HiercompIndex(self, hierarchy, searched, Lexicon(hierarchy), self.tokenizer.count(document.text))


@dataclass(frozen=True, slots=True)
class _HiercompIndex:
    method: _Hiercomp
    hierarchy: Hierarchy
    searched: ports.Index
    lexicon: Lexicon
    tokens: int

    def find(self, question: Question) -> Select:
        """The passages that a question finds; a budget decides which of them are offered, and as what."""
        steps, hierarchy, tokenizer = self.method.steps, self.hierarchy, self.method.tokenizer
        subject = steps.asked(question.text)
        found = self.searched.search(subject, len(hierarchy.nodes)) if subject.strip() else Ranking(())
        ranking = fuse(hierarchy, found)

        def measure(text: str, parts: Sequence[Part]) -> int:
            return tokenizer.count(text)

        def select(budget: int) -> str:
            """A document that fits comes back whole; where not even one sentence fits, nothing does."""
            if self.tokens <= budget:
                return hierarchy.documents[0].text
            count = tokenizer.count_many
            most = offered_for(budget, self.method.allocator)
            ladders = steps.offer(hierarchy, ranking, subject, lexicon=self.lexicon, count=count, budget=most)
            packed = pack(hierarchy, ladders, self.method.allocator, budget, measure=measure)
            return packed.text if packed.tokens <= budget else ""

        return select
