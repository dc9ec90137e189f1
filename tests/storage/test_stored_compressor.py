import pytest

from hiercomp.storage.store import Store
from hiercomp.storage.stored_compressor import StoredCompressor


class FirstWords:
    """A compressor that keeps as many words as there are tokens, and fails for a text that says so."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def compress(self, texts: list[str], max_tokens: int) -> list[str]:
        self.texts += texts
        if "fail" in texts:
            raise ValueError("failed")
        return [" ".join(text.split()[:max_tokens]) for text in texts]


def stored(inner: FirstWords, store: Store, name: str = "first words") -> StoredCompressor:
    return StoredCompressor(inner, name, store, lambda done, total: None)


def test_a_text_is_compressed_once_for_each_limit_and_name() -> None:
    inner = FirstWords()
    with Store.memory() as store:
        assert stored(inner, store).compress(["a b c", "d e f", "a b c"], 2) == ["a b", "d e", "a b"]
        assert stored(inner, store).compress(["a b c"], 2) == ["a b"]
        assert inner.texts == ["a b c", "d e f"]
        assert stored(inner, store).compress(["a b c"], 1) == ["a"]
        assert stored(inner, store, "another").compress(["a b c"], 2) == ["a b"]
        assert inner.texts == ["a b c", "d e f", "a b c", "a b c"]


def test_each_step_is_reported() -> None:
    steps: list[tuple[int, int]] = []
    with Store.memory() as store:
        compressor = StoredCompressor(FirstWords(), "x", store, lambda done, total: steps.append((done, total)))
        compressor.compress(["a", "b"], 5)
    assert steps == [(0, 2), (1, 2)]


def test_a_summary_is_kept_if_a_later_text_fails() -> None:
    inner = FirstWords()
    with Store.memory() as store:
        with pytest.raises(ValueError, match="failed"):
            stored(inner, store).compress(["a b", "fail"], 1)
        assert stored(inner, store).compress(["a b"], 1) == ["a"]
    assert inner.texts == ["a b", "fail"]
