"""An answer on its way to people: sentence by sentence, with the marks that its reader forgot, as addresses.

A sentence is let go when the next one begins, because a mark may follow its full stop. The pieces in which a reader
writes make no difference to what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hiercomp.answer.citations import attribute, is_open
from hiercomp.answer.marks import MarkStream
from hiercomp.types import Part

# The end of a sentence with the marks behind it, where something else follows; or the end of a line.
_END = re.compile(r"[.!?。！？]['\"’”)]*(?:\s*\[[\d,;\s–-]+\])*\s+(?=[^\s\[])|\n+(?=[^\n])")


class AnswerStream:
    """Takes a reader's pieces; `text` is what it wrote with the marks that were added."""

    def __init__(self, parts: Sequence[Part], show: Callable[[str], None] | None = None) -> None:
        self.text = ""
        self._parts = parts
        self._show = show or (lambda shown: None)
        self._marks = MarkStream(parts)
        self._held = ""

    def feed(self, piece: str) -> None:
        """One more piece."""
        self._held += piece
        while end := self._end():
            self._let_go(self._held[:end])
            self._held = self._held[end:]

    def close(self) -> None:
        """There are no more pieces."""
        self._let_go(self._held)
        self._held = ""
        self._show(self._marks.close())

    def _end(self) -> int | None:
        """Where the first sentence ends that something follows: a quotation is one, whatever stands in it."""
        ends = (found.end() for found in _END.finditer(self._held))
        return next((end for end in ends if "\n" in self._held[:end] or not is_open(self._held[:end])), None)

    def _let_go(self, sentence: str) -> None:
        attributed = attribute(sentence, self._parts)
        self.text += attributed
        self._show(self._marks.feed(attributed))
