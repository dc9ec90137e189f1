"""The contract of encoders."""

import numpy as np
import pytest

from hiercomp import encoders
from hiercomp.errors import ConfigError
from hiercomp.registry import names

TEXTS = [
    "The effective tax rate was 14.8 % in fiscal 2022.",
    "",
    " \n",
    "Revenue rose. " * 40,
    "税率为百分之十四。",
    "ما هو معدل الضريبة؟",
    "👩‍👩‍👧‍👦 🇩🇪",
    "lone \ud800 surrogate",
    "a\x00b\x1b[31m",
    "<|endoftext|> [SEP] [CLS]",
]
BATCH_TOLERANCE = {"minilm": 1e-2}
"""Tolerance of each component of a vector, 1e-5 by default. An int8 model scales its inputs by the batch's maximum."""
TOKEN_COSINE = {"minilm": 0.99}
"""Least cosine of a token's vectors in a batch and alone, 1 - 1e-5 by default."""
WITHOUT_TOKENS = {"e5"}
"""Encoders that return no vectors of tokens."""


@pytest.fixture(scope="module", params=names("encoders"))
def encoder(request):
    return encoders.build(request.param)


def named(encoder, values, default):
    """Return the value for the encoder's module."""
    return next((value for name, value in values.items() if name in type(encoder).__module__), default)


def is_without_tokens(encoder):
    return any(type(encoder).__module__.endswith(f".{name}") for name in WITHOUT_TOKENS)


def vectors_of(encoder, texts):
    return np.vstack([tokens.vector for tokens in encoder.encode_passages(texts)])


def test_passages_have_unit_vectors_of_float32(encoder):
    read = encoder.encode_passages(TEXTS)
    assert len(read) == len(TEXTS)
    for tokens in read:
        assert (tokens.vector.shape, tokens.vector.dtype) == ((encoder.dimension,), np.float32)
        assert np.linalg.norm(tokens.vector) == pytest.approx(1, abs=1e-4)


def test_a_text_longer_than_any_window_has_a_vector(encoder):
    (tokens,) = encoder.encode_passages(["Revenue rose. " * 1000])
    assert float(tokens.vector @ tokens.vector) == pytest.approx(1, abs=1e-4)


def test_a_question_has_a_unit_vector_of_float32(encoder):
    for text in (TEXTS[0], "", "\ud800"):
        vector = encoder.encode_query(text).vector
        assert vector.shape == (encoder.dimension,)
        assert vector.dtype == np.float32
        assert float(vector @ vector) == pytest.approx(1, abs=1e-4)


def test_no_passages_give_nothing(encoder):
    assert encoder.encode_passages([]) == []


def test_the_same_texts_give_the_same_vectors(encoder):
    assert np.array_equal(vectors_of(encoder, TEXTS[:3]), vectors_of(encoder, TEXTS[:3]))


def test_a_batch_gives_what_each_text_gives(encoder):
    single = np.vstack([vectors_of(encoder, [text]) for text in TEXTS])
    assert np.abs(single - vectors_of(encoder, TEXTS)).max() <= named(encoder, BATCH_TOLERANCE, 1e-5)


def test_a_text_is_closest_to_itself_and_close_to_its_like(encoder):
    texts = [
        "The effective tax rate was 14 percent.",
        "The effective tax rate fell to 14 percent.",
        "Cats sleep all day.",
    ]
    vectors = vectors_of(encoder, texts)
    cosines = vectors @ vectors.T
    assert (cosines.argmax(axis=1) == np.arange(3)).all()
    assert cosines[0, 1] > max(cosines[0, 2], 0.5)
    # A query and a passage are of one space.
    assert (vectors @ encoder.encode_query(texts[0]).vector).argmax() == 0


def test_an_encoder_has_a_name_that_tells_its_model(encoder):
    assert encoder.name
    assert encoder.name == encoder.name.strip()


def test_tokens_are_unit_rows_each_with_its_place_in_the_text(encoder):
    read = [*encoder.encode_passages(TEXTS), *map(encoder.encode_query, TEXTS)]
    for text, tokens in zip(TEXTS * 2, read, strict=True):
        assert (tokens.vector.shape, tokens.vector.dtype) == ((encoder.dimension,), np.float32)
        assert (tokens.rows.shape, tokens.rows.dtype) == ((len(tokens.spans), encoder.dimension), np.float32)
        assert (tokens.spans.shape, tokens.spans.dtype) == ((len(tokens.rows), 2), np.int32)
        assert np.linalg.norm(tokens.rows, axis=1) == pytest.approx(np.ones(len(tokens.rows)), abs=1e-4)
        starts, ends = tokens.spans.T
        assert (starts < ends).all()
        assert (np.diff(starts) >= 0).all()
        assert (np.diff(ends) >= 0).all()
        assert ((starts >= 0) & (ends <= len(text))).all()


def test_letters_and_digits_are_read_or_there_are_no_tokens(encoder):
    text = TEXTS[0]
    letters = {place for place, character in enumerate(text) if character.isalnum()}
    for tokens in (encoder.encode_passages([text])[0], encoder.encode_query(text)):
        read = {place for start, end in tokens.spans for place in range(start, end)}
        assert not read if is_without_tokens(encoder) else letters <= read <= set(range(len(text)))


def test_a_text_without_words_has_its_vector_and_no_tokens(encoder):
    for tokens in (*encoder.encode_passages(["", " \n"]), encoder.encode_query("")):
        assert (tokens.spans.shape, tokens.rows.shape) == ((0, 2), (0, encoder.dimension))
        assert float(tokens.vector @ tokens.vector) == pytest.approx(1, abs=1e-4)


def test_of_a_text_longer_than_any_window_the_beginning_is_read(encoder):
    text = "Revenue rose. " * 1000
    (tokens,) = encoder.encode_passages([text])
    assert len(tokens.rows) == len(tokens.spans)
    if not is_without_tokens(encoder):
        assert tuple(tokens.spans[0]) == (0, len("Revenue"))
        assert tokens.spans.max() <= len(text)
        # Tokens follow each other with only blanks between them.
        assert (tokens.spans[1:, 0] - tokens.spans[:-1, 1]).max() <= 2


def test_no_texts_have_no_tokens(encoder):
    assert encoder.encode_passages([]) == []


def test_tokens_stand_in_the_order_of_the_texts_and_are_those_of_each_text_alone(encoder):
    texts = [TEXTS[3], *TEXTS[:2], TEXTS[4]]
    least = named(encoder, TOKEN_COSINE, 1 - 1e-5)
    for text, tokens in zip(texts, encoder.encode_passages(texts), strict=True):
        (alone,) = encoder.encode_passages([text])
        assert np.array_equal(tokens.spans, alone.spans)
        assert (tokens.rows * alone.rows).sum(axis=1).min(initial=1) >= least


@pytest.mark.parametrize("name", [name for name in names("encoders") if name != "sentence_transformers"])
def test_a_wrong_argument_is_refused(name):
    with pytest.raises(ConfigError, match=r"not 'no.such'"):
        encoders.build(f"{name}/no.such")
