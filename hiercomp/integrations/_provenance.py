"""The metadata that adapters add to an excerpt: its place in the original text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from hiercomp.chat.texts import Excerpt
from hiercomp.ports import Tokenizer

KEY = "hiercomp"
"""The metadata key. Where a framework can hide metadata from readers and encoders, the adapter hides this key."""
PAGE_KEYS = ("page", "page_label", "page_number")
"""The metadata keys under which the loaders of frameworks store a page number, in order of preference."""


def provenance(text: str, excerpt: Excerpt, metadata: Mapping[str, object], tokenizer: Tokenizer) -> dict[str, object]:
    """Return the spans that were kept, the page, the tokens before and after, and the digest of the original text.

    Spans are half-open and count code points of the original text. All values are JSON values, so that every framework
    can store them.
    """
    return {
        "spans": [[span.start, span.end] for span in excerpt.spans],
        "page": next((metadata[key] for key in PAGE_KEYS if key in metadata), None),
        "original_tokens": tokenizer.count(text),
        "kept_tokens": tokenizer.count(excerpt.text),
        "original_sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    }
