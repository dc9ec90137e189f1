"""A streamed answer, shown sentence by sentence, with forgotten marks added and all marks replaced by addresses.

A sentence is shown when the next one begins, because a mark may follow its full stop. The result does not depend on
the pieces in which the reader writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hiercomp.answer.citations import attribute, has_open_quotation
from hiercomp.answer.marks import MarkStream
from hiercomp.answer.part_evidence import DocumentLookup
from hiercomp.types import Part

# The end of a sentence and its marks if more text follows, or the end of a line.
_END = re.compile(r"[.!?。！？]['\"’”)]*(?:\s*\[[\d,;\s–-]+\])*\s+(?=[^\s\[])|\n+(?=[^\n])")


class AnswerStream:
    """Collects the pieces of an answer. `text` is the answer so far with the marks that were added.

    Args:
        parts: the parts of the reader's context.
        document_of: returns the document with an id.
        show: a callback that receives each stretch of the answer with addresses instead of marks.
    """

    def __init__(
        self, parts: Sequence[Part], document_of: DocumentLookup, show: Callable[[str], None] | None = None
    ) -> None:
        self.text = ""
        self._parts = parts
        self._document_of = document_of
        self._show = show or (lambda shown: None)
        self._marks = MarkStream(parts)
        self._held = ""

    def feed(self, piece: str) -> None:
        """Take one more piece."""
        self._held += piece
        while end := self._sentence_end():
            self._release(self._held[:end])
            self._held = self._held[end:]

    def close(self) -> None:
        """Show the rest of the answer after the last piece."""
        self._release(self._held)
        self._held = ""
        self._show(self._marks.close())

    def _sentence_end(self) -> int | None:
        """Return the end of the first sentence that is complete. A quotation is one sentence."""
        ends = (match.end() for match in _END.finditer(self._held))
        return next((end for end in ends if "\n" in self._held[:end] or not has_open_quotation(self._held[:end])), None)

    def _release(self, sentence: str) -> None:
        """Add forgotten marks to a sentence and show it."""
        attributed = attribute(sentence, self._parts, self._document_of)
        self.text += attributed
        self._show(self._marks.feed(attributed))
