import pytest

from hiercomp import registry
from hiercomp.errors import ModelError


def test_a_model_that_cannot_be_had_is_one_clear_error(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(ModelError, match=r"no embedding model 'no-such/model': .*--embedding minilm") as caught:
        registry.build("encoders", "sentence_transformers/no-such/model")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_model_is_one_clear_error(tmp_path):
    with pytest.raises(ModelError, match="no embedding model"):
        registry.build("encoders", f"sentence_transformers/{tmp_path}")
