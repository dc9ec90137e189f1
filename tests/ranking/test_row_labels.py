from hiercomp.ranking.row_labels import RowLabels

WEIGHTS = {"total": 1.0, "asset": 2.0, "current": 3.0}


def test_labels_are_compared_by_the_weights_of_their_terms() -> None:
    labels = RowLabels({4: frozenset({"total", "asset"}), 7: frozenset({"total", "current", "asset"}),
                        9: frozenset({"current"}), 11: frozenset()}, WEIGHTS.__getitem__)  # fmt: skip
    numbers, shared, share = labels.match({"total": 1.0, "asset": 2.0, "other": 5.0})
    assert numbers.tolist() == [4, 7]
    assert shared.tolist() == [3.0, 3.0]
    assert share.tolist() == [1.0, 0.5]


def test_without_rows_nothing_matches() -> None:
    assert [each.tolist() for each in RowLabels({}, WEIGHTS.__getitem__).match(WEIGHTS)] == [[], [], []]
