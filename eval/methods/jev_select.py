"""jev-select without its service: lexical relevance and novelty over passages, each with a line that cites it.

`jev-select` passes the document as one text, and `jev-select/paragraphs` passes each paragraph as a record. Everything
else has its default. Its scorer is a paid service with a key. Without a key it uses the mode `local` itself, so that
mode is used here. The citations are part of its context and count against the budget.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, cast

from eval.methods._texts import paragraphs, whole
from eval.ports import Index, Method, Parts, Select, Unavailable
from eval.types import Question
from hiercomp import tokenizers
from hiercomp.types import Document

if TYPE_CHECKING:
    import jselect

NAMES = ("jev-select", "jev-select/paragraphs")
ENCODINGS = ("o200k_base", "cl100k_base")
"""Tokenizers that jev-select can count the budget with. If the run has another one, the first of these is used."""
LONGEST_TASK = 4000
"""The most characters of a question that jev-select accepts."""


def build(name: str, parts: Parts) -> Method:
    """Build the method with one of the names.

    Raises:
        Unavailable: the package is not installed.
    """
    try:
        import_module("jselect")
    except ImportError as error:
        raise Unavailable(f"{error.name} is not installed: pip install 'hiercomp[eval]'") from error
    encoding = parts.tokenizer.name if parts.tokenizer.name in ENCODINGS else ENCODINGS[0]
    tokenizers.build(encoding)  # jev-select then finds the loaded vocabulary and does not download it.
    return _JevSelect(encoding, paragraphs if name.endswith("paragraphs") else whole)


@dataclass(frozen=True, slots=True)
class _JevSelect:
    encoding: str
    texts: Callable[[Document], list[str]]
    budgeted: bool = True

    @property
    def settings(self) -> dict[str, object]:
        """The version and the parameters."""
        return {"jev-select": version("jev-select"), "mode": "local", "encoding": self.encoding}

    def index(self, document: Document) -> Index:
        """Index the document's passages on disk. The index is deleted when it is no longer used."""
        from jselect import Index as Passages
        from jselect import Record

        source = document.title or "document"
        records = [
            Record(text, id=str(number), source=source) for number, text in enumerate(self.texts(document), start=1)
        ]
        return _Passages(Passages.build(records), self.encoding)


class _Passages:
    def __init__(self, passages: jselect.Index, encoding: str) -> None:
        self._passages, self._encoding = passages, encoding
        weakref.finalize(self, passages.close)

    def find(self, question: Question) -> Select:
        """Prepare a selection. For a blank question the selection is empty, because jev-select refuses it."""
        task = question.query.strip()[:LONGEST_TASK]

        def select(budget: int) -> str:
            if not task:
                return ""
            found = self._passages.select(task=task, tokens=budget, mode="local", encoding=self._encoding, cache=False)
            return cast("str", found.context)

        return select
