"""References for the other methods: the whole document, and only the gold evidence."""

from __future__ import annotations

from dataclasses import dataclass

from eval.methods._filling import Unit, fill
from eval.ports import Index, Method, Parts, Select
from eval.types import Evidence, Question
from hiercomp.ports import Tokenizer
from hiercomp.types import Document

NAMES = ("full", "gold")


def build(name: str, parts: Parts) -> Method:
    """Build the method with one of the names."""
    return _Full() if name == "full" else _Gold(parts.tokenizer)


@dataclass(frozen=True, slots=True)
class _Full:
    budgeted: bool = False

    @property
    def settings(self) -> dict[str, object]:
        return {}

    def index(self, document: Document) -> Index:
        return _FullIndex(document)


@dataclass(frozen=True, slots=True)
class _FullIndex:
    document: Document

    def find(self, question: Question) -> Select:
        return lambda budget: self.document.text


@dataclass(frozen=True, slots=True)
class _Gold:
    tokenizer: Tokenizer
    budgeted: bool = True

    @property
    def settings(self) -> dict[str, object]:
        return {}

    def index(self, document: Document) -> Index:
        return _GoldIndex(document, self.tokenizer)


@dataclass(frozen=True, slots=True)
class _GoldIndex:
    """The evidence that the set gives, or the gold pages if it gives only pages."""

    document: Document
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        units = sorted(self._evidence(question) or self._pages(question), key=lambda unit: unit.position)
        return lambda budget: fill(units, budget, self.tokenizer)

    def _evidence(self, question: Question) -> list[Unit]:
        """Return each piece of evidence that has a text, once."""
        places: dict[str, int] = {}
        for piece in question.evidence:
            if piece.text.strip():
                places.setdefault(piece.text, self._position(piece))
        return [Unit(text, position) for text, position in places.items()]

    def _position(self, piece: Evidence) -> int:
        """Return a piece's position: its span, else its text's place on its page, else its page's start."""
        if piece.span is not None:
            return piece.span.start
        start = next((page.span.start for page in self.document.pages if page.number == piece.page), 0)
        return max(start, self.document.text.find(piece.text, start))

    def _pages(self, question: Question) -> list[Unit]:
        return [
            Unit(page.span.of(self.document.text), page.span.start)
            for page in self.document.pages
            if page.number in question.pages
        ]
