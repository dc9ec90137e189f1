from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hiercomp.encoders.hashing import Hashing
from hiercomp.ports import TokenVectors
from hiercomp.ranking import late_interaction
from hiercomp.ranking.late_interaction import bounds_of, interaction, token_weights
from hiercomp.text.analysis import located
from hiercomp.types import Span

QUESTION = "tax rate"
PASSAGE = "Tax fell. Debt"
FIRST, SECOND = Span(0, 9), Span(10, 14)
RARITY = {"tax": 3.0, "rate": 1.0}


def tokens_of(spans, rows):
    """Build the token vectors of a text. The vector of the whole text is the first axis."""
    matrix = np.array(rows, dtype=np.float32).reshape(-1, 2)
    places = np.array(spans, dtype=np.int32).reshape(-1, 2)
    return TokenVectors(np.array([1, 0], dtype=np.float32), places, matrix)


QUESTION_TOKENS = tokens_of([(0, 3), (4, 8)], [(1.0, 0.0), (0.0, 1.0)])
PASSAGE_TOKENS = tokens_of([(0, 3), (4, 8), (10, 14)], [(0.8, 0.6), (0.6, -0.8), (0.0, -1.0)])


def scores_of(question_tokens, weights, tokens, spans):
    """Return the scores of some spans of a text; None for a span that was not read."""
    (scores,), is_read = interaction([question_tokens], [weights], tokens.rows, bounds_of(tokens, spans))
    return [score if read else None for score, read in zip(scores.tolist(), is_read.tolist(), strict=True)]


def test_scores_by_hand():
    weights = token_weights(QUESTION, QUESTION_TOKENS, RARITY.__getitem__)
    # 3 / (3 + 1) and 1 / (3 + 1)
    assert weights == pytest.approx([0.75, 0.25])
    assert weights.dtype == np.float32
    # Cosines of "tax" with the three tokens: 0.8, 0.6, 0; of "rate": 0.6, -0.8, -1.
    # First sentence: 0.75 · 0.8 + 0.25 · 0.6. Second: 0.75 · 0 + 0.25 · -1. Both together: the same as the first.
    scores = scores_of(QUESTION_TOKENS, weights, PASSAGE_TOKENS, [FIRST, SECOND, Span(0, len(PASSAGE))])
    assert scores == pytest.approx([0.75, -0.25, 0.75])


def test_each_token_of_the_question_takes_the_best_of_the_sentence_for_itself():
    # The best match of "tax" is the first token (0.8), and that of "rate" is the second (1).
    read = tokens_of([(0, 3), (4, 8)], [(0.8, -0.6), (0.0, 1.0)])
    assert scores_of(QUESTION_TOKENS, np.array([0.5, 0.5], np.float32), read, [FIRST]) == pytest.approx([0.9])


def test_a_span_of_which_nothing_was_read_has_no_score():
    weights = np.array([0.5, 0.5], np.float32)
    # The spans lie between two tokens, after the last token, and at the end of a token, whose own span is half-open.
    spans = [Span(9, 10), Span(14, 90), Span(8, 9)]
    assert scores_of(QUESTION_TOKENS, weights, PASSAGE_TOKENS, spans) == [None] * 3
    assert scores_of(QUESTION_TOKENS, weights, tokens_of([], []), [FIRST, SECOND]) == [None, None]
    assert scores_of(QUESTION_TOKENS, weights, PASSAGE_TOKENS, []) == []


def test_a_token_on_the_edge_of_two_sentences_belongs_to_both():
    read = tokens_of([(0, 4), (4, 12), (12, 14)], [(0.0, -1.0), (1.0, 0.0), (0.0, -1.0)])
    assert scores_of(QUESTION_TOKENS, np.array([1, 0], np.float32), read, [FIRST, SECOND]) == pytest.approx([1.0, 1.0])


def test_passages_one_after_another_score_as_each_alone():
    other = tokens_of([(0, 2), (2, 3)], [(0.0, 1.0), (1.0, 0.0)])
    weights = np.array([0.75, 0.25], np.float32)
    first, second = bounds_of(PASSAGE_TOKENS, [FIRST, SECOND]), bounds_of(other, [Span(0, 2), Span(2, 3), Span(3, 9)])
    assert (first.tolist(), second.tolist()) == ([[0, 2], [2, 3]], [[0, 1], [1, 2], [2, 2]])
    rows = np.concatenate([PASSAGE_TOKENS.rows, other.rows])
    bounds = np.concatenate([first, second + len(PASSAGE_TOKENS.rows)])
    (together,), is_read = interaction([QUESTION_TOKENS], [weights], rows, bounds)
    # The sentences of the other text match "rate" only, then "tax" only. The last one was not read.
    assert together[:4].tolist() == pytest.approx([0.75, -0.25, 0.25, 0.75])
    assert is_read.tolist() == [True, True, True, True, False]
    assert together.dtype == np.float32


@pytest.mark.parametrize("cells", [1, 8, 20, 1 << 24])
def test_queries_together_score_as_each_alone_however_many_cosines_are_held(monkeypatch, cells):
    monkeypatch.setattr(late_interaction, "CELLS", cells)
    queries = [
        QUESTION_TOKENS,
        tokens_of([(0, 1)], [(0.6, 0.8)]),
        tokens_of([(0, 1), (2, 3)], [(0.0, -1.0), (1.0, 0.0)]),
    ]
    weights = [np.array(row, np.float32) for row in ([0.75, 0.25], [1.0], [0.5, 0.5])]
    bounds = bounds_of(PASSAGE_TOKENS, [FIRST, SECOND])
    together, _ = interaction(queries, weights, PASSAGE_TOKENS.rows, bounds)
    alone = [interaction([q], [w], PASSAGE_TOKENS.rows, bounds)[0][0] for q, w in zip(queries, weights, strict=True)]
    assert [row.tolist() for row in together] == [pytest.approx(row.tolist()) for row in alone]
    assert interaction([], [], PASSAGE_TOKENS.rows, bounds)[0] == []


def test_the_tokens_of_a_word_share_its_rarity():
    question_tokens = tokens_of([(0, 1), (1, 3), (4, 8)], [(1.0, 0.0)] * 3)
    # The rarities sum to 4. The two tokens of "tax" share 3 of them, and the token of "rate" has 1.
    assert token_weights(QUESTION, question_tokens, RARITY.__getitem__) == pytest.approx([0.375, 0.375, 0.25])


def test_a_token_of_no_word_counts_nothing_beside_rare_words():
    question_tokens = tokens_of([(0, 3), (4, 8), (8, 9)], [(1.0, 0.0)] * 3)
    assert token_weights(f"{QUESTION}?", question_tokens, RARITY.__getitem__) == pytest.approx([0.75, 0.25, 0.0])


def test_a_word_that_was_not_read_leaves_its_weight_to_the_others():
    question_tokens = tokens_of([(0, 3)], [(1.0, 0.0)])
    assert token_weights(QUESTION, question_tokens, RARITY.__getitem__) == pytest.approx([1.0])


@pytest.mark.parametrize("question", [QUESTION, "?! --", ""])
def test_where_no_word_is_rare_all_tokens_count_alike(question):
    assert token_weights(question, QUESTION_TOKENS, lambda word: 0.0) == pytest.approx([0.5, 0.5])


def unit_rows(count):
    """Draw rows of three numbers with unit length. Rows near 0 become the first axis."""

    def scaled(rows):
        rows[np.linalg.norm(rows, axis=1) < 1e-3] = [1, 0, 0]
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    return arrays.arrays(np.float64, (count, 3), elements=st.floats(-1, 1)).map(scaled)


@st.composite
def readings(draw, least=0):
    """Draw tokens in text order, some with a gap before them."""
    lengths = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=least, max_size=6))
    spans, position = [], 0
    for gap, length in lengths:
        spans.append((position + gap, position + gap + length))
        position += gap + length
    rows = draw(unit_rows(len(spans)))
    return TokenVectors(np.float32([1, 0, 0]), np.array(spans, dtype=np.int32).reshape(-1, 2), rows)


@st.composite
def weighed(draw):
    """Draw the tokens of a question and their weights."""
    question_tokens = draw(readings(least=1))
    count = len(question_tokens.rows)
    weights = np.array(draw(st.lists(st.floats(0.1, 1), min_size=count, max_size=count)))
    return question_tokens, (weights / weights.sum()).astype(np.float32)


@settings(deadline=None, max_examples=60)
@given(question=weighed(), passage=readings(), edges=st.lists(st.integers(0, 40), min_size=2, max_size=6, unique=True))
def test_a_score_is_a_cosine_and_that_of_the_whole_is_the_best(question, passage, edges):
    edges = sorted(edges)
    spans = [Span(start, end) for start, end in pairwise(edges)]
    *scores, whole = scores_of(*question, passage, [*spans, Span(edges[0], edges[-1])])
    assert [score is not None for score in scores] == [overlaps(passage, span) for span in spans]
    read = [score for score in scores if score is not None]
    assert all(-1 - 1e-5 <= score <= 1 + 1e-5 for score in read)
    # For each token of the question, the best match in the whole is at least the best match in a part of it.
    assert not read or whole >= max(read) - 1e-5


def test_a_true_score_of_zero_was_read():
    right_angled = tokens_of([(0, 3)], [(0.0, 1.0)])
    question = tokens_of([(0, 3)], [(1.0, 0.0)])
    assert scores_of(question, np.ones(1, np.float32), right_angled, [Span(0, 3), Span(3, 9)]) == [0.0, None]


def overlaps(tokens, span):
    return any(start < span.end and end > span.start for start, end in tokens.spans.tolist())


@settings(deadline=None, max_examples=60)
@given(question=weighed())
def test_a_text_agrees_with_itself_entirely(question):
    question_tokens, weights = question
    whole = Span(0, int(question_tokens.spans.max()))
    assert scores_of(question_tokens, weights, question_tokens, [whole]) == pytest.approx([1.0], abs=1e-5)


@settings(deadline=None, max_examples=60)
@given(
    question=st.text(st.sampled_from("ab 1,.?'税率"), max_size=30),
    rarities=st.lists(st.sampled_from([0.0, 0.5, 1.0, 7.0]), min_size=1, max_size=5),
)
def test_weights_are_shares_of_one_and_rise_with_rarity(question, rarities):
    question_tokens = Hashing(16).encode_query(question)
    if not len(question_tokens.rows):
        return
    rarity = {
        question[start:end]: rarities[place % len(rarities)] for place, (start, end) in enumerate(located(question))
    }
    weights = token_weights(question, question_tokens, rarity.__getitem__)
    assert (weights >= 0).all()
    assert float(weights.sum()) == pytest.approx(1, abs=1e-5)
    if any(rarity.values()):
        words = words_of(question, question_tokens)
        common = [place for place, word in enumerate(words) if not any(rarity[each] for each in word)]
        assert weights[common].tolist() == [0.0] * len(common)


def words_of(question, tokens):
    """Return for each token the words that it overlaps."""
    places = list(located(question))
    return [
        [question[start:end] for start, end in places if start < last and end > first]
        for first, last in tokens.spans.tolist()
    ]
