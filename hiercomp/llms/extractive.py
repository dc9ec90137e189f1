"""A reader without a model: it quotes the sentences and rows that most likely answer the question.

The best quote comes first, because a reader expects the answer in the first line. Quotes are verbatim, except that a
line break inside a sentence becomes a blank.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hiercomp.errors import ConfigError
from hiercomp.llms._text import cut
from hiercomp.llms._tokenizers import build_tokenizer
from hiercomp.ports import Tokenizer
from hiercomp.text.analysis import terms
from hiercomp.text.question import answer_kind
from hiercomp.text.rows import ROWS_BELOW, is_row, names_columns_of, names_periods
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

_NUMBERING = re.compile(r"^\W*\d+(?:\.\d+)*[.)]?\s")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence or row of a part. `value` is its number of tokens times its probability."""

    text: str
    part: Part
    value: float


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
    quotes = (
        _quote(sentence, head, tokenizer, question_terms, wants_figure)
        for sentence, head in _with_heads([sentence for part in prompt.parts for sentence in _sentences(part)])
    )
    likely = [quote for quote in quotes if _says_something(quote.text) and quote.probability >= MIN_PROBABILITY]
    distinct: dict[str, _Quote] = {}
    for quote in sorted(likely, key=lambda quote: -quote.score):
        distinct.setdefault(quote.text, quote)
    min_score = MIN_SHARE * max((quote.score for quote in likely), default=0.0)
    return [quote for quote in distinct.values() if quote.score >= min_score][:MAX_QUOTES]


def _sentences(part: Part) -> Iterator[_Sentence]:
    """Yield the sentences and rows of a part."""
    for span, value in zip(part.spans, part.values, strict=True):
        yield _Sentence(part.text[span.start - part.span.start : span.end - part.span.start], part, value)


def _with_heads(sentences: Sequence[_Sentence]) -> Iterator[tuple[_Sentence, str]]:
    """Yield each sentence that is no head, and the heads above it on its page. A head alone answers no question."""
    heads: list[_Sentence] = []
    for index, sentence in enumerate(sentences):
        before = sentences[index - 1].text if index and _is_beside(sentences[index - 1], sentence) else ""
        below = [each.text for each in sentences[index + 1 : index + 2 + ROWS_BELOW] if _is_beside(sentence, each)]
        if names_periods(sentence.text) or names_columns_of(sentence.text, before, below):
            heads = [sentence] if is_row(before) else [*heads, sentence]
            continue
        heads = [head for head in heads if _is_beside(head, sentence)]
        yield sentence, "\n".join(head.text for head in heads) if is_row(sentence.text) else ""


def _is_beside(first: _Sentence, second: _Sentence) -> bool:
    """Return whether two sentences stand on one page."""
    return (first.part.document_id, first.part.page) == (second.part.document_id, second.part.page)


def _says_something(text: str) -> bool:
    """Return whether a text has a figure or is a sentence: a heading alone answers no question."""
    has_figure = any(map(str.isdigit, _NUMBERING.sub("", text)))
    return has_figure or len(text) >= MIN_LENGTH or text.endswith(ENDS) or is_row(text)


def _quote(
    sentence: _Sentence, head: str, tokenizer: Tokenizer, question_terms: frozenset[str], wants_figure: bool
) -> _Quote:
    """Return the quote of a sentence with its score. The terms of a row's head count as its own."""
    text = " ".join(line.strip(" ") for line in sentence.text.strip(" \n").splitlines())
    probability = sentence.value / max(1, tokenizer.count(sentence.text))
    share = len(question_terms.intersection(terms(f"{text}\n{head}"))) / max(1, len(question_terms))
    lacks_figure = wants_figure and not any(map(str.isdigit, text))
    score = probability * (SHARE_OFFSET + share) * (NO_FIGURE_FACTOR if lacks_figure else 1.0)
    return _Quote(text, sentence.part.mark, probability, score)
