"""A reader that uses a language model of LlamaIndex."""

from __future__ import annotations

from collections.abc import Callable

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.llms import LLM

from hiercomp.config import Config
from hiercomp.integrations._planning import tokenizer_of
from hiercomp.types import Completion, Prompt


class LlamaIndexReader:
    """A reader that calls a model of LlamaIndex. Errors of the model are not translated.

    LlamaIndex has no common parameter for the length of an answer. So `answer_tokens` is the length that the model's
    metadata states, and a longer answer causes a warning.
    """

    def __init__(self, llm: LLM, config: Config) -> None:
        metadata = llm.metadata
        self._llm = llm
        self.name = metadata.model_name if metadata.model_name != "unknown" else llm.class_name()
        self.tokenizer = tokenizer_of(self.name, config)
        self.context_window = metadata.context_window
        self.answer_tokens = metadata.num_output if metadata.num_output > 0 else None

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Return the model's answer. With `on_text`, the answer is streamed."""
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
