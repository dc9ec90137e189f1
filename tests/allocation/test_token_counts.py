from collections.abc import Sequence

from hiercomp.allocation.token_counts import RememberedCounts


def test_each_text_is_counted_once() -> None:
    counted: list[str] = []

    def letters(texts: Sequence[str]) -> list[int]:
        counted.extend(texts)
        return [len(text) for text in texts]

    counts = RememberedCounts(letters)
    assert counts(["one", "three", "one"]) == [3, 5, 3]
    assert counts(["three", "seven!"]) == [5, 6]
    assert counts(["one"]) == [3]
    assert counted == ["one", "three", "seven!"]


def test_no_texts_have_no_counts() -> None:
    assert RememberedCounts(lambda texts: [1 / 0 for _ in texts])([]) == []
