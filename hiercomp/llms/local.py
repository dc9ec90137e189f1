"""A GGUF model in this process: a packaged one or any file.

`local` is Qwen2.5-Coder-0.5B-Instruct, `local/1.5b` is the larger model of the same family, and `local/PATH.gguf` is
any other. The answer is the model's most likely one (temperature 0). A process loads a model once, at its first use. A
model keeps its last prompt, so that it reads a prompt with the same beginning faster. Equal prompts still get equal
answers.
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
    """A reader on this machine.

    While the model reads the prompt of a streamed call, `observe` receives how many tokens it has read, and their
    total.
    """

    def __init__(
        self, name: str, opened: _Opened, context_window: int, options: Mapping[str, object], observe: Observe
    ) -> None:
        self.name = name
        self._observe = observe
        self.tokenizer = opened.tokenizer
        self.context_window = context_window
        self._model = opened.model
        self._options = options

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Return the answer of the model.

        Raises:
            ModelError: the call does not fit the context window, or the model failed.
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
                    self._report(progress)
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

    def _report(self, progress: Mapping[str, int]) -> None:
        """Report the tokens that were read. Tokens of the last prompt do not count because they take no time."""
        cached = progress["cache"]
        self._observe(progress["processed"] - cached, progress["total"] - cached)


def build(
    argument: str | None = None,
    *,
    observe: Observe = lambda done, total: None,
    cache_dir: Path | None = None,
    temperature: float = 0.0,
    seed: int = 0,
    prompt_cache: bool = True,
) -> LocalLLM:
    """Build the reader of a packaged model or of a GGUF file.

    Args:
        argument: "0.5b", the default, "1.5b", or the path of a file that ends in `.gguf`.
        observe: see `LocalLLM`.
        cache_dir: the folder of the packaged models; None for the default, see `models.cache_folder`.
        temperature: the sampling temperature.
        seed: the seed of the sampling.
        prompt_cache: whether to keep the last prompt.

    Raises:
        ConfigError: the argument is neither a packaged model nor a `.gguf` file.
        MissingExtraError: the packaged model is not installed.
        ModelError: the file is damaged.
    """
    path = model_path(argument, cache_dir)
    name = argument or "0.5b"
    with _opening:
        opened = _open(path, name)
    options = {"temperature": temperature, "seed": seed, "cache_prompt": prompt_cache}
    return LocalLLM(f"local/{name}", opened, opened.model.context_window, options, observe)


def model_path(argument: str | None, cache_dir: Path | None = None) -> Path:
    """Return the file of an argument. A packaged model is joined first if necessary."""
    packaged = PACKAGED.get(argument or "0.5b")
    if packaged:
        return models.assemble(packaged, cache_dir=cache_dir)
    if argument and argument.endswith(".gguf"):
        return Path(argument).expanduser().resolve()
    raise ConfigError(f"no local model is called {argument!r}; choose 0.5b, 1.5b, or give the path of a .gguf file")


@lru_cache(maxsize=2)  # a model occupies its file's size in memory, so only the last two are kept
def _open(path: Path, name: str) -> _Opened:
    """Open a model. The caller holds `_opening`, so that threads open it once."""
    metadata = read_metadata(path)
    model = LlamaModel(path, metadata.context_length)
    return _Opened(model, GgufTokenizer(f"gguf/{name}", model, metadata.control_tokens))
