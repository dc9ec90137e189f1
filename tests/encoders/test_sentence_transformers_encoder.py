import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from hiercomp import registry
from hiercomp.encoders.sentence_transformers import Hardware, SentenceTransformers, _unit, packaged
from hiercomp.errors import ModelError

CPU = Hardware("cpu", torch.float32, 32)


def test_a_model_that_cannot_be_had_is_one_clear_error(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(ModelError, match=r"no embedding model 'no-such/model': .*--embedding minilm") as caught:
        registry.build("encoders", "sentence_transformers/no-such/model")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_model_is_one_clear_error(tmp_path):
    with pytest.raises(ModelError, match="no embedding model"):
        registry.build("encoders", f"sentence_transformers/{tmp_path}")


@pytest.mark.parametrize(
    ("cuda", "mps", "bfloat16", "chosen"),
    [
        (False, False, False, CPU),
        (False, False, True, CPU),
        (True, False, False, Hardware("cuda", torch.float16, 256)),
        (True, False, True, Hardware("cuda", torch.bfloat16, 256)),
        (True, True, False, Hardware("cuda", torch.float16, 256)),
        (False, True, False, Hardware("mps", torch.float16, 256)),
        (False, True, True, Hardware("mps", torch.float16, 256)),
    ],
)
def test_the_fastest_hardware_is_chosen_and_half_precision_only_on_a_gpu(cuda, mps, bfloat16, chosen):
    assert Hardware.choose(cuda=cuda, mps=mps, bfloat16=bfloat16) == chosen


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
def test_vectors_of_half_precision_are_float32_of_unit_length_and_have_a_name_of_their_own(precision):
    texts = ["The tax rate rose to 24.2 percent.", "Profits were taxed at a higher rate.", "A cat sleeps on the sofa."]
    full, half = (
        SentenceTransformers(SentenceTransformer(str(packaged()), device="cpu").to(kind), "m", Hardware("cpu", kind, 2))
        for kind in (torch.float32, precision)
    )
    assert full.name == "sentence-transformers/m"
    assert half.name == f"sentence-transformers/m {'float16' if precision == torch.float16 else 'bfloat16'}"
    for exact, rounded in zip(full.encode_passages(texts), half.encode_passages(texts), strict=True):
        assert rounded.vector.dtype == rounded.rows.dtype == np.float32
        assert np.linalg.norm(rounded.vector) == pytest.approx(1, abs=1e-5)
        assert float(exact.vector @ rounded.vector) > 0.999
        assert (exact.rows * rounded.rows).sum(axis=1).min() > 0.99


def test_numbers_beyond_a_models_precision_are_an_error_and_no_vector():
    # The length of (3, 4) is 5.
    assert _unit([[3.0, 4.0]]) == pytest.approx(np.array([[0.6, 0.8]]))
    with pytest.raises(ModelError, match="exceed its number format"):
        _unit([[1.0, float("inf")]])
