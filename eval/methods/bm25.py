"""BM25 over chunks, without stop words, with stemming, and with an idf that is never negative."""

from __future__ import annotations

from functools import partial

from eval.methods._chunks import CHUNK_TOKENS, chunks
from eval.methods._ranking import Ranked
from eval.ports import Method, Parts
from hiercomp import retrievers

NAMES = ("bm25",)


def build(name: str, parts: Parts) -> Method:
    """Build the method."""
    retriever = retrievers.build(name, encoder=parts.encoder)
    settings: dict[str, object] = {"chunk_tokens": CHUNK_TOKENS, "k1": 1.2, "b": 0.75}
    return Ranked(partial(chunks, tokenizer=parts.tokenizer), retriever, parts.tokenizer, settings)
