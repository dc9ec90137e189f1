"""Text shortened by the reader, held to what the text says.

A summary that fails, is longer than its source, or states a number or a name that the source does not have, is not
used: the extract takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from hiercomp import prompts
from hiercomp.answer.claims import Claim, Evidence
from hiercomp.compressors.extractive import Extractive
from hiercomp.errors import ConfigError
from hiercomp.ports import LLM, Tokenizer

WORDS_PER_TOKEN = 0.6
"""Words that a model may be asked for a token of the limit: English takes 1.3, the rest is room to end a sentence."""


class LlmCompressor:
    """The compressor."""

    def __init__(self, llm: LLM, tokenizer: Tokenizer) -> None:
        self._llm = llm
        self._tokenizer = tokenizer
        self._extractive = Extractive(tokenizer)

    def compress(self, texts: Sequence[str], max_tokens: int, question: str | None = None) -> list[str]:
        """Each text within the limit, in the model's words where they are faithful, else in the text's own."""
        return [self._compress(text, max_tokens, question) for text in texts]

    def _compress(self, text: str, max_tokens: int, question: str | None) -> str:
        if self._tokenizer.count(text) <= max_tokens:
            return text
        prompt = prompts.compress(text, max(8, int(max_tokens * WORDS_PER_TOKEN)), question)
        completion = self._llm.complete(prompt, max_tokens=max_tokens)
        summary = completion.text.strip()
        fits = 0 < self._tokenizer.count(summary) <= max_tokens and completion.stop_reason == "stop"
        if fits and Evidence.of([text]).bears_out(Claim.of(summary)):
            return summary
        return self._extractive.compress([text], max_tokens, question)[0]


def build(argument: str | None = None, *, tokenizer: Tokenizer, llm: LLM, **_: object) -> LlmCompressor:
    """The compressor over the run's reader; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the compressor llm takes no argument, not {argument!r}; the reader is set by --model")
    return LlmCompressor(llm, tokenizer)
