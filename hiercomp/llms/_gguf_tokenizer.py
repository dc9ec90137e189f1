"""The tokenizer of a GGUF model. It is exact because llama.cpp itself counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hiercomp.llms._llama_cpp import LlamaModel
from hiercomp.llms._text import well_formed
from hiercomp.types import Message

_PRIVATE = range(0xF0000, 0x10FFFE)
"""The private planes of Unicode. A character from them that no message contains guards against control tokens."""


class GgufTokenizer:
    """A tokenizer that counts and encodes for one model.

    Text of a message that looks like a control token, such as "<|im_end|>", is encoded as ordinary letters. Only the
    chat template writes control tokens, so no document can end its own message. A lone surrogate is counted and sent
    as U+FFFD.
    """

    def __init__(self, name: str, model: LlamaModel, control_tokens: dict[str, int]) -> None:
        self.name = name
        self._model = model
        self._control_tokens = control_tokens
        longest_first = sorted(control_tokens, key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def count(self, text: str) -> int:
        """Count the tokens of a text. Text that looks like a special token is counted as ordinary text."""
        return len(self._model.tokenize([well_formed(text)])) if text else 0

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text in one call. A control token, which no text produces, separates the texts."""
        if not self._control_tokens or len(texts) < 2:
            return [self.count(text) for text in texts]
        separator = next(iter(self._control_tokens.values()))
        content = [piece for text in texts for piece in (well_formed(text), separator)]
        counts, start = [], 0
        tokens = self._model.tokenize(content)
        for _ in texts:
            end = tokens.index(separator, start)
            counts.append(end - start)
            start = end + 1
        return counts

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """Count the tokens of a call's input, which are those of `encode_prompt`."""
        return len(self.encode_prompt(messages))

    def encode_prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids of messages in the model's chat template."""
        clean = [replace(message, content=well_formed(message.content)) for message in messages]
        used = {character for message in clean for character in message.content if ord(character) >= _PRIVATE.start}
        guard = next(character for character in map(chr, _PRIVATE) if character not in used)
        guarded = [replace(message, content=self._guarded(message.content, guard)) for message in clean]
        rendered = self._model.render(guarded)
        content: list[str | int] = [""]  # some models need a token before all text, and it is added here
        position = 0
        for match in self._control.finditer(rendered):
            content += [rendered[position : match.start()].replace(guard, ""), self._control_tokens[match[0]]]
            position = match.end()
        return self._model.tokenize([*content, rendered[position:].replace(guard, "")], add_special=True)

    def _guarded(self, text: str, guard: str) -> str:
        """Insert the guard into each text that looks like a control token, so that it is not read as one."""
        return self._control.sub(lambda match: match[0][0] + guard + match[0][1:], text)
