"""Methods that rank pieces of a document with a retriever of hiercomp and fill the budget with the best pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eval.methods._chunks import nodes
from eval.methods._filling import Unit, fill
from eval.ports import Index, Select
from eval.types import Question
from hiercomp import ports
from hiercomp.ports import Retriever, Tokenizer
from hiercomp.types import Document


@dataclass(frozen=True, slots=True)
class Ranked:
    """A way to split documents, a retriever, and the settings for the run's file."""

    pieces: Callable[[Document], tuple[Unit, ...]]
    retriever: Retriever
    tokenizer: Tokenizer
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """Split a document and index its pieces."""
        units = self.pieces(document)
        return _RankedIndex(units, self.retriever.index(nodes(units)), self.tokenizer)


@dataclass(frozen=True, slots=True)
class _RankedIndex:
    units: tuple[Unit, ...]
    searched: ports.Index
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """Rank all pieces. Pieces that were not found come last, in document order."""
        hits = self.searched.search([question.query], len(self.units))[0].hits
        places = dict.fromkeys((*(int(hit.node_id) for hit in hits), *range(len(self.units))))
        ranked = [self.units[place] for place in places]
        return lambda budget: fill(ranked, budget, self.tokenizer)
