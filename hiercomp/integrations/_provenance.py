"""What a framework's text says of its own excerpt: where it stands in the text that was given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from hiercomp.chat.texts import Excerpt
from hiercomp.ports import Tokenizer

KEY = "hiercomp"
"""The metadata key: frameworks' own rendering for readers and encoders leaves it out where it can."""
PAGE_KEYS = ("page", "page_label", "page_number")
"""Where the loaders of frameworks put a page, in the order in which they are looked at."""


def provenance(text: str, excerpt: Excerpt, metadata: Mapping[str, object], tokenizer: Tokenizer) -> dict[str, object]:
    """The spans that were kept, code points of the text that was given, its page, and tokens before and after.

    The values are those of JSON, so that every framework can store them.
    """
    return {
        "spans": [[span.start, span.end] for span in excerpt.spans],
        "page": next((metadata[key] for key in PAGE_KEYS if key in metadata), None),
        "original_tokens": tokenizer.count(text),
        "kept_tokens": tokenizer.count(excerpt.text),
        "original_sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    }
