"""LLMLingua and LongLLMLingua: the published package with a small language model as the scorer.

Both run behind retrieval. Their input is the chunks of 200 tokens that are closest to the question, in document order.
The chunks hold at most twice the budget, or 1,000 tokens more than the budget if that is larger. A smaller document is
passed whole. LongLLMLingua has the parameters that its README recommends. LLMLingua ranks and drops chunks without the
question. The budget is passed as `target_token`, which the package counts in the scorer's tokens. The result is not
cut, even if it is over the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import accumulate
from typing import Any, cast

from eval.methods._chunks import CHUNK_TOKENS, chunks, nodes
from eval.methods._filling import SEPARATOR, Unit
from eval.ports import Index, Parts, Select, Unavailable
from eval.types import Question
from hiercomp import ports, retrievers, tokenizers
from hiercomp.types import Document

NAMES = ("llmlingua", "longllmlingua")
INPUT_RATIO, INPUT_MORE = 2, 1000
"""Size of the input in tokens: the budget times the first number, or plus the second, if that is larger."""

PARAMETERS: dict[str, dict[str, object]] = {
    "llmlingua": {"rank_method": "llmlingua"},
    "longllmlingua": {
        "rank_method": "longllmlingua",
        "condition_in_question": "after_condition",
        "reorder_context": "sort",
        "dynamic_context_compression_ratio": 0.3,
        "condition_compare": True,
        "context_budget": "+100",
    },
}


def build(name: str, parts: Parts) -> LLMLingua:
    """Build the method with one of the names in `NAMES`.

    Raises:
        Unavailable: The package or its scorer is not installed.
    """
    try:
        from llmlingua import PromptCompressor

        from eval.methods._scorer import SHA256, TITLE, Perplexity, folder
    except ImportError as error:
        raise Unavailable(f"{error}: pip install 'hiercomp[eval]'") from error
    tokenizers.build("cl100k_base")  # the package counts these tokens and would download the vocabulary
    compressor: Any = PromptCompressor(str(folder()), device_map="cpu", model_config={"trust_remote_code": False})
    model = compressor.model
    compressor.get_ppl = Perplexity(
        model.get_decoder(), model.get_output_embeddings(), tokenizer=compressor.tokenizer, meter=parts.meter
    )
    settings = {
        "llmlingua": version("llmlingua"),
        "scorer": f"{TITLE} as float32, SHA-256 {SHA256}",
        "chunk_tokens": CHUNK_TOKENS,
        "input_tokens": f"the larger of {INPUT_RATIO} x budget and budget + {INPUT_MORE}",
        **PARAMETERS[name],
    }
    return LLMLingua(compressor, parts, PARAMETERS[name], settings)


@dataclass(frozen=True, slots=True)
class LLMLingua:
    """The published package with one set of parameters."""

    compressor: Any
    parts: Parts
    parameters: dict[str, object]
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """Split the document into chunks and index their vectors."""
        units = chunks(document, self.parts.tokenizer)
        retriever = retrievers.build("dense", encoder=self.parts.encoder)
        counts = self.parts.tokenizer.count_many([unit.text for unit in units])
        return _Chunks(self, units, counts, retriever.index(nodes(units)))

    def compress(self, texts: Sequence[str], question: str, budget: int) -> str:
        """Return the texts as the package compresses them."""
        result = self.compressor.compress_prompt(
            list(texts), question=question, target_token=budget, concate_question=False, **self.parameters
        )
        return cast("str", result["compressed_prompt"])


@dataclass(frozen=True, slots=True)
class _Chunks:
    method: LLMLingua
    units: Sequence[Unit]
    counts: Sequence[int]
    searched: ports.Index

    def find(self, question: Question) -> Select:
        """Rank the chunks by their distance to the question, closest first."""
        hits = self.searched.search([question.query], len(self.units))[0].hits
        places = list(dict.fromkeys((*(int(hit.node_id) for hit in hits), *range(len(self.units)))))
        return lambda budget: self._compressed(question.query, places, budget)

    def _compressed(self, question: str, places: Sequence[int], budget: int) -> str:
        max_tokens = max(INPUT_RATIO * budget, budget + INPUT_MORE)
        count = sum(total <= max_tokens for total in accumulate(self.counts[place] for place in places))
        texts = [self.units[place].text for place in sorted(places[: max(1, count)])]
        if sum(self.counts) <= budget:
            return SEPARATOR.join(texts)
        return self.method.compress(texts, question, budget)
