"""A language model of LlamaIndex as a reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.llms import LLM

from hiercomp import registry, tokenizers
from hiercomp.errors import ConfigError
from hiercomp.ports import Tokenizer
from hiercomp.types import Completion, Prompt


class LlamaIndexReader:
    """Answers by a model that somebody else has set up; what it raises is raised as it is.

    How long its answers may be is its own to say: no parameter for that is common to all. What its metadata tells
    is reserved for the answer; one that writes more is warned of.
    """

    def __init__(self, llm: LLM, tokenizer: str | None) -> None:
        metadata = llm.metadata
        self._llm = llm
        self.name = metadata.model_name if metadata.model_name != "unknown" else llm.class_name()
        self.tokenizer = tokenizers.build(tokenizer) if tokenizer else _tokenizer_of(self.name)
        self.context_window = metadata.context_window
        self.answer_tokens = metadata.num_output if metadata.num_output > 0 else None

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """The model's answer, streamed where somebody waits for its pieces."""
        messages = [ChatMessage(role=message.role, content=message.content) for message in prompt.messages]
        if on_text:
            text = ""
            for response in self._llm.stream_chat(messages):
                on_text(response.delta or "")
                text += response.delta or ""
        else:
            text = self._llm.chat(messages).message.content or ""
        written = self.tokenizer.count(text)
        return Completion(
            text=text,
            prompt_tokens=self.tokenizer.count_prompt(prompt.messages),
            completion_tokens=written,
            model=self.name,
            warnings=(f"{self.name} wrote {written} tokens where {max_tokens} were allowed",)
            if written > max_tokens
            else (),
        )


def _tokenizer_of(model: str) -> Tokenizer:
    """The tokenizer of a model that is known by its name, else o200k_base in its place."""
    try:
        return cast("Tokenizer", registry.build("tokenizers", f"tiktoken/{model}"))
    except ConfigError:
        return cast("Tokenizer", registry.build("tokenizers", f"tiktoken/{tokenizers.DEFAULT}", approximates=model))
