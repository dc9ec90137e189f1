from collections.abc import Sequence

from hiercomp.allocation.token_counts import RememberedCounts


def test_each_text_is_counted_once() -> None:
    asked: list[str] = []

    def letters(texts: Sequence[str]) -> list[int]:
        asked.extend(texts)
        return [len(text) for text in texts]

    counts = RememberedCounts(letters)
    assert counts(["one", "three", "one"]) == [3, 5, 3]
    assert counts(["three", "seven!"]) == [5, 6]
    assert counts(["one"]) == [3]
    assert asked == ["one", "three", "seven!"]


def test_nothing_asked_is_nothing_counted() -> None:
    assert RememberedCounts(lambda texts: [1 / 0 for _ in texts])([]) == []
