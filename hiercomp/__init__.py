"""Fits any long input into any token budget and answers from it, with pages.

    import hiercomp

    context = hiercomp.compress("report.pdf", "How did the tax rate change?", budget=4000)
    answer = hiercomp.ask("report.pdf", "How did the tax rate change?", budget=4000)

    with hiercomp.Pipeline(["a.pdf", "b.docx"]) as pipeline:   # indexed once, asked many times
        pipeline.ask("Which of the two pays more tax?", budget=8000)

The import of this package loads no heavy library. A library is loaded when a function first needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hiercomp.errors import (
    BudgetError,
    ConfigError,
    DocumentError,
    HiercompError,
    MissingExtraError,
    ModelError,
    TransientModelError,
)
from hiercomp.types import Answer, Citation, Context, Document, Part

if TYPE_CHECKING:
    from hiercomp.api import ask, compress
    from hiercomp.asynchronous import AsyncPipeline
    from hiercomp.chat.messages import CompressedMessages, compress_messages
    from hiercomp.config import Config
    from hiercomp.pipeline import Pipeline

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "AsyncPipeline",
    "BudgetError",
    "Citation",
    "CompressedMessages",
    "Config",
    "ConfigError",
    "Context",
    "Document",
    "DocumentError",
    "HiercompError",
    "MissingExtraError",
    "ModelError",
    "Part",
    "Pipeline",
    "TransientModelError",
    "ask",
    "compress",
    "compress_messages",
]
_LAZY = {
    "AsyncPipeline": "hiercomp.asynchronous",
    "CompressedMessages": "hiercomp.chat.messages",
    "Config": "hiercomp.config",
    "Pipeline": "hiercomp.pipeline",
    "ask": "hiercomp.api",
    "compress": "hiercomp.api",
    "compress_messages": "hiercomp.chat.messages",
}


def __getattr__(name: str) -> object:
    """A public name whose module is loaded when it is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'hiercomp' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
