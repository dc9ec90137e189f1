from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.encoders.hashing import Hashing
from hiercomp.retrievers.dense import build
from hiercomp.types import Node, Span

WORDS = ["tax", "rate", "debt", "lease", "goodwill", "income", "2022"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


def nodes_of(texts):
    return [Node(f"n{place:02}", "d", 0, "", Span(0, len(text)), text, ()) for place, text in enumerate(texts)]


class Stretched(Hashing):
    """Vectors that are not of unit length: inner product and cosine order them differently."""

    def encode_passages(self, texts):
        encoded = super().encode_passages(texts)
        return [replace(tokens, vector=tokens.vector * place) for place, tokens in enumerate(encoded, start=1)]


def query_of(kind, question):
    return kind(16).encode_query(question).vector


@pytest.mark.parametrize("kind", [Hashing, Stretched])
@settings(deadline=None, max_examples=60)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8), question=st.sampled_from(WORDS), k=st.integers(1, 9))
def test_hits_are_those_of_numpy(kind, texts, question, k):
    encoder = kind(16)
    products = np.array([tokens.vector for tokens in encoder.encode_passages(texts)]) @ query_of(kind, question)
    found = build(encoder=encoder).index(nodes_of(texts)).search([question], k)[0].hits
    assert len(found) == min(k, len(texts))
    assert [hit.score for hit in found] == pytest.approx(sorted(products.tolist(), reverse=True)[:k], abs=1e-5)
    for hit in found:
        assert hit.score == pytest.approx(float(products[int(hit.node_id[1:])]), abs=1e-5)


def test_the_metric_is_the_inner_product_of_what_the_encoder_gives():
    encoder = Stretched(64)
    found = build(encoder=encoder).index(nodes_of(["tax rate", "tax debt lease"])).search(["tax"], 2)[0].hits
    # The cosine of the shorter text is greater, 1/√2 against 1/√3, its inner product less: 1 · 0.71 against 2 · 0.58.
    assert [hit.node_id for hit in found] == ["n01", "n00"]
    assert [hit.score for hit in found] == pytest.approx([2 / 3**0.5, 1 / 2**0.5], abs=1e-5)


def test_among_equals_the_first_by_id_is_kept():
    nodes = nodes_of(["tax rate"] * 5)
    for order in (nodes, nodes[::-1]):
        found = build(encoder=Hashing(16)).index(order).search(["tax"], 2)[0].hits
        assert [hit.node_id for hit in found] == ["n00", "n01"]
