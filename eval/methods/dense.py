"""Top-k by cosine, the usual retrieval: of chunks, and of single sentences."""

from __future__ import annotations

from functools import partial

from eval.methods._chunks import CHUNK_TOKENS, chunks, sentences
from eval.methods._ranking import Ranked
from eval.ports import Method, Parts
from hiercomp import retrievers

NAMES = ("dense", "dense-sentences")


def build(name: str, parts: Parts) -> Method:
    """Build the method with one of the names."""
    retriever = retrievers.build("dense", encoder=parts.encoder)
    if name == "dense-sentences":
        return Ranked(sentences, retriever, parts.tokenizer, {"encoder": parts.encoder.name})
    settings: dict[str, object] = {"chunk_tokens": CHUNK_TOKENS, "encoder": parts.encoder.name}
    return Ranked(partial(chunks, tokenizer=parts.tokenizer), retriever, parts.tokenizer, settings)
