"""A compressor that keeps the summaries of a model if they are faithful to their text.

An extract replaces a summary that is empty, does not fit the limit, or states a number or a name that the text does not
contain.
"""

from __future__ import annotations

from collections.abc import Sequence

from hiercomp import prompts
from hiercomp.answer.claims import Claim, Evidence
from hiercomp.compressors.extractive import Extractive
from hiercomp.errors import ConfigError
from hiercomp.ports import LLM, Tokenizer

WORDS_PER_TOKEN = 0.6
"""Words to request per token of the limit. English needs 1.3 tokens a word; the rest is room to end the sentence."""
MIN_WORDS = 8


class LlmCompressor:
    """A compressor that calls a model."""

    def __init__(self, llm: LLM, tokenizer: Tokenizer) -> None:
        self._llm = llm
        self._tokenizer = tokenizer
        self._extractive = Extractive(tokenizer)

    def compress(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Return each text within the limit: the model's summary if it is faithful, else an extract of the text.

        Raises:
            ModelError: a call of the model failed.
        """
        return [self._compress(text, max_tokens) for text in texts]

    def _compress(self, text: str, max_tokens: int) -> str:
        if self._tokenizer.count(text) <= max_tokens:
            return text
        prompt = prompts.compress(text, max(MIN_WORDS, int(max_tokens * WORDS_PER_TOKEN)))
        completion = self._llm.complete(prompt, max_tokens=max_tokens)
        summary = completion.text.strip()
        fits = 0 < self._tokenizer.count(summary) <= max_tokens and completion.stop_reason == "stop"
        if fits and Evidence.of([text]).supports(Claim.of(summary)):
            return summary
        return self._extractive.compress([text], max_tokens)[0]


def build(argument: str | None = None, *, tokenizer: Tokenizer, llm: LLM) -> LlmCompressor:
    """Build the compressor. It takes no argument and uses the reader of the run."""
    if argument is not None:
        raise ConfigError(f"the compressor llm takes no argument, not {argument!r}; the reader is set by --model")
    return LlmCompressor(llm, tokenizer)
