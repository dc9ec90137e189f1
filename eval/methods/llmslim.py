"""LLMSlim: whole units ranked by BM25 with feedback, and sentences for the remaining room. It uses no model.

`llmslim` passes the document as one text. `llmslim/paragraphs` passes a list of paragraphs like a retriever's results;
its README shows both. LLMSlim takes a share instead of a budget and keeps to it roughly. So it is called with smaller
shares until the result fits by the run's tokenizer, as its own tool for budgets does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version

from eval.methods._filling import SEPARATOR
from eval.methods._texts import paragraphs, whole
from eval.ports import Index, Method, Parts, Select, Unavailable
from eval.types import Question
from hiercomp import tokenizers
from hiercomp.ports import Tokenizer
from hiercomp.types import Document

NAMES = ("llmslim", "llmslim/paragraphs")
SELECTION = "focus"
"""Always select by the question. By default LLMSlim takes prose in short lines for a log and keeps error lines."""
ATTEMPTS = 8
SLACK = 0.99
"""A further attempt asks for this part of the share that should have been enough."""


def build(name: str, parts: Parts) -> Method:
    """Build the method with one of the names.

    Raises:
        Unavailable: the package is not installed.
    """
    try:
        import_module("llmslim")
    except ImportError as error:
        raise Unavailable(f"{error.name} is not installed: pip install 'hiercomp[eval]'") from error
    tokenizers.build("cl100k_base")  # LLMSlim counts with this vocabulary too, and finds it loaded.
    return _LLMSlim(parts.tokenizer, paragraphs if name.endswith("paragraphs") else whole)


@dataclass(frozen=True, slots=True)
class _LLMSlim:
    tokenizer: Tokenizer
    texts: Callable[[Document], list[str]]
    budgeted: bool = True

    @property
    def settings(self) -> dict[str, object]:
        """The version and the parameters."""
        return {"llmslim": version("llmslim"), "selection": SELECTION, "relevance": "lexical", "context_role": "rag"}

    def index(self, document: Document) -> Index:
        """Split the document. LLMSlim stores no data between calls."""
        return _Texts(self.texts(document), self.tokenizer)


@dataclass(frozen=True, slots=True)
class _Texts:
    texts: list[str]
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """Prepare the compression for a question."""
        return partial(self._select, question.query)

    def _select(self, query: str, budget: int) -> str:
        text = SEPARATOR.join(self.texts)
        tokens = self.tokenizer.count(text)
        share = 1.0
        for _ in range(ATTEMPTS):
            if tokens <= budget:
                break
            share *= budget / tokens * (SLACK if share < 1 else 1)
            text = self._compressed(query, share)
            tokens = self.tokenizer.count(text)
        return text

    def _compressed(self, query: str, share: float) -> str:
        from llmslim import compress_documents

        results = compress_documents(self.texts, query=query, target_ratio=share, selection=SELECTION)
        return SEPARATOR.join(result.compressed_text for result in results if result.compressed_text)
