"""Parts for the tests of citation marks and of citations."""

import re

from hiercomp.types import Document, Page, Part, Span

NO_PAGES = Document("", "report.pdf", "")
FIRST_PAGE = "The revenue was $66,608 million in 2022. Ingrid Solheim leads it.\n"
SECOND_PAGE = "The effective tax rate was 0.6%. Costs fell."
REPORT = Document(
    text=FIRST_PAGE + SECOND_PAGE,
    source="annual.pdf",
    title="",
    pages=(
        Page(8, Span(0, len(FIRST_PAGE))),
        Page(9, Span(len(FIRST_PAGE), len(FIRST_PAGE + SECOND_PAGE))),
    ),
)


def without_pages(document_id: str) -> Document:
    """Return a document without pages, so that a citation is checked against its part alone."""
    return NO_PAGES


def cited_part(mark: int, text: str, *, page: int | None = 1, source: str = "report.pdf", start: int = 1000) -> Part:
    """Return a part that starts at `start` in its document. Each of its lines is a sentence."""
    spans = tuple(Span(start + line.start(), start + line.end()) for line in re.finditer(r"[^\n]+", text))
    return Part(
        node_id=f"node{mark}",
        level=0,
        detail="verbatim",
        document_id="document",
        source=source,
        page=page,
        span=Span(start, start + len(text)),
        spans=spans,
        values=tuple(0.0 for _ in spans),
        text=text,
        tokens=10,
        mark=mark,
    )


PARTS = [
    cited_part(1, "Effective tax rate\t0.6 %\t14.8 %\nThe rate of 2022 fell.", page=55),
    cited_part(3, "Net loss was $(4,935) million in 2022.\nRevenues\t66,608\t62,286", page=57),
    cited_part(3, "Deliveries of the 777X slipped.", page=57),
    cited_part(4, "Supply chain delays may hurt deliveries, as in [12].", page=None, source="notes.md"),
]


def written_part(mark: int, text: str, *stretches: str) -> Part:
    """Return a part that is a model's summary of some stretches of the report."""
    starts = [REPORT.text.index(stretch) for stretch in stretches]
    spans = tuple(Span(start, start + len(stretch)) for start, stretch in zip(starts, stretches, strict=True))
    return Part(
        node_id="summary",
        level=1,
        detail="written",
        document_id=REPORT.id,
        source=REPORT.source,
        page=8,
        span=Span(spans[0].start, spans[-1].end) if spans else Span(0, 0),
        spans=spans,
        values=tuple(0.0 for _ in spans),
        text=text,
        tokens=10,
        mark=mark,
    )
