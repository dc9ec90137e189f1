"""A GGUF model in this process: the packaged ones, or any file.

`local` is Qwen2.5-Coder-0.5B-Instruct, `local/1.5b` its larger brother, `local/PATH.gguf` any other. The answer is
the model's most likely one (temperature 0). A model is loaded once a process, when it is first needed, and keeps its
last prompt, so that a prompt with the same beginning is read faster; equal prompts get equal answers all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from hiercomp import models
from hiercomp.errors import ConfigError, ModelError
from hiercomp.llms._gguf import read_metadata
from hiercomp.llms._gguf_tokenizer import GgufTokenizer
from hiercomp.llms._llama_cpp import LlamaModel
from hiercomp.types import Completion, Prompt

PACKAGED = {"0.5b": "local", "1.5b": "local/1.5b"}

Observe = Callable[[int, int], None]

_opening = Lock()


@dataclass(frozen=True, slots=True)
class _Opened:
    model: LlamaModel
    tokenizer: GgufTokenizer


class LocalLLM:
    """A reader on this machine; `context_window` is the model's own limit, or less where that is asked for.

    While it reads a prompt for someone who waits for the text, `observe` is told the tokens read and their number.
    """

    def __init__(
        self, name: str, loaded: _Opened, context_window: int, options: Mapping[str, object], observe: Observe
    ) -> None:
        self.name = name
        self._observe = observe
        self.tokenizer = loaded.tokenizer
        self.context_window = context_window
        self._model = loaded.model
        self._options = options

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """The model's answer.

        Raises:
            ModelError: the call does not fit the model's window, or the model failed.
        """
        ids = self.tokenizer.encode_prompt(prompt.messages)
        if len(ids) + max_tokens > self.context_window:
            raise ModelError(
                f"{len(ids)} tokens and {max_tokens} for the answer do not fit the window of {self.name}, "
                f"{self.context_window}; lower the budget"
            )
        pieces: list[str] = []
        last: dict[str, Any] = {}
        options = {**self._options, "return_progress": on_text is not None}
        with closing(self._model.generate(ids, options, max_tokens)) as events:
            for last in events:
                if progress := last.get("prompt_progress"):
                    self._tell(progress)
                if piece := str(last.get("content", "")):
                    pieces.append(piece)
                    if on_text:
                        on_text(piece)
        if not last.get("stop"):
            raise ModelError(f"the model {self.name} stopped before its answer was complete; try again")
        return Completion(
            text="".join(pieces),
            prompt_tokens=int(str(last["tokens_evaluated"])),
            completion_tokens=int(str(last["tokens_predicted"])),
            model=self.name,
            stop_reason="length" if last.get("stop_type") == "limit" else "stop",
        )

    def _tell(self, progress: Mapping[str, int]) -> None:
        """Tells what is read; what was known from the last prompt takes no time."""
        known = progress["cache"]
        self._observe(progress["processed"] - known, progress["total"] - known)


def build(
    argument: str | None = None,
    *,
    observe: Observe = lambda done, total: None,
    context_window: int | None = None,
    temperature: float = 0.0,
    seed: int = 0,
    prompt_cache: bool = True,
) -> LocalLLM:
    """The reader of a packaged model or of a GGUF file.

    Raises:
        ConfigError: the argument is neither.
        MissingExtraError: the packaged model is not installed.
        ModelError: the file is damaged.
    """
    path = model_path(argument)
    name = argument or "0.5b"
    with _opening:
        opened = _open(path, name)
    window = min(context_window or opened.model.context_window, opened.model.context_window)
    options = {"temperature": temperature, "seed": seed, "cache_prompt": prompt_cache}
    return LocalLLM(f"local/{name}", opened, window, options, observe)


def model_path(argument: str | None) -> Path:
    """The file that an argument means, joined first where it is a packaged one."""
    packaged = PACKAGED.get(argument or "0.5b")
    if packaged:
        return models.assemble(packaged)
    if argument and argument.endswith(".gguf"):
        return Path(argument).expanduser().resolve()
    raise ConfigError(f"no local model is called {argument!r}; choose 0.5b, 1.5b, or give the path of a .gguf file")


@lru_cache(maxsize=2)  # a model takes its size in memory: the last two are kept
def _open(path: Path, name: str) -> _Opened:
    metadata = read_metadata(path)
    model = LlamaModel(path, metadata.context_length)
    return _Opened(model, GgufTokenizer(f"gguf/{name}", model, metadata.control_tokens))
