"""Prefer the passages of the sections that a planner chose for a need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from hiercomp.errors import ConfigError
from hiercomp.types import PASSAGE, Hierarchy, Hit, Ranking

CHOSEN_LOG_ODDS = 1.0
"""Added to the log-odds of a passage in a chosen section: its odds grow 2.7 times. A convention, not a fit."""


def favour(hierarchy: Hierarchy, ranking: Ranking, node_ids: Sequence[str]) -> Ranking:
    """Raise the probability of the passages below some nodes.

    Args:
        hierarchy: The hierarchy of the passages.
        ranking: The passages with their probabilities. An empty ranking stays empty.
        node_ids: The nodes that a planner chose: sections, documents or passages.

    Raises:
        ConfigError: the hierarchy has no such node.
    """
    if not node_ids:
        return ranking
    chosen = _passages_below(hierarchy, node_ids)
    if len(chosen) == len(ranking.hits):  # a choice of everything says nothing
        return ranking
    return Ranking.of(_raised(hit) if hit.node_id in chosen else hit for hit in ranking.hits)


def _passages_below(hierarchy: Hierarchy, node_ids: Sequence[str]) -> set[str]:
    by_id = {node.id: node for node in hierarchy.nodes}
    if unknown := [node_id for node_id in node_ids if node_id not in by_id]:
        raise ConfigError(f"the plan names a section that the sources do not have: {unknown[0]!r}; leave it out")
    found: set[str] = set()
    pending = [by_id[node_id] for node_id in node_ids]
    while pending:
        node = pending.pop()
        if node.level == PASSAGE:
            found.add(node.id)
        pending += hierarchy.children(node)
    return found


def _raised(hit: Hit) -> Hit:
    chance = min(max(hit.probability, 1e-9), 1 - 1e-9)
    odds = chance / (1 - chance) * math.exp(CHOSEN_LOG_ODDS)
    return replace(hit, score=odds / (1 + odds), probability=odds / (1 + odds))
