"""A cut of the tree that grows by one rendering at a time and stays valid."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hiercomp.allocation.lagrangian import OPENED, Integers, LadderTree, subtree_tokens, visited


class Cut:
    """A cut and its number of tokens.

    If a node is shown, the nodes below it are not. The heading of an opened node is counted once.
    """

    def __init__(self, tree: LadderTree, choice: Integers | None = None) -> None:
        self._tree = tree
        self.choice = (
            tree.first_rung.copy() if choice is None else np.where(visited(tree, choice), choice, tree.first_rung)
        )
        self.tokens = tree.total(subtree_tokens(tree, self.choice)[0])

    def take_best_first(self, rungs: Iterable[int], limit: int) -> None:
        """Take rungs by value per token until the cut has `limit` tokens. Rungs that do not fit are skipped."""
        for rung in self._best_first(rungs):
            cost = self._cost(rung)
            if cost is not None and self.tokens + cost <= limit:
                self._take(rung, cost)

    def take_until_full(self, rungs: Iterable[int], limit: int) -> None:
        """Take rungs by value per token and stop at the first rung that does not fit."""
        for rung in self._best_first(rungs):
            cost = self._cost(rung)
            if cost is not None and self.tokens + cost > limit:
                break
            if cost is not None:
                self._take(rung, cost)

    def _best_first(self, rungs: Iterable[int]) -> list[int]:
        density = self._tree.values / np.maximum(self._tree.tokens, 1)
        return sorted(rungs, key=lambda rung: (-density[rung], rung))

    def _cost(self, rung: int) -> int | None:
        """Return the tokens that a rung adds, or None if the cut cannot hold it or already shows a better rung."""
        tree = self._tree
        index = int(tree.owner[rung])
        if self.choice[index] == OPENED or rung <= self.choice[index] or tree.values[rung] <= 0:
            return None
        cost = int(tree.tokens[rung] - tree.tokens[self.choice[index]])
        parent = int(tree.parents[index])
        while parent >= 0 and self.choice[parent] != OPENED:
            if self.choice[parent] != tree.first_rung[parent]:
                return None
            cost += int(tree.openings[parent])
            parent = int(tree.parents[parent])
        return cost

    def _take(self, rung: int, cost: int) -> None:
        self.tokens += cost
        index = int(self._tree.owner[rung])
        self.choice[index] = rung
        parent = int(self._tree.parents[index])
        while parent >= 0 and self.choice[parent] != OPENED:
            self.choice[parent] = OPENED
            parent = int(self._tree.parents[parent])
