import json
import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hiercomp.ports import TokenVectors
from hiercomp.storage.serialization import dump, dump_tokens, load, load_tokens
from hiercomp.types import Document, Heading, Hierarchy, Node, Page, Span

ANY_TEXT = st.text(st.characters(), max_size=40)  # surrogates and control characters too


@st.composite
def hierarchies(draw):
    """A document of pages, its passages, and a root with a summary that a model may have written."""
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
    author = draw(st.none() | ANY_TEXT)
    root = Node("root", document.id, 2, "", whole, draw(ANY_TEXT), (), None, child_ids, author)
    return Hierarchy((document,), (root, *passages))


@settings(deadline=None)
@given(hierarchies())
def test_a_hierarchy_comes_back_as_it_was(hierarchy):
    assert load(dump(hierarchy)) == hierarchy


def test_a_hierarchy_that_was_stored_without_authors_is_read():
    document = Document("text", "", "")
    hierarchy = Hierarchy((document,), (Node("p", document.id, 0, "", Span(0, 4), "text", ()),))
    columns = json.loads(zlib.decompress(dump(hierarchy)))
    del columns["nodes"]["authors"]
    assert load(zlib.compress(json.dumps(columns).encode())) == hierarchy


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


@st.composite
def token_vectors(draw):
    """Up to five tokens of one to eight numbers each, of unit length, and any vector of their text."""
    dimension, count = draw(st.integers(1, 8)), draw(st.integers(0, 5))
    rows = draw(arrays.arrays(np.float64, (count, dimension), elements=st.floats(-1, 1)))
    rows[np.abs(rows).max(axis=1, initial=0) < 1e-3] = 1.0
    vector = draw(arrays.arrays(np.float32, dimension, elements=st.floats(-1, 1, width=32)))
    spans = draw(arrays.arrays(np.int32, (count, 2), elements=st.integers(0, 2**31 - 1)))
    return TokenVectors(vector, spans, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))


@settings(deadline=None)
@given(token_vectors())
def test_tokens_come_back_within_half_a_byte_of_the_greatest_and_of_unit_length(tokens):
    found = load_tokens(dump_tokens(tokens))
    assert np.array_equal(found.vector, tokens.vector)
    assert np.array_equal(found.spans, tokens.spans)
    assert (found.vector.dtype, found.spans.dtype, found.rows.dtype) == (np.float32, np.int32, np.float32)
    assert found.rows.shape == tokens.rows.shape
    assert np.linalg.norm(found.rows, axis=1) == pytest.approx(np.ones(len(tokens.rows)), abs=1e-6)
    # Each of d numbers is off by half a 127th of the greatest, the row so by the square root of d times as much, and
    # bringing it back to unit length moves it no further than that again.
    greatest = np.abs(tokens.rows).max(axis=1, initial=0)
    bound = 2 * math.sqrt(tokens.rows.shape[1]) * greatest / 254
    assert (np.linalg.norm(found.rows - tokens.rows, axis=1) <= bound + 1e-6).all()


def test_the_bytes_of_a_token_by_hand():
    tokens = TokenVectors(np.float32([0, 1]), np.array([[2, 5]], np.int32), np.float32([[0.6, -0.8]]))
    data = dump_tokens(tokens)
    # Two counts, a vector of two, a span, the greatest number and a byte for each: 0.6 / 0.8 · 127 = 95.25.
    assert len(data) == 8 + 8 + 8 + 4 + 2
    assert data[-2:] == bytes([95, 256 - 127])
    length = math.hypot(95, 127)
    assert load_tokens(data).rows[0] == pytest.approx([95 / length, -127 / length], abs=1e-6)


def test_what_was_read_back_is_kept_with_the_same_bytes_for_each_token():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 384))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    tokens = TokenVectors(np.zeros(384, np.float32), np.zeros((40, 2), np.int32), rows.astype(np.float32))
    data = dump_tokens(tokens)
    assert dump_tokens(load_tokens(data))[-40 * 384 :] == data[-40 * 384 :]


def test_a_text_without_tokens_keeps_its_vector():
    found = load_tokens(dump_tokens(TokenVectors.without_tokens(np.float32([0.6, 0.8]))))
    assert found.vector.tolist() == [np.float32(0.6), np.float32(0.8)]
    assert (found.spans.shape, found.rows.shape) == ((0, 2), (0, 2))
