"""Use the tokens that remain at the last hull point within a budget.

At the shadow price λ one hull point fits the budget and the next one does not. The slack is the budget less the tokens
of the first point. Plotted as value over tokens, the two points lie on a line of slope λ, and no choice lies above it.
The loss of a choice is its distance below the line: the sum of the net values that its decisions lose. A choice that
uses the slack well has a small loss, and few nodes have a decision with a small loss.

The search lists all choices between the two hull points whose loss is within an allowance. It is a dynamic program over
the free nodes: those where a decision other than the hull point's is within the allowance. The allowance grows until no
choice outside the list can be better than the best one in it.

A greater budget never gets less value, even if a search is cut off. The list depends on the two hull points and not on
the budget. Each budget takes the best choice in the list that fits. A hull point is the best choice for its tokens.

Source: Everett 1963. The left-to-right dynamic program over a tree: Johnson & Niemi 1983, section 3. Nodes are fixed by
their loss at λ: Pisinger 1995, section 4. Deviation: states are limited by their loss and not by a core of classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hiercomp.allocation.lagrangian import OPENED, Booleans, Floats, Integers, Priced, subtree_tokens, visited

_ALLOWANCE_SHARES = (1 / 64, 1 / 16, 1 / 4, 1.0)
"""The allowances, as shares of the value between the two hull points. Most searches end at the first."""
_MAX_FREE_NODES = 1000
_MAX_STATES = 300_000
"""The most states of one search, divided over its free nodes: about half a second."""


@dataclass(frozen=True, slots=True)
class HullPoint:
    """The last hull point within a budget.

    Attributes:
        priced: The tree at the shadow price.
        choice: The choice of each node.
        tokens: The tokens of each subtree.
        opened_tokens: The tokens of each subtree if its top node were opened and the choices below it stayed the same.
        max_slack: The most tokens that can be added before the next hull point fits.
    """

    priced: Priced
    choice: Integers
    tokens: Integers
    opened_tokens: Integers
    max_slack: int

    @property
    def total_tokens(self) -> int:
        """The tokens of the whole tree."""
        return self.priced.tree.total(self.tokens)


@dataclass(frozen=True, slots=True)
class Filled:
    """The choice of every node. No other choice within the budget has more than `gap` more value."""

    choice: Integers
    gap: float


@dataclass(frozen=True, slots=True)
class _Losses:
    """Losses at the price: of each rung, of opening each node, and the least loss of a choice that changes each node.

    A node's `least` counts the openings above it, and changes anywhere in its subtree.
    """

    rung: Floats
    opening: Floats
    least: Floats


@dataclass(frozen=True, slots=True)
class _States:
    """Partial choices: their tokens above the hull point, their loss, and the log entry of their last decision."""

    tokens: Integers
    loss: Floats
    entry: Integers

    def filtered(self, keep: Booleans | Integers) -> _States:
        return _States(self.tokens[keep], self.loss[keep], self.entry[keep])


@dataclass(frozen=True, slots=True)
class _Options:
    """The decisions of a node within the allowance: its rungs (`closed`) and its opening (`opened`).

    `max_decrease` and `max_increase` are the most tokens that a decision removes from the hull point or adds to it.
    """

    closed: _States
    opened: _States
    max_decrease: int
    max_increase: int


def hull_point_at(priced: Priced, budget: int) -> HullPoint:
    """Return the last hull point within a budget.

    If several choices are best at the price, the nodes change one by one from their cheapest choice to their most
    expensive one, parents first, as long as the budget lasts. A node that is opened starts with the cheapest choices
    below it.
    """
    tree, fewest = priced.tree, priced.fewest_tokens()
    most = priced.most_tokens() if priced.price > 0 else fewest  # at price 0, additional tokens add no value
    cheapest, most_expensive = priced.best_choice(fewest), priced.best_choice(most)
    opened_tokens = subtree_tokens(tree, cheapest)[1]
    changes = np.flatnonzero(visited(tree, most_expensive) & (cheapest != most_expensive))
    costs = (np.where(most_expensive == OPENED, opened_tokens, most) - fewest)[changes]
    totals = tree.total(fewest) + np.cumsum(costs)
    count = int(np.searchsorted(totals, budget, side="right"))
    choice = cheapest.copy()
    choice[changes[:count]] = most_expensive[changes[:count]]
    max_slack = int(costs[count]) - 1 if count < len(changes) else 0
    return HullPoint(priced, choice, *subtree_tokens(tree, choice), max_slack)


def fill(point: HullPoint, budget: int) -> Filled:
    """Return the best choice found between a hull point and a budget."""
    price, tolerance = point.priced.price, point.priced.tree.tolerance
    slack = min(budget - point.total_tokens, point.max_slack)
    losses = _losses(point)
    choice, gain, listed_loss = point.choice, 0.0, 0.0
    for share in _ALLOWANCE_SHARES:
        if price * slack - gain <= listed_loss + tolerance:  # a choice outside the list cannot gain more
            break
        search = _Search(point, losses, share * price * point.max_slack)
        found = search.run()
        index = int(np.searchsorted(found.tokens, slack, side="right")) - 1
        if index >= 0 and price * found.tokens[index] - found.loss[index] > gain + tolerance:
            choice = search.choice_of(int(found.entry[index]))
            gain = float(price * found.tokens[index] - found.loss[index])
        if not search.complete:
            break
        listed_loss = search.allowance
    return Filled(choice, max(0.0, price * slack - gain - listed_loss))


class _Search:
    """One list of the choices whose loss is within an allowance.

    `complete` is False if there were too many of them, so that some are missing from the list.
    """

    def __init__(self, point: HullPoint, losses: _Losses, allowance: float) -> None:
        near = np.flatnonzero(losses.least <= allowance)
        free = near[np.argsort(losses.least[near], kind="stable")[:_MAX_FREE_NODES]]
        self.allowance = allowance
        self.complete = len(free) == len(near)
        self._point = point
        self._losses = losses
        self._free = [int(index) for index in np.sort(free)]
        self._max_states_per_node = _MAX_STATES // max(1, len(free))
        self._log: list[tuple[Integers, Integers]] = []
        self._log_length = 0
        self._options = {index: self._options_of(index) for index in self._free}
        # The most tokens that the free nodes without a decision so far can still remove or add.
        self._max_decrease = sum(option.max_decrease for option in self._options.values())
        self._max_increase = sum(option.max_increase for option in self._options.values())

    def run(self) -> _States:
        """Return the choices found above the hull point. Those with more tokens have more value."""
        states = _States(np.zeros(1, dtype=np.int64), np.zeros(1), np.full(1, -1, dtype=np.int64))
        closed_states: list[_States] = []
        for index, entering in self._traverse():
            option = self._options[index]
            if entering:
                self._max_decrease -= option.max_decrease
                self._max_increase -= option.max_increase
                closed_states.append(self._extend(states, option.closed))
                states = self._extend(states, option.opened)
            else:
                states = self._merge(closed_states.pop(), states)
        return states.filtered((states.tokens > 0) & (states.tokens <= self._point.max_slack))

    def choice_of(self, entry: int) -> Integers:
        """Return the choice of every node, given the log entry of a state's last decision."""
        previous = np.concatenate([row[0] for row in self._log])
        decisions = np.concatenate([row[1] for row in self._log])
        choice = self._point.choice.copy()
        while entry >= 0:
            decision = int(decisions[entry])
            if decision >= 0:
                choice[self._point.priced.tree.owner[decision]] = decision
            else:
                choice[~decision] = OPENED
            entry = int(previous[entry])
        return choice

    def _traverse(self) -> Iterator[tuple[int, bool]]:
        """Yield each free node twice: before (True) and after (False) the free nodes below it."""
        children: dict[int, list[int]] = {}
        for index in self._free:
            children.setdefault(int(self._point.priced.tree.parents[index]), []).append(index)
        pending = [(index, True) for index in reversed(children.get(-1, []))]
        while pending:
            index, entering = pending.pop()
            yield index, entering
            if entering:
                pending.append((index, False))
                pending.extend((child, True) for child in reversed(children.get(index, [])))

    def _options_of(self, index: int) -> _Options:
        """Return the decisions of a free node. An entry is a rung, or `~index` for the opening."""
        point, tree = self._point, self._point.priced.tree
        rungs = np.array(tree.rungs(index))
        rungs = rungs[self._losses.rung[rungs] <= self.allowance]
        closed = _States(tree.tokens[rungs] - point.tokens[index], self._losses.rung[rungs], rungs)
        opens = np.array([index])[self._losses.opening[[index]] <= self.allowance]
        opened = _States(point.opened_tokens[opens] - point.tokens[opens], self._losses.opening[opens], ~opens)
        changes = [0, *closed.tokens.tolist(), *opened.tokens.tolist()]
        return _Options(closed, opened, -min(changes), max(changes))

    def _extend(self, states: _States, decisions: _States) -> _States:
        """Return every state followed by every decision, within the allowance. Each pair becomes a log entry."""
        loss = np.add.outer(decisions.loss, states.loss).ravel()
        keep = np.flatnonzero(loss <= self.allowance)
        decision, state = np.divmod(keep, max(1, len(states.loss)))
        self._log.append((states.entry[state], decisions.entry[decision]))
        entry = np.arange(self._log_length, self._log_length + len(keep))
        self._log_length += len(keep)
        return _States(states.tokens[state] + decisions.tokens[decision], loss[keep], entry)

    def _merge(self, closed: _States, opened: _States) -> _States:
        """Return the useful states of both, by tokens.

        A state is useful if it can still end between the two hull points, and if no state with at most as many tokens
        has at least as much value.
        """
        tokens = np.concatenate([closed.tokens, opened.tokens])
        loss = np.concatenate([closed.loss, opened.loss])
        entry = np.concatenate([closed.entry, opened.entry])
        reachable = (tokens - self._max_decrease <= self._point.max_slack) & (tokens + self._max_increase > 0)
        candidates = np.flatnonzero(reachable)
        order = candidates[np.lexsort((loss[candidates], tokens[candidates]))]
        gain = self._point.priced.price * tokens[order] - loss[order]
        better = np.ones(len(order), dtype=bool)
        better[1:] = gain[1:] > np.maximum.accumulate(gain)[:-1]
        order = order[better]
        if len(order) > self._max_states_per_node:
            self.complete = False
            order = order[np.sort(np.argsort(loss[order], kind="stable")[: self._max_states_per_node])]
        return _States(tokens[order], loss[order], entry[order])


def _losses(point: HullPoint) -> _Losses:
    """Compute the losses of all decisions at the price."""
    tree, priced = point.priced.tree, point.priced
    rung = priced.net_value[tree.owner] - priced.rung_net_value
    rung[rung <= tree.tolerance] = 0.0
    opening = priced.net_value - priced.opened_net_value
    opening[opening <= tree.tolerance] = 0.0
    other_rung = rung.copy()
    other_rung[point.choice[point.choice != OPENED]] = np.inf
    least = np.minimum.reduceat(other_rung, tree.first_rung)
    # An opened node must change below to make a difference. A node that is not opened changes when it is opened.
    change_below = np.where(point.choice == OPENED, np.inf, 0.0)
    for depth in range(len(tree.depths) - 1, -1, -1):
        nodes = tree.depths[depth]
        least[nodes] = np.minimum(least[nodes], opening[nodes] + change_below[nodes])
        if depth:
            np.minimum.at(change_below, tree.parents[nodes], least[nodes])
    opening_above = np.zeros(len(tree.nodes))
    for depth in range(1, len(tree.depths)):
        parents = tree.parents[tree.depths[depth]]
        opening_above[tree.depths[depth]] = opening_above[parents] + opening[parents]
    return _Losses(rung, opening, opening_above + least)
