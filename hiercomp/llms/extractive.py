"""A reader without a model: it quotes the sentences and rows that most likely answer the question.

The best quote comes first, because a reader expects the answer in the first line. Quotes are verbatim, except that a
line break inside a sentence becomes a blank.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hiercomp.errors import ConfigError
from hiercomp.llms._text import cut
from hiercomp.llms._tokenizers import build_tokenizer
from hiercomp.ports import Tokenizer
from hiercomp.text.analysis import terms
from hiercomp.text.question import answer_kind
from hiercomp.text.tables import is_head
from hiercomp.types import Completion, Part, Prompt

REFUSAL = "Nothing in the document answers this."
MAX_QUOTES = 4
MIN_LENGTH = 60
"""Shorter texts, in characters, without a figure and without a sentence's end are headings or fragments."""
ENDS = (".", "!", "?", "。", "！", "？", "؟", "।", "”", '"', ")")
SHARE_OFFSET = 0.1
"""Added to a sentence's share of the question's terms, 0 to 1, so that a sentence without these terms can be quoted."""
NO_FIGURE_FACTOR = 0.3
"""The factor for the score of a sentence without a figure if the question asks for one."""
MIN_PROBABILITY = 0.01
"""Less likely evidence is not quoted, even if it is the best."""
MIN_SHARE = 0.2
"""A quote with a smaller share of the best quote's score is left out."""


@dataclass(frozen=True, slots=True)
class _Quote:
    text: str
    mark: int
    probability: float
    score: float

    def line(self) -> str:
        return f"“{self.text}” [{self.mark}]"


class ExtractiveLLM:
    """A reader that answers with quotes, each with the mark of its part. It uses no prompt, so prompt tokens are 0."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.name = "extractive"
        self.tokenizer = tokenizer
        self.context_window = sys.maxsize

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Quote the best sentences of the prompt's parts in at most `max_tokens` tokens, or refuse to answer."""
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
        """Return the lines that fit, tried in order. If none fits, return the beginning of the first."""
        chosen: list[str] = []
        for line in lines:
            if self.tokenizer.count("\n".join([*chosen, line])) <= max_tokens:
                chosen.append(line)
        if chosen:
            return "\n".join(chosen)
        words, _, mark = lines[0].rpartition("” ")
        ending = f"…” {mark}" if words else "…"
        beginning = cut(words or mark, lambda prefix: self.tokenizer.count(prefix.rstrip() + ending) <= max_tokens)
        return (
            beginning.rstrip() + ending if len(beginning) > 1 else ""
        )  # the first character is the opening quotation mark


def build(argument: str | None = None, *, tokenizer: Tokenizer | None = None) -> ExtractiveLLM:
    """Build the reader. It takes no argument. `tokenizer` is o200k_base by default."""
    if argument:
        raise ConfigError(f"the reader 'extractive' takes no argument, got {argument!r}; write 'extractive'")
    return ExtractiveLLM(tokenizer or build_tokenizer())


def _best(prompt: Prompt, tokenizer: Tokenizer) -> list[_Quote]:
    """Return the quotes to show, best first. Equal scores stay in reading order, and equal texts are quoted once."""
    question_terms = frozenset(terms(prompt.question))
    wants_figure = answer_kind(prompt.question) in ("number", "date")
    quotes = (quote for part in prompt.parts for quote in _quotes(part, tokenizer, question_terms, wants_figure))
    likely = [quote for quote in quotes if quote.probability >= MIN_PROBABILITY]
    distinct: dict[str, _Quote] = {}
    for quote in sorted(likely, key=lambda quote: -quote.score):
        distinct.setdefault(quote.text, quote)
    min_score = MIN_SHARE * max((quote.score for quote in likely), default=0.0)
    return [quote for quote in distinct.values() if quote.score >= min_score][:MAX_QUOTES]


def _quotes(part: Part, tokenizer: Tokenizer, question_terms: frozenset[str], wants_figure: bool) -> Iterator[_Quote]:
    """Yield the sentences and rows of a part. A heading or the head of a table alone answers no question."""
    for span, value in zip(part.spans, part.values, strict=True):
        words = part.text[span.start - part.span.start : span.end - part.span.start]
        text = " ".join(line.strip(" ") for line in words.strip().splitlines())
        has_figure = any(character.isdigit() for character in text)
        if is_head(text) or (not has_figure and len(text) < MIN_LENGTH and not text.endswith(ENDS)):
            continue
        # The value of a sentence is its number of tokens times its probability.
        probability = value / max(1, tokenizer.count(words))
        share = len(question_terms.intersection(terms(text))) / max(1, len(question_terms))
        score = probability * (SHARE_OFFSET + share) * (1.0 if has_figure or not wants_figure else NO_FIGURE_FACTOR)
        yield _Quote(text, part.mark, probability, score)
