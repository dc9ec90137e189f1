"""What every encoder must do."""

import numpy as np
import pytest

from hiercomp.errors import ConfigError
from hiercomp.registry import build, names

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
"""Of a component of a vector. An int8 model scales its inputs by the greatest of the batch."""


@pytest.fixture(scope="module", params=names("encoders"))
def encoder(request):
    return build("encoders", request.param)


def test_passages_are_unit_rows_of_float32(encoder):
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-4)


def test_a_text_longer_than_any_window_has_a_vector(encoder):
    vector = encoder.encode_passages(["Revenue rose. " * 1000])[0]
    assert float(vector @ vector) == pytest.approx(1, abs=1e-4)


def test_a_question_is_one_unit_vector_of_float32(encoder):
    for text in (TEXTS[0], "", "\ud800"):
        vector = encoder.encode_query(text)
        assert vector.shape == (encoder.dimension,)
        assert vector.dtype == np.float32
        assert float(vector @ vector) == pytest.approx(1, abs=1e-4)


def test_no_passages_give_no_rows(encoder):
    vectors = encoder.encode_passages([])
    assert vectors.shape == (0, encoder.dimension)
    assert vectors.dtype == np.float32


def test_the_same_texts_give_the_same_vectors(encoder):
    assert np.array_equal(encoder.encode_passages(TEXTS[:3]), encoder.encode_passages(TEXTS[:3]))


def test_a_batch_gives_what_each_text_gives(encoder):
    single = np.vstack([encoder.encode_passages([text]) for text in TEXTS])
    tolerance = next((each for name, each in BATCH_TOLERANCE.items() if name in type(encoder).__module__), 1e-5)
    assert np.abs(single - encoder.encode_passages(TEXTS)).max() <= tolerance


def test_a_text_is_closest_to_itself_and_close_to_its_like(encoder):
    texts = [
        "The effective tax rate was 14 percent.",
        "The effective tax rate fell to 14 percent.",
        "Cats sleep all day.",
    ]
    vectors = encoder.encode_passages(texts)
    cosines = vectors @ vectors.T
    assert (cosines.argmax(axis=1) == np.arange(3)).all()
    assert cosines[0, 1] > max(cosines[0, 2], 0.5)
    # A query and a passage are of one space.
    assert (vectors @ encoder.encode_query(texts[0])).argmax() == 0


def test_an_encoder_has_a_name_that_tells_its_model(encoder):
    assert encoder.name
    assert encoder.name == encoder.name.strip()


@pytest.mark.parametrize("name", [name for name in names("encoders") if name != "sentence_transformers"])
def test_a_wrong_argument_is_refused(name):
    with pytest.raises(ConfigError, match=r"not 'no.such'"):
        build("encoders", f"{name}/no.such")
