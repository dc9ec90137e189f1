"""A run with a plan of three needs, of which one was not found, for the tests of everything that shows a run."""

from collections.abc import Sequence

from hiercomp.types import (
    CALLER,
    DOCUMENT,
    PASSAGE,
    Allocation,
    Budget,
    Context,
    Document,
    Evidence,
    Hierarchy,
    Hit,
    Ladder,
    Ledger,
    Need,
    Node,
    Page,
    Part,
    Plan,
    Ranking,
    Run,
    Span,
)

QUESTION = "Can Tarn pay its debts?"
NEEDS = (Need(QUESTION), Need("Balance: cash, debts"), Need("Agreement of annotators, kappa"))
SENTENCES = ("Tarn can pay.", "Cash was 40.", "Debts were 30.", "It rained.")
_STARTS = (0, 14, 27, 42)
SPANS = tuple(Span(start, start + len(text)) for start, text in zip(_STARTS, SENTENCES, strict=True))
REPORT = Document(
    text=" ".join(SENTENCES),
    source="tarn.pdf",
    title="Tarn",
    pages=tuple(
        Page(number, Span(*bounds))
        for number, bounds in enumerate(zip(_STARTS, (*_STARTS[1:], SPANS[-1].end), strict=True), start=1)
    ),
)
"""A document with one sentence a page."""
PASSAGES = ("a", "b")


def hierarchy() -> Hierarchy:
    """Return a document with two passages of two sentences each."""
    whole = Span(0, len(REPORT.text))
    nodes = [Node("d", REPORT.id, DOCUMENT, "Tarn", whole, "", (), None, PASSAGES)]
    for node_id, (first, second) in zip(PASSAGES, (SPANS[:2], SPANS[2:]), strict=True):
        span = Span(first.start, second.end)
        text = span.of(REPORT.text)
        nodes.append(Node(node_id, REPORT.id, PASSAGE, "Tarn", span, text, (first, second), "d"))
    return Hierarchy((REPORT,), tuple(nodes))


def part(mark: int, *sentences: int, tokens: int = 10) -> Part:
    """Return a part that shows some sentences, with a mark and a number of tokens."""
    spans = tuple(SPANS[index] for index in sentences)
    span = Span(spans[0].start, spans[-1].end)
    return Part(
        node_id=PASSAGES[sentences[0] // 2],
        level=PASSAGE,
        detail="extract",
        document_id=REPORT.id,
        source=REPORT.source,
        page=1 + sentences[0],
        span=span,
        spans=spans,
        values=(1.0,) * len(spans),
        text=span.of(REPORT.text),
        tokens=tokens,
        mark=mark,
    )


PARTS = (part(1, 0, tokens=12), part(2, 1, tokens=1_300), part(2, 2, tokens=20), part(3, 3, tokens=5))


def evidence(found: Sequence[bool] = (True, True, False)) -> Evidence:
    """Return evidence in which the question fits the first sentence, and the second need the next two."""
    return Evidence(
        joint={"a": (0.9, 0.8), "b": (0.7, 0.2)},
        by_need=(
            {"a": (0.9, 0.1), "b": (0.1, 0.2)},
            {"a": (0.2, 0.8), "b": (0.7, 0.1)},
            {"a": (0.1, 0.1), "b": (0.1, 0.9)},
        ),
        found=tuple(found),
    )


def planned_run(plan: Plan | None = None, *, parts: Sequence[Part] = PARTS) -> Run:
    """Return a run whose context shows all sentences: the first for the question, two for the second need."""
    tree = hierarchy()
    rankings = tuple(
        Ranking((Hit(best, probability, probability),)) for best, probability in (("a", 0.9), ("b", 0.75), ("b", 0.3))
    )
    tokens = 40 + sum(part.tokens for part in parts)
    return Run(
        question=QUESTION,
        hierarchy=tree,
        plan=plan or Plan(NEEDS, CALLER),
        rankings=rankings,
        ranking=rankings[0],
        evidence=evidence(),
        ladders={"d": Ladder("d", ())},
        budget=Budget(total=4000, prompt=150, answer=60, tokenizer="o200k_base"),
        allocation=Allocation((), tokens, (("passage", tokens),), 0.01, 0.7, 0.9),
        context=Context("context", tokens, tuple(parts)),
        ledger=Ledger((("total", 1.5),), 20_000, 0, None, None),
    )
