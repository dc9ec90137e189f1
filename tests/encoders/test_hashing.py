import math

import numpy as np
import pytest

from hiercomp.encoders.hashing import build
from hiercomp.errors import ConfigError


def test_a_word_counts_by_the_logarithm_by_hand():
    encoder = build("4096")
    vector = encoder.encode_passages(["tax tax tax rate"])[0].vector
    weights = sorted(abs(vector[vector != 0]))
    # ln(1 + 1) and ln(1 + 3), to unit length
    length = math.hypot(math.log(2), math.log(4))
    assert weights == pytest.approx([math.log(2) / length, math.log(4) / length])


def test_letter_case_and_order_do_not_matter():
    first, second = build("512").encode_passages(["Tax RATE, 14", "14 rate tax"])
    assert np.array_equal(first.vector, second.vector)


def test_words_that_cancel_out_still_have_a_direction():
    encoder = build("1")
    read = encoder.encode_passages([f"word{number} word{number + 1}" for number in range(20)])
    assert {abs(float(tokens.vector[0])) for tokens in read} == {1.0}


def test_a_token_is_a_word_and_has_the_vector_of_the_word_alone():
    encoder = build("512")
    (tokens,) = encoder.encode_passages(["Tax, the RATE"])
    assert tokens.spans.tolist() == [[0, 3], [5, 8], [9, 13]]
    assert np.array_equal(tokens.rows, [word.vector for word in encoder.encode_passages(["tax", "the", "rate"])])


@pytest.mark.parametrize("argument", ["0", "-3", "wide", "1.5", "²"])
def test_a_dimension_is_a_number_above_zero(argument):
    with pytest.raises(ConfigError, match="takes a dimension, such as hashing/256, not"):
        build(argument)


def test_the_dimension_is_in_the_name():
    assert (build().name, build("32").name) == ("hashing-256", "hashing-32")
