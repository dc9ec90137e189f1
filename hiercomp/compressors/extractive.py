"""Text to its own best sentences, verbatim: those that a question asks for, or those that say most of the text."""

from __future__ import annotations

from collections.abc import Sequence

from hiercomp.errors import ConfigError
from hiercomp.hierarchy import Salience
from hiercomp.ports import Tokenizer
from hiercomp.text.analysis import terms
from hiercomp.text.chunking import units
from hiercomp.types import Document, Span

TOKEN_SIZE = 8
"""Bytes of a long token: as many sentences are told apart by what they say as could ever be shown."""


class Extractive:
    """The compressor; no model is called."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def compress(self, texts: Sequence[str], max_tokens: int, question: str | None = None) -> list[str]:
        """Each text within the limit: its best sentences, in its own order, a line each."""
        return [self._compress(text, max_tokens, question) for text in texts]

    def _compress(self, text: str, max_tokens: int, question: str | None) -> str:
        if self._tokenizer.count(text) <= max_tokens:
            return text
        kept: list[Span] = []
        for span in _best_first(text, question, TOKEN_SIZE * max_tokens):
            shown = _join(text, [*kept, span])
            if self._tokenizer.count(shown) <= max_tokens:
                kept.append(span)
        return _join(text, kept)


def _best_first(text: str, question: str | None, limit: int) -> list[Span]:
    """The sentences by the share of the question's terms that they hold, then those that say most in `limit` bytes."""
    sentences = units(Document(text, source="", title=""))
    asked = frozenset(terms(question or ""))
    shares = {span: len(asked & frozenset(terms(span.of(text)))) for span in sentences}
    salient = frozenset(Salience(text, sentences).choose(sentences, limit))
    return sorted(sentences, key=lambda span: (-shares[span], span not in salient, span.start))


def _join(text: str, spans: Sequence[Span]) -> str:
    return "\n".join(span.of(text) for span in sorted(spans))


def build(argument: str | None = None, *, tokenizer: Tokenizer, **_: object) -> Extractive:
    """The compressor, its limits counted by a tokenizer; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the compressor extractive takes no argument, not {argument!r}")
    return Extractive(tokenizer)
