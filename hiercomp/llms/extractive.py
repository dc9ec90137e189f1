"""The reader that needs no model: it quotes the sentences and rows that the question most likely asks for.

Quotes come best first, because with no prose around them the first line should be the answer. Nothing is written
that is not in the document, except a line break inside a sentence, which becomes a blank.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from hiercomp import registry
from hiercomp.errors import ConfigError
from hiercomp.llms._text import cut
from hiercomp.ports import Tokenizer
from hiercomp.tables import is_head
from hiercomp.types import Completion, Part, Prompt

REFUSAL = "Nothing in the document answers this."
MOST_QUOTES = 4
# A sentence that is less likely than this to be evidence is no answer, only the best of nothing.
LEAST_PROBABILITY = 0.01
# A sentence less likely than this share of the best one would only dilute it.
LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class _Quote:
    text: str
    mark: int
    probability: float

    def line(self) -> str:
        return f"“{self.text}” [{self.mark}]"


class ExtractiveLLM:
    """Answers with quotes, each with the mark of its part; it reads no prompt, so prompt tokens are 0."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.name = "extractive"
        self.tokenizer = tokenizer
        self.context_window = sys.maxsize

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """The best-supported sentences of the prompt's parts, or a refusal; never more than `max_tokens`."""
        lines = [quote.line() for quote in _best(prompt.parts, self.tokenizer)] or [REFUSAL]
        text = self._fitting(lines, max_tokens)
        if on_text:
            for line in text.splitlines(keepends=True):
                on_text(line)
        return Completion(
            text=text,
            prompt_tokens=0,
            completion_tokens=self.tokenizer.count(text),
            model=self.name,
            stop_reason="stop" if text == "\n".join(lines) else "length",
        )

    def _fitting(self, lines: list[str], max_tokens: int) -> str:
        """The lines that fit, tried best first; the beginning of the best one where none fits whole."""
        chosen: list[str] = []
        for line in lines:
            if self.tokenizer.count("\n".join([*chosen, line])) <= max_tokens:
                chosen.append(line)
        if chosen:
            return "\n".join(chosen)
        words, _, mark = lines[0].rpartition("” ")
        ending = f"…” {mark}" if words else "…"
        beginning = cut(words or mark, lambda prefix: self.tokenizer.count(prefix.rstrip() + ending) <= max_tokens)
        return beginning.rstrip() + ending if len(beginning) > 1 else ""  # the first letter is the opening quote


def build(argument: str | None = None, *, tokenizer: Tokenizer | None = None) -> ExtractiveLLM:
    """The reader; it takes no argument, and o200k_base counts unless another tokenizer is given."""
    if argument:
        raise ConfigError(f"the reader 'extractive' takes no argument, got {argument!r}; write 'extractive'")
    return ExtractiveLLM(tokenizer or cast("Tokenizer", registry.build("tokenizers", "tiktoken/o200k_base")))


def _best(parts: tuple[Part, ...], tokenizer: Tokenizer) -> list[_Quote]:
    """The quotes worth showing, likeliest first; equals stay in reading order, equal texts are said once."""
    quotes = (quote for part in parts for quote in _quotes(part, tokenizer))
    ordered = sorted(quotes, key=lambda quote: -quote.probability)
    distinct: dict[str, _Quote] = {}
    for quote in ordered:
        distinct.setdefault(quote.text, quote)
    least = max(LEAST_PROBABILITY, LEAST_SHARE * ordered[0].probability) if ordered else LEAST_PROBABILITY
    return [quote for quote in distinct.values() if quote.probability >= least][:MOST_QUOTES]


def _quotes(part: Part, tokenizer: Tokenizer) -> Iterator[_Quote]:
    """A part's sentences and rows; the head of a table alone answers nothing."""
    for span, value in zip(part.spans, part.values, strict=True):
        words = part.text[span.start - part.span.start : span.end - part.span.start]
        text = " ".join(line.strip(" ") for line in words.strip().splitlines())
        if text and not is_head(text):
            # A sentence's value is its tokens times its probability.
            yield _Quote(text, part.mark, value / max(1, tokenizer.count(words)))
