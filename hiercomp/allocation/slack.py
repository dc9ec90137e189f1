"""The tokens that are left at a price, spent as well as can be proved.

At the budget's price λ some choice fits and the next one on the hull does not. Every other choice of the tree loses
something at λ, the sum of what its decisions lose, so it is worth at most the hull's line less that loss. The search
lists all choices between the two hull points that lose less than an allowance, one dynamic program over the few nodes
that have such a choice, and widens the allowance until what is found cannot be beaten.

What is listed does not depend on the budget, only on the two hull points around it. A hull point is the best choice for
its tokens. So a greater budget is never worth less, proved or not.

Source: Everett 1963; the left-to-right dynamic program over a tree is Johnson & Niemi 1983, section 3; fixing by the
loss at λ is Pisinger 1995, section 4. Deviation: states are bounded by their loss, not by a core of classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hiercomp.allocation.lagrangian import OPENED, Booleans, Floats, Integers, Priced, subtree_tokens, visited

_ALLOWANCES = (1 / 64, 1 / 16, 1 / 4, 1.0)  # shares of the hull step's worth; most searches end at the first
_LOOSE_NODES = 1000
_STATES = 300_000  # states of one search at most, shared by its nodes: about half a second


@dataclass(frozen=True, slots=True)
class Step:
    """The hull point under a budget: its choice, tokens a subtree, and the most tokens before the next hull point.

    `opened_tokens` is what a subtree takes when its top node is opened and all below it stays as chosen.
    """

    priced: Priced
    choice: Integers
    tokens: Integers
    opened_tokens: Integers
    room: int

    @property
    def total(self) -> int:
        """The tokens of the hull point."""
        return self.priced.tree.total(self.tokens)


@dataclass(frozen=True, slots=True)
class Filled:
    """The choice of every node, and how much more any other choice within the budget could be worth."""

    choice: Integers
    gap: float


@dataclass(frozen=True, slots=True)
class _Losses:
    """What decisions lose at the price: each rung, opening each node, and the least that differs in its subtree."""

    rung: Floats
    opening: Floats
    least: Floats


@dataclass(frozen=True, slots=True)
class _States:
    """Partial choices: tokens above the hull point, loss, and the entry of their last decision in the log."""

    tokens: Integers
    loss: Floats
    entry: Integers

    def filtered(self, keep: Booleans | Integers) -> _States:
        return _States(self.tokens[keep], self.loss[keep], self.entry[keep])


@dataclass(frozen=True, slots=True)
class _Options:
    """What a node can do: show one of its rungs, be opened, and the most tokens either takes off or adds."""

    closed: _States
    opened: _States
    fall: int
    rise: int


def step_at(priced: Priced, budget: int) -> Step:
    """The last hull point within a budget.

    Where several choices are best at the price, nodes go over to the dearest one by one in the tree's order, above
    before below; a node that is opened opens with the cheapest choices below it.
    """
    tree, fewest = priced.tree, priced.fewest()
    most = priced.most() if priced.price > 0 else fewest  # where tokens are free, more of them add nothing
    cheapest, dearest = priced.choice(fewest), priced.choice(most)
    opened_tokens = subtree_tokens(tree, cheapest)[1]
    swaps = np.flatnonzero(visited(tree, dearest) & (cheapest != dearest))
    sizes = (np.where(dearest == OPENED, opened_tokens, most) - fewest)[swaps]
    reached = tree.total(fewest) + np.cumsum(sizes)
    count = int(np.searchsorted(reached, budget, side="right"))
    choice = cheapest.copy()
    choice[swaps[:count]] = dearest[swaps[:count]]
    room = int(sizes[count]) - 1 if count < len(swaps) else 0
    return Step(priced, choice, *subtree_tokens(tree, choice), room)


def fill(step: Step, budget: int) -> Filled:
    """The best choice found between the hull point and the budget."""
    price, tolerance = step.priced.price, step.priced.tree.tolerance
    slack = min(budget - step.total, step.room)
    losses = _losses(step)
    choice, gain, listed = step.choice, 0.0, 0.0
    for share in _ALLOWANCES:
        if price * slack - gain <= listed + tolerance:
            break
        search = _Search(step, losses, share * price * step.room)
        found = search.run()
        index = int(np.searchsorted(found.tokens, slack, side="right")) - 1
        if index >= 0 and price * found.tokens[index] - found.loss[index] > gain + tolerance:
            choice = search.choice_of(int(found.entry[index]))
            gain = float(price * found.tokens[index] - found.loss[index])
        if not search.complete:
            break
        listed = search.allowance
    return Filled(choice, max(0.0, price * slack - gain - listed))


class _Search:
    """One listing of the choices that lose no more than an allowance; incomplete if there were too many."""

    def __init__(self, step: Step, losses: _Losses, allowance: float) -> None:
        near = np.flatnonzero(losses.least <= allowance)
        loose = near[np.argsort(losses.least[near], kind="stable")[:_LOOSE_NODES]]
        self.allowance = allowance
        self.complete = len(loose) == len(near)
        self._step = step
        self._losses = losses
        self._loose = [int(index) for index in np.sort(loose)]
        self._width = _STATES // max(1, len(loose))
        self._log: list[tuple[Integers, Integers]] = []
        self._logged = 0
        self._options = {index: self._options_of(index) for index in self._loose}
        self._falls = sum(option.fall for option in self._options.values())
        self._rises = sum(option.rise for option in self._options.values())

    def run(self) -> _States:
        """The choices found above the hull point: more tokens are always worth more."""
        states = _States(np.zeros(1, dtype=np.int64), np.zeros(1), np.full(1, -1, dtype=np.int64))
        held: list[_States] = []
        for index, entering in self._walk():
            option = self._options[index]
            if entering:
                self._falls -= option.fall
                self._rises -= option.rise
                held.append(self._decided(states, option.closed))
                states = self._decided(states, option.opened)
            else:
                states = self._best(held.pop(), states)
        return states.filtered((states.tokens > 0) & (states.tokens <= self._step.room))

    def choice_of(self, entry: int) -> Integers:
        """The choice of every node that a logged state stands for."""
        previous = np.concatenate([row[0] for row in self._log])
        decisions = np.concatenate([row[1] for row in self._log])
        choice = self._step.choice.copy()
        while entry >= 0:
            decision = int(decisions[entry])
            if decision >= 0:
                choice[self._step.priced.tree.owner[decision]] = decision
            else:
                choice[~decision] = OPENED
            entry = int(previous[entry])
        return choice

    def _walk(self) -> Iterator[tuple[int, bool]]:
        """Each loose node on the way down and on the way up."""
        children: dict[int, list[int]] = {}
        for index in self._loose:
            children.setdefault(int(self._step.priced.tree.parents[index]), []).append(index)
        pending = [(index, True) for index in reversed(children.get(-1, []))]
        while pending:
            index, entering = pending.pop()
            yield index, entering
            if entering:
                pending.append((index, False))
                pending.extend((child, True) for child in reversed(children.get(index, [])))

    def _options_of(self, index: int) -> _Options:
        """What a loose node can do within the allowance."""
        step, tree = self._step, self._step.priced.tree
        rungs = np.array(tree.rungs(index))
        rungs = rungs[self._losses.rung[rungs] <= self.allowance]
        closed = _States(tree.tokens[rungs] - step.tokens[index], self._losses.rung[rungs], rungs)
        opens = np.array([index])[self._losses.opening[[index]] <= self.allowance]
        opened = _States(step.opened_tokens[opens] - step.tokens[opens], self._losses.opening[opens], ~opens)
        changes = [0, *closed.tokens.tolist(), *opened.tokens.tolist()]
        return _Options(closed, opened, -min(changes), max(changes))

    def _decided(self, states: _States, decisions: _States) -> _States:
        """Every state after every decision, within the allowance."""
        loss = np.add.outer(decisions.loss, states.loss).ravel()
        keep = np.flatnonzero(loss <= self.allowance)
        which, before = np.divmod(keep, max(1, len(states.loss)))
        self._log.append((states.entry[before], decisions.entry[which]))
        entry = np.arange(self._logged, self._logged + len(keep))
        self._logged += len(keep)
        return _States(states.tokens[before] + decisions.tokens[which], loss[keep], entry)

    def _best(self, closed: _States, opened: _States) -> _States:
        """The states of both that no other is better than, that can still end above the hull point and in the room."""
        tokens = np.concatenate([closed.tokens, opened.tokens])
        loss = np.concatenate([closed.loss, opened.loss])
        entry = np.concatenate([closed.entry, opened.entry])
        open_ended = np.flatnonzero((tokens - self._falls <= self._step.room) & (tokens + self._rises > 0))
        order = open_ended[np.lexsort((loss[open_ended], tokens[open_ended]))]
        gain = self._step.priced.price * tokens[order] - loss[order]
        better = np.ones(len(order), dtype=bool)
        better[1:] = gain[1:] > np.maximum.accumulate(gain)[:-1]
        order = order[better]
        if len(order) > self._width:
            self.complete = False
            order = order[np.sort(np.argsort(loss[order], kind="stable")[: self._width])]
        return _States(tokens[order], loss[order], entry[order])


def _losses(step: Step) -> _Losses:
    """What each decision loses at the price, and the least that a node's path and subtree lose when they differ."""
    tree, priced = step.priced.tree, step.priced
    rung = priced.worth[tree.owner] - priced.rung_worth
    rung[rung <= tree.tolerance] = 0.0
    opening = priced.worth - priced.open_worth
    opening[opening <= tree.tolerance] = 0.0
    other = rung.copy()
    other[step.choice[step.choice != OPENED]] = np.inf
    least = np.minimum.reduceat(other, tree.first)
    within = np.where(step.choice == OPENED, np.inf, 0.0)  # to open a node that the choice closes differs already
    for depth in range(len(tree.depths) - 1, -1, -1):
        here = tree.depths[depth]
        least[here] = np.minimum(least[here], opening[here] + within[here])
        if depth:
            np.minimum.at(within, tree.parents[here], least[here])
    reach = np.zeros(len(tree.nodes))
    for depth in range(1, len(tree.depths)):
        above = tree.parents[tree.depths[depth]]
        reach[tree.depths[depth]] = reach[above] + opening[above]
    return _Losses(rung, opening, reach + least)
