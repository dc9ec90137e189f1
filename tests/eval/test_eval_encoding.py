"""The counting of the encoder's work, with the real encoder and its tokenizer."""

import numpy as np
import pytest

from eval.encoding import WINDOW, MeteredEncoder, WholeTextEncoder
from eval.ports import Meter
from hiercomp import encoders
from hiercomp.storage.store import Store

TEXT, LONG = "The tax rate rose.", "rate " * 400
TOKENS = 5 + 2
"""The tokens of the text: four words and the full stop, and two that the encoder adds."""


@pytest.fixture
def encoder():
    return MeteredEncoder(Meter(), Store.memory())


def spent(encoder, call, *given):
    """Return the number of tokens that a call counts."""
    before = encoder._meter.tokens
    call(*given)
    return encoder._meter.tokens - before


def test_a_text_is_counted_once_as_a_passage_or_as_a_question(encoder):
    assert spent(encoder, encoder.encode_passages, [TEXT]) == TOKENS
    assert spent(encoder, encoder.encode_query, TEXT) == TOKENS
    assert spent(encoder, encoder.encode_passages, []) == 0


def test_no_more_is_counted_than_the_encoder_reads(encoder):
    assert spent(encoder, encoder.encode_passages, [LONG]) == WINDOW


def test_the_shared_encoder_has_the_plain_encoders_name_and_vectors_without_tokens(encoder):
    plain = encoders.build("minilm")
    (vectors,), (expected,) = encoder.encode_passages([TEXT]), plain.encode_passages([TEXT])
    assert (encoder.name, encoder.dimension) == (plain.name, plain.dimension)
    assert np.abs(vectors.vector - expected.vector).max() < 1e-5
    assert np.abs(encoder.encode_query(TEXT).vector - plain.encode_query(TEXT).vector).max() < 1e-5
    assert (len(vectors.rows), len(encoder.encode_query(TEXT).rows)) == (0, 0)
    assert len(expected.rows) > 0
    # The store must not confuse vectors with and without tokens.
    assert WholeTextEncoder(plain).name != plain.name


def test_stored_texts_are_counted_and_their_seconds_are_added(encoder):
    encoder._seconds_per_token = 0.5
    encoder.encode_passages([TEXT])
    assert encoder.saved_seconds == 0.0
    assert spent(encoder, encoder.encode_passages, [TEXT]) == TOKENS
    # Seven tokens take half a second each.
    assert encoder.saved_seconds == pytest.approx(3.5)
    encoder.encode_query(TEXT)
    assert encoder.saved_seconds == pytest.approx(3.5)


def test_the_time_of_a_token_is_measured_on_this_machine(encoder):
    for _ in range(2):
        encoder.encode_passages([TEXT])
    first = encoder.saved_seconds
    assert 0 < first < 60
    encoder.encode_passages([TEXT])
    assert encoder.saved_seconds == pytest.approx(2 * first)
