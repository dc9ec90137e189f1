"""What the evaluation counts of the encoder's work, by the real encoder and its tokenizer."""

import numpy as np
import pytest

from eval.encoding import WINDOW, MeteredEncoder
from eval.ports import Meter
from hiercomp.storage.store import Store

TEXT, LONG = "The tax rate rose.", "rate " * 400
TOKENS = 5 + 2
"""Of the text: its four words and the full stop, and the two that the encoder adds."""


@pytest.fixture
def encoder():
    return MeteredEncoder(Meter(), Store.memory())


def spent(encoder, call, *given):
    """The tokens that a call is counted with."""
    before = encoder._meter.tokens
    call(*given)
    return encoder._meter.tokens - before


def test_a_text_is_counted_once_however_it_is_read(encoder):
    assert spent(encoder, encoder.encode_passage_tokens, [TEXT]) == TOKENS
    assert spent(encoder, encoder.encode_query_tokens, TEXT) == TOKENS
    assert spent(encoder, encoder.encode_passages, ["Cats sleep."]) == spent(
        encoder, encoder.encode_query, "Cats sleep."
    )
    assert spent(encoder, encoder.encode_passage_tokens, []) == 0


def test_no_more_is_counted_than_the_encoder_reads(encoder):
    assert spent(encoder, encoder.encode_passage_tokens, [LONG]) == WINDOW


def test_what_is_kept_is_counted_and_its_seconds_are_owed(encoder):
    encoder._pace = 0.5
    fresh = encoder.encode_passage_tokens([TEXT])
    assert encoder.owed == 0.0
    assert spent(encoder, encoder.encode_passage_tokens, [TEXT]) == TOKENS
    # Seven tokens at half a second.
    assert encoder.owed == pytest.approx(3.5)
    # A text's own vector is kept apart from those of its tokens.
    assert np.abs(encoder.encode_passages([TEXT])[0] - fresh[0].vector).max() < 1e-5
    assert encoder.owed == pytest.approx(3.5)
    encoder.encode_query_tokens(TEXT)
    assert encoder.owed == pytest.approx(3.5)


def test_what_a_token_takes_is_measured_here(encoder):
    for _ in range(2):
        encoder.encode_passages([TEXT])
    first = encoder.owed
    assert 0 < first < 60
    encoder.encode_passages([TEXT])
    assert encoder.owed == pytest.approx(2 * first)
