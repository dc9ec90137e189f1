"""The labels of table rows, found by the terms of a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray


class RowLabels:
    """The labels of rows with the weights of their terms."""

    def __init__(self, labels: Mapping[int, frozenset[str]], weigh: Callable[[str], float]) -> None:
        """Index labels.

        Args:
            labels: the terms of each row's label, by the number of the row's sentence.
            weigh: returns the weight of a term.
        """
        self._numbers = np.array(list(labels), dtype=np.intp)
        postings: dict[str, list[int]] = {}
        for row, terms in enumerate(labels.values()):
            for term in terms:
                postings.setdefault(term, []).append(row)
        self._postings = {term: np.array(rows, dtype=np.intp) for term, rows in postings.items()}
        self._weights = np.zeros(len(labels))
        for term, rows in self._postings.items():
            self._weights[rows] += weigh(term)

    def match(self, weights: Mapping[str, float]) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
        """Compare the labels with the terms of a question, given the weight of each term.

        Returns:
            The numbers of the rows that share a term with the question, the weight of the shared terms, and their
            share (0 to 1) of the weight of the label.
        """
        shared = np.zeros(len(self._numbers))
        for term, weight in weights.items():
            if term in self._postings:
                shared[self._postings[term]] += weight
        rows = np.flatnonzero(shared)
        return self._numbers[rows], shared[rows], shared[rows] / self._weights[rows]
