import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.serialization import dump, load
from hiercomp.types import Document, Heading, Hierarchy, Node, Page, Span

ANY_TEXT = st.text(st.characters(), max_size=40)  # surrogates and control characters too


@st.composite
def hierarchies(draw):
    """A document of pages, its passages, and a root whose text is its own or a summary."""
    pages = draw(st.lists(ANY_TEXT, min_size=1, max_size=5))
    ends = [len("".join(pages[: count + 1])) for count in range(len(pages))]
    spans = [Span(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    heading = Heading(draw(ANY_TEXT), 1, Span(0, 0))
    document = Document(
        "".join(pages),
        source=draw(ANY_TEXT),
        title=draw(ANY_TEXT),
        pages=tuple(Page(number, span) for number, span in enumerate(spans, start=1)) if draw(st.booleans()) else (),
        headings=(heading,) if draw(st.booleans()) else (),
        furniture=tuple(spans[:1]) if draw(st.booleans()) else (),
    )
    passages = tuple(
        Node(f"p{index}", document.id, 0, draw(ANY_TEXT), span, span.of(document.text), (span,) * (index % 3), "root")
        for index, span in enumerate(spans)
    )
    whole = Span(0, len(document.text))
    child_ids = tuple(node.id for node in passages)
    root = Node("root", document.id, 2, "", whole, draw(ANY_TEXT), (), None, child_ids)
    return Hierarchy((document,), (root, *passages))


@settings(deadline=None)
@given(hierarchies())
def test_a_hierarchy_comes_back_as_it_was(hierarchy):
    assert load(dump(hierarchy)) == hierarchy


def test_a_passage_does_not_repeat_the_text_of_its_document():
    text = "The quick brown fox. "
    document = Document(text, "fox.txt", "fox")
    span = Span(0, len(text))
    one = Hierarchy((document,), (Node("p", document.id, 0, "", span, text, (span,)),))
    assert zlib.decompress(dump(one)).decode().count("quick") == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"nonsense", zlib.compress(b"{}"), zlib.compress(b"[1]"), zlib.compress(b'{"documents":[7],"nodes":0}')],
)
def test_other_bytes_are_refused(data):
    with pytest.raises(ValueError, match="not a stored hierarchy"):
        load(data)


def test_columns_that_do_not_match_are_refused():
    document = Document("text", "", "")
    columns = json.loads(zlib.decompress(dump(Hierarchy((document,), (Node("p", "", 0, "", Span(0, 4), "text", ()),)))))
    columns["nodes"]["titles"] = []
    with pytest.raises(ValueError, match="not a stored hierarchy"):
        load(zlib.compress(json.dumps(columns).encode()))
