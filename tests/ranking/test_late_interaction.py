from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hiercomp.encoders.hashing import Hashing
from hiercomp.ports import TokenVectors
from hiercomp.ranking.late_interaction import bounds_of, interaction, token_weights
from hiercomp.text.analysis import located
from hiercomp.types import Span

QUESTION = "tax rate"
PASSAGE = "Tax fell. Debt"
FIRST, SECOND = Span(0, 9), Span(10, 14)
RARITY = {"tax": 3.0, "rate": 1.0}


def tokens_of(spans, rows):
    """Tokens of a text whose own vector is the first axis."""
    matrix = np.array(rows, dtype=np.float32).reshape(-1, 2)
    places = np.array(spans, dtype=np.int32).reshape(-1, 2)
    return TokenVectors(np.array([1, 0], dtype=np.float32), places, matrix)


ASKED = tokens_of([(0, 3), (4, 8)], [(1.0, 0.0), (0.0, 1.0)])
READ = tokens_of([(0, 3), (4, 8), (10, 14)], [(0.8, 0.6), (0.6, -0.8), (0.0, -1.0)])


def scores_of(asked, weights, tokens, spans):
    """The scores of stretches of one text."""
    return interaction(asked, weights, tokens.rows, bounds_of(tokens, spans)).tolist()


def test_scores_by_hand():
    weights = token_weights(QUESTION, ASKED, RARITY.__getitem__)
    # 3 / (3 + 1) and 1 / (3 + 1)
    assert weights == pytest.approx([0.75, 0.25])
    assert weights.dtype == np.float32
    # Cosines of "tax" with the three tokens: 0.8, 0.6, 0; of "rate": 0.6, -0.8, -1.
    # First sentence: 0.75 · 0.8 + 0.25 · 0.6; second: 0.75 · 0 + 0.25 · -1; both: as the first.
    scores = scores_of(ASKED, weights, READ, [FIRST, SECOND, Span(0, len(PASSAGE))])
    assert scores == pytest.approx([0.75, -0.25, 0.75])


def test_each_token_of_the_question_takes_the_best_of_the_sentence_for_itself():
    # "tax" is best met by the first token, 0.8, and "rate" by the second, 1.
    read = tokens_of([(0, 3), (4, 8)], [(0.8, -0.6), (0.0, 1.0)])
    assert scores_of(ASKED, np.array([0.5, 0.5], np.float32), read, [FIRST]) == pytest.approx([0.9])


def test_a_span_of_which_nothing_was_read_has_no_score():
    weights = np.array([0.5, 0.5], np.float32)
    # Between two tokens, after the last one, and at the end of one, which is the first code point that it has not.
    assert scores_of(ASKED, weights, READ, [Span(9, 10), Span(14, 90), Span(8, 9)]) == [0.0, 0.0, 0.0]
    assert scores_of(ASKED, weights, tokens_of([], []), [FIRST, SECOND]) == [0.0, 0.0]
    assert scores_of(ASKED, weights, READ, []) == []


def test_a_token_on_the_edge_of_two_sentences_belongs_to_both():
    read = tokens_of([(0, 4), (4, 12), (12, 14)], [(0.0, -1.0), (1.0, 0.0), (0.0, -1.0)])
    assert scores_of(ASKED, np.array([1, 0], np.float32), read, [FIRST, SECOND]) == pytest.approx([1.0, 1.0])


def test_passages_one_after_another_score_as_each_alone():
    other = tokens_of([(0, 2), (2, 3)], [(0.0, 1.0), (1.0, 0.0)])
    weights = np.array([0.75, 0.25], np.float32)
    first, second = bounds_of(READ, [FIRST, SECOND]), bounds_of(other, [Span(0, 2), Span(2, 3), Span(3, 9)])
    assert (first.tolist(), second.tolist()) == ([[0, 2], [2, 3]], [[0, 1], [1, 2], [2, 2]])
    together = interaction(
        ASKED, weights, np.concatenate([READ.rows, other.rows]), np.concatenate([first, second + len(READ.rows)])
    )
    # Of the other text: "rate" alone is met, then "tax" alone, then nothing is read.
    assert together.tolist() == pytest.approx([0.75, -0.25, 0.25, 0.75, 0.0])
    assert together.dtype == np.float32


def test_the_tokens_of_a_word_share_its_rarity():
    asked = tokens_of([(0, 1), (1, 3), (4, 8)], [(1.0, 0.0)] * 3)
    # "tax" is two tokens, 3 / 2 each of 4 in all, "rate" one.
    assert token_weights(QUESTION, asked, RARITY.__getitem__) == pytest.approx([0.375, 0.375, 0.25])


def test_a_token_of_no_word_counts_nothing_beside_rare_words():
    asked = tokens_of([(0, 3), (4, 8), (8, 9)], [(1.0, 0.0)] * 3)
    assert token_weights(f"{QUESTION}?", asked, RARITY.__getitem__) == pytest.approx([0.75, 0.25, 0.0])


def test_a_word_that_was_not_read_leaves_its_weight_to_the_others():
    asked = tokens_of([(0, 3)], [(1.0, 0.0)])
    assert token_weights(QUESTION, asked, RARITY.__getitem__) == pytest.approx([1.0])


@pytest.mark.parametrize("question", [QUESTION, "?! --", ""])
def test_where_no_word_is_rare_all_tokens_count_alike(question):
    assert token_weights(question, ASKED, lambda word: 0.0) == pytest.approx([0.5, 0.5])


def unit_rows(count):
    """Rows of three numbers, scaled to unit length; one that is 0 becomes the first axis."""

    def scaled(rows):
        rows[np.linalg.norm(rows, axis=1) < 1e-3] = [1, 0, 0]
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    return arrays.arrays(np.float64, (count, 3), elements=st.floats(-1, 1)).map(scaled)


@st.composite
def readings(draw, least=0):
    """Tokens one after another, some with a gap before them."""
    lengths = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=least, max_size=6))
    spans, position = [], 0
    for gap, length in lengths:
        spans.append((position + gap, position + gap + length))
        position += gap + length
    rows = draw(unit_rows(len(spans)))
    return TokenVectors(np.float32([1, 0, 0]), np.array(spans, dtype=np.int32).reshape(-1, 2), rows)


@st.composite
def weighed(draw):
    """A question's tokens and their weights."""
    asked = draw(readings(least=1))
    weights = np.array(draw(st.lists(st.floats(0.1, 1), min_size=len(asked.rows), max_size=len(asked.rows))))
    return asked, (weights / weights.sum()).astype(np.float32)


@settings(deadline=None, max_examples=60)
@given(question=weighed(), passage=readings(), edges=st.lists(st.integers(0, 40), min_size=2, max_size=6, unique=True))
def test_a_score_is_a_cosine_and_that_of_the_whole_is_the_best(question, passage, edges):
    edges = sorted(edges)
    spans = [Span(start, end) for start, end in pairwise(edges)]
    *scores, whole = scores_of(*question, passage, [*spans, Span(edges[0], edges[-1])])
    assert all(-1 - 1e-5 <= score <= 1 + 1e-5 for score in (*scores, whole))
    read = [score for score, span in zip(scores, spans, strict=True) if overlaps(passage, span)]
    # A token of the question finds no better one in a part than in the whole.
    assert whole >= max(read, default=0.0) - 1e-5
    assert all(score == 0.0 for score, span in zip(scores, spans, strict=True) if not overlaps(passage, span))


def overlaps(tokens, span):
    return any(start < span.end and end > span.start for start, end in tokens.spans.tolist())


@settings(deadline=None, max_examples=60)
@given(question=weighed())
def test_a_text_agrees_with_itself_entirely(question):
    asked, weights = question
    whole = Span(0, int(asked.spans.max()))
    assert scores_of(asked, weights, asked, [whole]) == pytest.approx([1.0], abs=1e-5)


@settings(deadline=None, max_examples=60)
@given(
    question=st.text(st.sampled_from("ab 1,.?'税率"), max_size=30),
    rarities=st.lists(st.sampled_from([0.0, 0.5, 1.0, 7.0]), min_size=1, max_size=5),
)
def test_weights_are_shares_of_one_and_rise_with_rarity(question, rarities):
    asked = Hashing(16).encode_query_tokens(question)
    if not len(asked.rows):
        return
    rarity = {
        question[start:end]: rarities[place % len(rarities)] for place, (start, end) in enumerate(located(question))
    }
    weights = token_weights(question, asked, rarity.__getitem__)
    assert (weights >= 0).all()
    assert float(weights.sum()) == pytest.approx(1, abs=1e-5)
    if any(rarity.values()):
        nothing = [
            place for place, word in enumerate(words_of(question, asked)) if not any(rarity[each] for each in word)
        ]
        assert weights[nothing].tolist() == [0.0] * len(nothing)


def words_of(question, tokens):
    """For each token the words that it shares a code point with."""
    places = list(located(question))
    return [
        [question[start:end] for start, end in places if start < last and end > first]
        for first, last in tokens.spans.tolist()
    ]
