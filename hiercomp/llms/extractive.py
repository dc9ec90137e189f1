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
from hiercomp.text.analysis import terms
from hiercomp.text.question import answer_kind
from hiercomp.text.tables import is_head
from hiercomp.types import Completion, Part, Prompt

REFUSAL = "Nothing in the document answers this."
MOST_QUOTES = 4
# A unit without a figure and a sentence's end that is shorter than this many characters is a heading or a crumb.
LEAST_LENGTH = 60
ENDS = (".", "!", "?", "。", "！", "？", "؟", "।", "”", '"', ")")
# What a sentence that holds no word of the question is worth beside one that holds all of them.
UNASKED = 0.1
# What a sentence without a figure is worth where one is asked for.
NO_FIGURE = 0.3
# A sentence that is less likely than this to be evidence is no answer, only the best of nothing.
LEAST_PROBABILITY = 0.01
# A sentence that fits less than this share of the best one would only dilute it.
LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class _Quote:
    text: str
    mark: int
    probability: float
    fitness: float

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
        lines = [quote.line() for quote in _best(prompt, self.tokenizer)] or [REFUSAL]
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


def _best(prompt: Prompt, tokenizer: Tokenizer) -> list[_Quote]:
    """The quotes worth showing, best first; equals stay in reading order, equal texts are said once."""
    asked = frozenset(terms(prompt.question))
    wants_figure = answer_kind(prompt.question) in ("number", "date")
    quotes = (quote for part in prompt.parts for quote in _quotes(part, tokenizer, asked, wants_figure))
    likely = [quote for quote in quotes if quote.probability >= LEAST_PROBABILITY]
    distinct: dict[str, _Quote] = {}
    for quote in sorted(likely, key=lambda quote: -quote.fitness):
        distinct.setdefault(quote.text, quote)
    least = LEAST_SHARE * max((quote.fitness for quote in likely), default=0.0)
    return [quote for quote in distinct.values() if quote.fitness >= least][:MOST_QUOTES]


def _quotes(part: Part, tokenizer: Tokenizer, asked: frozenset[str], wants_figure: bool) -> Iterator[_Quote]:
    """A part's sentences and rows; a heading or the head of a table alone answers nothing."""
    for span, value in zip(part.spans, part.values, strict=True):
        words = part.text[span.start - part.span.start : span.end - part.span.start]
        text = " ".join(line.strip(" ") for line in words.strip().splitlines())
        has_figure = any(character.isdigit() for character in text)
        if is_head(text) or (not has_figure and len(text) < LEAST_LENGTH and not text.endswith(ENDS)):
            continue
        # A sentence's value is its tokens times its probability.
        probability = value / max(1, tokenizer.count(words))
        share = len(asked.intersection(terms(text))) / max(1, len(asked))
        fitness = probability * (UNASKED + share) * (1.0 if has_figure or not wants_figure else NO_FIGURE)
        yield _Quote(text, part.mark, probability, fitness)
