import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.retrievers.bm25 import K1, B, build
from hiercomp.text.analysis import analysis_for
from hiercomp.types import Node, Span

WORDS = ["tax", "rate", "debt", "lease", "goodwill", "the", "税率", "2022"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


def nodes_of(texts):
    return [Node(f"n{place:02}", "d", 0, "", Span(0, len(text)), text, ()) for place, text in enumerate(texts)]


def textbook(texts, question):
    """Robertson's BM25 with Lucene's idf, as a share of its limit, which no text reaches."""
    terms = analysis_for(texts)
    held = [Counter(terms(text)) for text in texts]
    mean = sum(map(Counter.total, held)) / len(held)
    asked = set(terms(question))
    idf = {
        term: math.log(1 + (len(held) - n + 0.5) / (n + 0.5)) for term in asked for n in [sum(term in h for h in held)]
    }
    scores = {}
    for place, counts in enumerate(held):
        for term in asked & set(counts):
            weight = counts[term] / (counts[term] + K1 * (1 - B + B * counts.total() / mean))
            scores[f"n{place:02}"] = scores.get(f"n{place:02}", 0) + idf[term] * weight / sum(idf.values())
    return scores


@settings(deadline=None, max_examples=150)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8), question=TEXTS)
def test_scores_are_those_of_the_textbook(texts, question):
    found = build().index(nodes_of(texts)).search([question], 100)[0]
    assert {hit.node_id: hit.score for hit in found.hits} == pytest.approx(textbook(texts, question))


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8), question=TEXTS)
def test_a_node_is_a_hit_when_it_shares_a_term_and_its_score_is_a_share(texts, question):
    found = build().index(nodes_of(texts)).search([question], 100)[0]
    terms = analysis_for(texts)
    asked = set(terms(question))
    assert {hit.node_id for hit in found.hits} == {node.id for node in nodes_of(texts) if asked & set(terms(node.text))}
    assert all(0 < hit.score < 1 for hit in found.hits)


def test_a_score_by_hand():
    index = build().index(nodes_of(["tax rate", "debt lease"]))
    # One node of two holds "tax": idf = ln(1 + 1.5 / 1.5) = ln 2; none holds "goods": ln(1 + 2.5 / 0.5) = ln 6. Both
    # nodes have the mean length, so that a term that occurs once weighs 1 / (1 + 1.2).
    (hit,) = index.search(["tax goods"], 5)[0].hits
    assert hit.score == pytest.approx(math.log(2) / 2.2 / (math.log(2) + math.log(6)))
    assert index.idf("tax") == pytest.approx(math.log(2))
    assert index.idf("goods") == pytest.approx(math.log(6))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_term_that_every_node_holds_finds_all_of_them(count):
    found = build().index(nodes_of(["the tax rate"] * count)).search(["tax"], 10)[0]
    assert [hit.node_id for hit in found.hits] == [f"n{place:02}" for place in range(count)]


def test_nodes_without_a_term_find_nothing():
    index = build().index(nodes_of(["", "the of and", "?!"]))
    assert index.search(["tax"], 5)[0].hits == ()
    assert index.idf("tax") == pytest.approx(math.log(1 + 3.5 / 0.5))


def test_repeated_words_of_a_question_count_once():
    index = build().index(nodes_of(["tax rate", "debt lease"]))
    assert index.search(["tax tax tax debt"], 5) == index.search(["debt tax"], 5)


def test_the_rarity_of_a_word_by_hand():
    index = build().index(nodes_of(["tax rate", "tax lease"]))
    # Of two nodes both hold "tax", one "rate", none "debt"; a text is as rare as its rarest term.
    assert index.rarity("rates") == pytest.approx(math.log(1 + 1.5 / 1.5))
    assert index.rarity("tax rate") == index.rarity("rate") > index.rarity("tax") == pytest.approx(math.log(1.2))
    assert index.rarity("debt") == pytest.approx(math.log(6))
    assert index.rarity("the") == index.rarity("") == 0.0
