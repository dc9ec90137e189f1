"""A language model of the transformers library: `hf/PATH` or `hf/NAME`, decoded greedily, on a GPU if there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
import transformers

from hiercomp import registry
from hiercomp.building import BuildCache
from hiercomp.errors import ConfigError, ModelError
from hiercomp.ports import Tokenizer
from hiercomp.types import Completion, Message, Prompt

DEFAULT_CONTEXT = 2048
"""The context window of a model whose configuration states none."""


@runtime_checkable
class _HfTokenizer(Tokenizer, Protocol):
    def encode_prompt(self, messages: Sequence[Message]) -> list[int]: ...

    def decode(self, ids: Sequence[int]) -> str: ...


class _Pieces:
    """The text of generated tokens, in pieces. A piece is passed on once its last letter is complete."""

    def __init__(self, decode: Callable[[Sequence[int]], str], on_text: Callable[[str], None] | None) -> None:
        self.text = ""
        self.ids: list[int] = []
        self._decode = decode
        self._on_text = on_text
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        """Receive the tokens of one step, as a streamer of transformers. The first step is the prompt."""
        if self._prompt_seen:
            self.ids += value.flatten().tolist()
            text = self._decode(self.ids)
            if not text.endswith("\ufffd"):
                self._pass_on(text)
        self._prompt_seen = True

    def end(self) -> None:
        """Pass on the remaining text."""
        self._pass_on(self._decode(self.ids))

    def _pass_on(self, text: str) -> None:
        piece = text[len(self.text) :]
        self.text += piece
        if piece and self._on_text:
            self._on_text(piece)


class HfLLM:
    """A reader with a model in this process. It runs one call at a time."""

    def __init__(self, name: str, model: Any, tokenizer: _HfTokenizer) -> None:  # noqa: ANN401
        self.name = name
        self.tokenizer: Tokenizer = tokenizer
        self.context_window = int(getattr(model.config, "max_position_embeddings", None) or DEFAULT_CONTEXT)
        self._hf_tokenizer = tokenizer
        self._model = model
        ends = model.generation_config.eos_token_id
        self._ends = tuple(ends) if isinstance(ends, list) else (ends,)
        self._padding = model.generation_config.pad_token_id or self._ends[0]
        self._lock = threading.Lock()

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Return the most likely answer of the model.

        Raises:
            ModelError: the call does not fit the context window, or the model failed.
        """
        ids = self._hf_tokenizer.encode_prompt(prompt.messages)
        if len(ids) + max_tokens > self.context_window:
            raise ModelError(
                f"{len(ids)} tokens and {max_tokens} for the answer do not fit the window of {self.name}, "
                f"{self.context_window}; lower the budget"
            )
        pieces = _Pieces(self._hf_tokenizer.decode, on_text)
        inputs = torch.tensor([ids], device=self._model.device)
        with self._lock, torch.inference_mode():
            self._model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=max_tokens,
                do_sample=False,
                streamer=pieces,
                pad_token_id=self._padding,
            )
        ended = bool(pieces.ids) and pieces.ids[-1] in self._ends
        return Completion(
            text=pieces.text,
            prompt_tokens=len(ids),
            completion_tokens=len(pieces.ids),
            model=self.name,
            stop_reason="stop" if ended or len(pieces.ids) < max_tokens else "length",
        )


_READERS: BuildCache[str, HfLLM] = BuildCache()


def build(argument: str | None = None) -> HfLLM:
    """Build a reader from a folder or from a model name on the hub, once for the process.

    Raises:
        ConfigError: there is no such model, or it has no `tokenizer.json`.
    """
    if not argument:
        raise ConfigError("hf needs a model: hf/PATH of its folder, or hf/NAME on the hub")
    folder = Path(argument)
    key = str(folder.resolve()) if folder.exists() else argument
    return _READERS.get(key, lambda: _load(argument))


def _load(argument: str) -> HfLLM:
    """Load a model. Only safetensors are loaded, and no code of the model."""
    tokenizer = registry.build("tokenizers", f"hf/{argument}")
    if not isinstance(tokenizer, _HfTokenizer):
        raise registry.wrong_component("tokenizers", "hf", tokenizer, "Tokenizer")
    on_gpu = torch.cuda.is_available()
    dtype = (torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16) if on_gpu else torch.float32
    bars: Any = transformers.utils.logging
    shows_bars = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()  # only the command line may show progress
    try:
        model: Any = transformers.AutoModelForCausalLM.from_pretrained(argument, dtype=dtype, use_safetensors=True)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(f"no model {argument!r} can be loaded ({reason}); give a folder with safetensors") from error
    finally:
        if shows_bars:
            bars.enable_progress_bar()
    return HfLLM(f"hf/{argument}", model.to("cuda" if on_gpu else "cpu").eval(), tokenizer)
