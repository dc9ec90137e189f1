"""Outlines for planners: documents that contain some words, and show no sections."""

from collections.abc import Collection
from dataclasses import dataclass

from hiercomp.types import Context


@dataclass(frozen=True)
class Words:
    """An outline of documents whose sentences all contain each of these words."""

    words: Collection[str] = ()

    def render(self, max_tokens: int) -> Context:
        return Context("", 0, ())

    def share(self, word: str) -> float:
        return float(word in self.words)
