"""Bound the calls before the final one: with the setting `total`, a plan may spend only what the budget leaves."""

from __future__ import annotations

from collections.abc import Callable

from hiercomp.errors import ModelError
from hiercomp.ports import LLM, Tokenizer
from hiercomp.types import Completion, Prompt


class AllowedReader:
    """A reader whose calls together take at most a number of tokens. It is used by one run in one thread.

    Its context window is the number of tokens that are left, so that a planner that respects the window respects the
    limit. The prompt is counted before each call.
    """

    def __init__(self, reader: LLM, max_tokens: int) -> None:
        self._reader = reader
        self._remaining = max(0, max_tokens)

    @property
    def name(self) -> str:
        """The name of the reader."""
        return self._reader.name

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of the reader."""
        return self._reader.tokenizer

    @property
    def context_window(self) -> int:
        """The tokens that are left for a call, and at most the window of the reader."""
        return min(self._remaining, self._reader.context_window)

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Call the reader.

        Raises:
            ModelError: the prompt and `max_tokens` are more than what is left, or the call failed.
        """
        needed = self.tokenizer.count_prompt(prompt.messages) + max_tokens
        if needed > self._remaining:
            raise ModelError(
                f"a call may take {needed:,} tokens, and the total of the run leaves {self._remaining:,} for it; "
                "raise the total or lower the budget"
            )
        self._remaining -= needed  # a call that fails may be billed
        completion = self._reader.complete(prompt, max_tokens=max_tokens, on_text=on_text)
        self._remaining += needed - completion.prompt_tokens - completion.completion_tokens
        return completion
