"""A document cut to the budget without the question: its start, its end, or both without the middle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eval.methods._filling import SEPARATOR, WORD, largest_fitting
from eval.ports import Index, Method, Parts, Select
from eval.types import Question
from hiercomp.ports import Tokenizer
from hiercomp.types import Document


@dataclass(frozen=True, slots=True)
class _Words:
    """A text and the positions of its words."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Words:
        words = list(WORD.finditer(text))
        return cls(text, tuple(word.start() for word in words), tuple(word.end() for word in words))

    def __len__(self) -> int:
        return len(self.starts)

    def first(self, count: int) -> str:
        return self.text[self.starts[0] : self.ends[count - 1]] if count else ""

    def last(self, count: int) -> str:
        return self.text[self.starts[-count] : self.ends[-1]] if count else ""


def _head(words: _Words, budget: int, tokenizer: Tokenizer) -> str:
    return words.first(largest_fitting(len(words), lambda count: tokenizer.count(words.first(count)) <= budget))


def _tail(words: _Words, budget: int, tokenizer: Tokenizer) -> str:
    return words.last(largest_fitting(len(words), lambda count: tokenizer.count(words.last(count)) <= budget))


def _middle(words: _Words, budget: int, tokenizer: Tokenizer) -> str:
    """Keep the start in half of the budget, and as much of the end as the rest holds."""
    whole = _head(words, budget, tokenizer)
    if whole == words.first(len(words)):
        return whole
    start = largest_fitting(len(words), lambda count: tokenizer.count(words.first(count)) <= budget // 2)

    def ends(count: int) -> str:
        return SEPARATOR.join(filter(None, [words.first(start), words.last(count)]))

    return ends(largest_fitting(len(words) - start, lambda count: tokenizer.count(ends(count)) <= budget))


_CUTS: dict[str, Callable[[_Words, int, Tokenizer], str]] = {"head": _head, "middle": _middle, "tail": _tail}
NAMES = tuple(_CUTS)


def build(name: str, parts: Parts) -> Method:
    """Build the method with one of the names."""
    return _Truncation(_CUTS[name], parts.tokenizer, {})


@dataclass(frozen=True, slots=True)
class _Truncation:
    cut: Callable[[_Words, int, Tokenizer], str]
    tokenizer: Tokenizer
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """Find the words of a document."""
        return _TruncationIndex(_Words.of(document.text), self)


@dataclass(frozen=True, slots=True)
class _TruncationIndex:
    words: _Words
    method: _Truncation

    def find(self, question: Question) -> Select:
        """Return the cut, which is the same for every question."""
        return lambda budget: self.method.cut(self.words, budget, self.method.tokenizer)
