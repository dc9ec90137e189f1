"""A reader for tests. It returns prepared answers in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hiercomp.errors import ModelError
from hiercomp.llms._text import cut
from hiercomp.llms._tokenizers import build_tokenizer
from hiercomp.ports import Tokenizer
from hiercomp.types import Completion, Prompt

CONTEXT_WINDOW = 128_000
_PIECES = re.compile(r"\S+\s*|\s+")


class ScriptedLLM:
    """A reader that returns one answer for each call. `prompts` are the prompts of the calls so far."""

    def __init__(self, answers: Sequence[str], tokenizer: Tokenizer) -> None:
        self.name = "scripted"
        self.tokenizer = tokenizer
        self.context_window = CONTEXT_WINDOW
        self.prompts: list[Prompt] = []
        self._answers = tuple(answers)

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Return the next answer, cut at `max_tokens`.

        Raises:
            ModelError: all answers have been returned.
        """
        self.prompts.append(prompt)
        if len(self.prompts) > len(self._answers):
            raise ModelError(f"the script has {len(self._answers)} answers, and this is call {len(self.prompts)}")
        answer = self._answers[len(self.prompts) - 1]
        text = cut(answer, lambda prefix: self.tokenizer.count(prefix) <= max_tokens)
        if on_text:
            for piece in _PIECES.findall(text):
                on_text(piece)
        return Completion(
            text=text,
            prompt_tokens=self.tokenizer.count_prompt(prompt.messages),
            completion_tokens=self.tokenizer.count(text),
            model=self.name,
            stop_reason="stop" if text == answer else "length",
        )


def build(
    argument: str | None = None, *, answers: Sequence[str] = (), tokenizer: Tokenizer | None = None
) -> ScriptedLLM:
    """Build a reader with answers. The argument is an answer before them. `tokenizer` is o200k_base by default."""
    script = (*((argument,) if argument else ()), *answers)
    return ScriptedLLM(script, tokenizer or build_tokenizer())
