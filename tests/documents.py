"""Random documents in many scripts and layouts, and small documents with a known layout."""

from hypothesis import strategies as st

from hiercomp.types import Document, Heading, Page, Span

SENTENCES = [
    "The effective tax rate was 14.8 % in fiscal 2022.",
    "Revenue rose by 12% to $4,310 million, see Note 7.",
    "Mr. Smith of the U.S. Treasury did not agree.",
    "Yes.",
    "ibid",
    "税率为百分之十四。公司不同意！为什么？",
    "収益は前年より増加しました。理由は何ですか。",
    "ما هو معدل الضريبة؟ لا نعرف۔",
    "कर की दर चौदह प्रतिशत थी। कंपनी सहमत नहीं थी॥",
    "อัตราภาษีคือสิบสี่เปอร์เซ็นต์",
    "Ставка налога составила 14 %. Компания не согласна.",
    "👩‍👩‍👧‍👦🇩🇪✊🏿",
    '<|endoftext|> [1] [2] """ ```',
    "e\u0301a\u0308 \u202eabc\u202c \ufeff",
    "a\x00b\x1b[31m\x7f\x0b\x1c\x85\u2028",
    "lone \ud800 surrogate",
    "x" * 1500,
    "字" * 500,
    "word " * 400,
]
ROWS = ["Total assets\t1,204\t1,187", "| a | b |", "Income taxes   310   287", "\tnot a row"]
ITEMS = ["- first of all", "(a) the lender may", "12. and so on", "• bullet"]
WHITE = ["", " ", "\n", "\n\n", "\r\n", "\f", "\f\n", "\r", "\u2003", " \n \n"]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@st.composite
def documents(draw, most_blocks=12):
    """Draw a document, with or without pages, headings and furniture. Its text can be hostile."""
    kinds = ["prose", "row", "item", "any", "heading", "outline", "furniture", "page"]
    text, edges = "", [0]
    headings, furniture = [], []
    for _ in range(draw(st.integers(0, most_blocks))):
        kind = draw(st.sampled_from(kinds))
        start = len(text)
        if kind == "page":
            edges.append(start)
        elif kind == "outline":
            headings.append(Heading(f"Outline {start}", draw(st.integers(1, 3)), Span(start, start)))
        elif kind == "heading":
            text += f"Item {start} – Taxes"
            headings.append(Heading(text[start:], draw(st.integers(1, 3)), Span(start, len(text))))
        elif kind == "furniture":
            text += f"Page {len(edges)}"
            furniture.append(Span(start, len(text)))
        elif kind == "any":
            text += draw(ANY_TEXT)
        else:
            choices = {"prose": SENTENCES, "row": ROWS, "item": ITEMS}[kind]
            text += " ".join(draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3)))
        text += draw(st.sampled_from(WHITE if kind in {"prose", "any"} else WHITE[2:5]))
    return Document(
        text, "report.pdf", "Report", _pages(edges, text, draw(st.booleans())), tuple(headings), tuple(furniture)
    )


def _pages(edges, text, paged):
    """Return the pages between the edges, or none if the document is not paged. Pages may be empty."""
    ends = [*edges[1:], len(text)]
    return (
        tuple(Page(number, Span(*span)) for number, span in enumerate(zip(edges, ends, strict=True), 1))
        if paged
        else ()
    )


def document_of(*pages, source="report.pdf", title="Report"):
    """Build a document from the texts of its pages.

    A line that starts with `#` is a heading, and the number of `#` is its depth. A line that starts with `~` is
    furniture, such as a page header.
    """
    text, found, headings, furniture = "", [], [], []
    for number, page in enumerate(pages, start=1):
        first = len(text)
        for line in page.splitlines(keepends=True):
            depth = len(line) - len(line.lstrip("#"))
            start, shown = len(text), line.lstrip("#").lstrip(" ~" if depth or line.startswith("~") else "")
            text += shown
            span = Span(start, start + len(shown.rstrip("\n")))
            if depth:
                headings.append(Heading(span.of(text), depth, span))
            elif line.startswith("~"):
                furniture.append(span)
        found.append(Page(number, Span(first, len(text))))
    return Document(text, source, title, tuple(found) if len(pages) > 1 else (), tuple(headings), tuple(furniture))
