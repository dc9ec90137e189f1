"""A compressor that keeps the most salient sentences of a text, verbatim. No model is called."""

from __future__ import annotations

from collections.abc import Sequence

from hiercomp.errors import ConfigError
from hiercomp.hierarchy import Salience
from hiercomp.ports import Tokenizer
from hiercomp.text.chunking import units
from hiercomp.types import Document, Span

TOKEN_BYTES = 8
"""The bytes of a long token. Sentences beyond `max_tokens` long tokens hardly ever fit, so they are not ranked."""


class Extractive:
    """A compressor that selects sentences."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def compress(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Return each text within the limit: its most salient sentences, in the order of the text, one a line."""
        return [self._compress(text, max_tokens) for text in texts]

    def _compress(self, text: str, max_tokens: int) -> str:
        if self._tokenizer.count(text) <= max_tokens:
            return text
        chosen: list[Span] = []
        for span in _most_salient_first(text, TOKEN_BYTES * max_tokens):
            if self._tokenizer.count(_join(text, [*chosen, span])) <= max_tokens:
                chosen.append(span)
        return _join(text, chosen)


def _most_salient_first(text: str, max_bytes: int) -> list[Span]:
    """Return the sentences: first the salient ones within `max_bytes`, then the others, both in the text's order."""
    sentences = units(Document(text, source="", title=""))
    salient = frozenset(Salience(text, sentences).choose(sentences, max_bytes))
    return sorted(sentences, key=lambda span: (span not in salient, span.start))


def _join(text: str, spans: Sequence[Span]) -> str:
    return "\n".join(span.of(text) for span in sorted(spans))


def build(argument: str | None = None, *, tokenizer: Tokenizer) -> Extractive:
    """Build the compressor. It takes no argument."""
    if argument is not None:
        raise ConfigError(f"the compressor extractive takes no argument, not {argument!r}")
    return Extractive(tokenizer)
