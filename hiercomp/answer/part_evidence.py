"""The document's own text behind the parts of a context, and the evidence in it.

The text of a `written` part is a model's. A claim is therefore checked against the stretches of the document that the
part was made from, and never against the part's text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hiercomp.answer.claims import Claim, Evidence
from hiercomp.answer.marks import Marks
from hiercomp.types import Document, Part

DocumentLookup = Callable[[str], Document]
"""A function that returns the document with an id, such as `Hierarchy.document`."""


def original_text(part: Part, document_of: DocumentLookup) -> str:
    """Return the document's text that a part shows, or that a written part was made from."""
    if part.detail != "written":
        return part.text
    text = document_of(part.document_id).text
    return "\n".join(span.of(text) for span in part.spans)


def page_text(part: Part, document_of: DocumentLookup) -> str:
    """Return the document's text that a citation of a part is checked against.

    This is the page of the part, or the part itself if the format has no pages. For a written part it is the text that
    the part was made from.
    """
    if part.detail == "written":
        return original_text(part, document_of)
    document = document_of(part.document_id)
    pages = (page.span.of(document.text) for page in document.pages if page.number == part.page)
    return next(pages, part.text)


class MarkEvidence:
    """The evidence behind the marks of a context. `text_of` returns the text that stands for a part."""

    def __init__(self, parts: Sequence[Part], text_of: Callable[[Part], str]) -> None:
        self.marks = Marks(parts)
        self._text_of = text_of
        self._evidence: dict[tuple[int, ...], Evidence] = {}

    def of(self, *marks: int) -> Evidence:
        """Return the evidence of some marks together. The sources' names count, so "Boeing" is in BOEING_10K.pdf."""
        if marks not in self._evidence:
            parts = [part for mark in marks for part in self.marks.parts[mark]]
            texts = dict.fromkeys(self._text_of(part) for part in parts)
            address = " ".join(part.source for part in parts)
            self._evidence[marks] = Evidence.of(texts, address=address)
        return self._evidence[marks]

    def best_mark(self, sentence: str) -> int | None:
        """Return the one mark that supports a specific sentence best, or None if there is none or a tie."""
        claim = Claim.of(sentence)
        if not claim.is_specific:
            return None
        overlaps = {
            mark: evidence.overlap(claim)
            for mark in self.marks.parts
            if (evidence := self.of(mark)).supports(claim) and evidence.shares_words_of(claim)
        }
        best = [mark for mark, overlap in overlaps.items() if overlap == max(overlaps.values())]
        return best[0] if len(best) == 1 else None
