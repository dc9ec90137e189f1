"""The parts that the tests of marks and of citations cite."""

import re

from hiercomp.types import Part, Span


def cited_part(mark: int, text: str, *, page: int | None = 1, source: str = "report.pdf", start: int = 1000) -> Part:
    """A part whose lines are its sentences; it stands at `start` in its document."""
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
