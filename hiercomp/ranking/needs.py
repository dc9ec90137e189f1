"""Join the rankings of a plan's needs: the probability that a passage or a sentence is evidence for any of them.

The needs are taken as independent: P(any) = 1 - Π(1 - certainty · P(need)), the noisy-or. A logistic model corrects
the result, so that it stays calibrated. `eval/fit_plans.py` fits the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hiercomp.ranking.evidence import (
    UNREMARKABLE,
    Features,
    Lexicon,
    Logistic,
    fitted,
    overview,
    sentence_probabilities,
)
from hiercomp.ranking.look_up import look_up
from hiercomp.text.chunking import weighted_bytes
from hiercomp.text.tables import Place
from hiercomp.types import PASSAGE, Evidence, Hierarchy, Hit, Plan, Ranking

ANY_FEATURES = ("noisy_or", "needs")
Probabilities = Mapping[str, tuple[float, ...]]
"""The probability of each sentence of a passage, by the passage's id."""
OFFERED_TOKENS_PER_BUDGET_TOKEN = 6
"""Passages are shortlisted until they hold this many times the budget; those that rank below cannot be chosen."""
MINIMUM_BUDGET = 512
"""Smaller budgets get the shortlist of this many tokens, so that their errors name the same least budget."""


def join(hierarchy: Hierarchy, rankings: Sequence[Ranking], certainties: Sequence[float] = ()) -> Ranking:
    """Rank passages by the probability that they hold evidence for any need.

    The scores of a passage are those of the need that it most probably holds evidence for. If nothing was found for
    any need, the passages that represent their documents best come first.

    Args:
        hierarchy: The hierarchy of the passages.
        rankings: One ranking for each need, with calibrated probabilities.
        certainties: The certainty of each need; 1 if not given.
    """
    weights = certainties or [1.0] * len(rankings)
    found = [(ranking, weight) for ranking, weight in zip(rankings, weights, strict=True) if ranking.hits]
    if not found:
        return _overview(hierarchy)
    if len(found) == 1:
        return found[0][0]
    hits = [{hit.node_id: hit for hit in ranking.hits} for ranking, _ in found]
    order = list(hits[0])
    rows = np.array(
        [
            [weight * each[node_id].probability for node_id in order]
            for each, (_, weight) in zip(hits, found, strict=True)
        ]
    )
    probabilities = any_need(rows, fitted("passage/any")).tolist()
    best = [hits[need][node_id] for need, node_id in zip(rows.argmax(axis=0).tolist(), order, strict=True)]
    return Ranking.of(
        replace(hit, score=probability, probability=probability)
        for hit, probability in zip(best, probabilities, strict=True)
    )


def _overview(hierarchy: Hierarchy) -> Ranking:
    """Rank passages by the value of their most representative sentence."""
    values = overview(hierarchy)
    scores = {
        node.id: max((values.get((node.document_id, span), 0.0) for span in node.sentences), default=0.0)
        for node in hierarchy.level(PASSAGE)
    }
    return Ranking.of(Hit(node_id, score, score) for node_id, score in scores.items())


def shortlist(hierarchy: Hierarchy, ranking: Ranking, budget: int) -> Ranking:
    """Return the best hits that contain a sentence, until they hold several times the budget."""
    hits = []
    room = 4 * OFFERED_TOKENS_PER_BUDGET_TOKEN * max(budget, MINIMUM_BUDGET)
    for hit in ranking.hits:
        if room <= 0:
            break
        node = hierarchy.node(hit.node_id)
        if node.sentences:
            hits.append(hit)
            room -= weighted_bytes(node.text)
    return Ranking(tuple(hits))


def gather(
    hierarchy: Hierarchy, plan: Plan, rankings: Sequence[Ranking], shortlisted: Ranking, lexicon: Lexicon
) -> Evidence:
    """Return the probability that each sentence of the shortlisted passages is evidence, for each need and for any.

    Without needs, the probabilities are the values of `overview`.
    """
    if not plan.needs:
        values = overview(hierarchy)
        nodes = [hierarchy.node(hit.node_id) for hit in shortlisted.hits]
        return Evidence(
            {
                node.id: tuple(values.get((node.document_id, span), UNREMARKABLE) for span in node.sentences)
                for node in nodes
            }
        )
    named = [look_up(hierarchy, need.text, lexicon) for need in plan.needs]
    shortlisted = _with_named(shortlisted, rankings, named)
    names = dict.fromkeys(hit.node_id for hit in shortlisted.hits)
    by_need = [
        sentence_probabilities(Ranking(tuple(hit for hit in ranking.hits if hit.node_id in names)), need.text, lexicon)
        for need, ranking in zip(plan.needs, rankings, strict=True)
    ]
    if not any(by_need):  # nothing was found, so that only the words of the sentences are left to compare
        by_need[0] = sentence_probabilities(shortlisted, plan.needs[0].text, lexicon)
    raised = [_raise_named(need, places) for need, places in zip(by_need, named, strict=True)]
    found = [(need, weight) for need, weight in zip(raised, plan.certainties, strict=True) if need]
    joint = _joint(shortlisted, found)
    return Evidence(spread(hierarchy, joint) if plan.is_global else joint, tuple(raised))


def _with_named(shortlisted: Ranking, rankings: Sequence[Ranking], named: Sequence[Mapping[Place, float]]) -> Ranking:
    """Add the passages of the sentences that the needs name exactly to a shortlist."""
    ranked = {hit.node_id: hit for ranking in rankings for hit in ranking.hits}
    present = {hit.node_id for hit in shortlisted.hits}
    node_ids = dict.fromkeys(node_id for places in named for node_id, _ in places)
    added = (ranked[node_id] for node_id in node_ids if node_id in ranked and node_id not in present)
    return Ranking((*shortlisted.hits, *added))


def _raise_named(probabilities: Probabilities, named: Mapping[Place, float]) -> Probabilities:
    """Return probabilities in which the sentences that a need names exactly have at least those of the look-up."""
    raised = {node_id: list(values) for node_id, values in probabilities.items()}
    for (node_id, index), probability in named.items():
        if node_id in raised:
            raised[node_id][index] = max(raised[node_id][index], probability)
    return {node_id: tuple(values) for node_id, values in raised.items()}


def _joint(shortlisted: Ranking, by_need: Sequence[tuple[Probabilities, float]]) -> dict[str, tuple[float, ...]]:
    """Return the probability that each sentence of the passages is evidence for any need, given their certainties."""
    order = [hit.node_id for hit in shortlisted.hits]
    if not order:
        return {}
    rows = np.array([[chance for node_id in order for chance in need[node_id]] for need, _ in by_need])
    weights = np.array([[weight] for _, weight in by_need]) if len(by_need) > 1 else 1.0
    probabilities = any_need(rows * weights, fitted("sentence/any")).tolist()
    joint = {}
    position = 0
    for node_id in order:
        end = position + len(by_need[0][0][node_id])
        joint[node_id] = tuple(probabilities[position:end])
        position = end
    return joint


def any_need(probabilities: NDArray[np.float64], model: Logistic) -> NDArray[np.float64]:
    """Return the calibrated probability of being evidence for any need.

    Args:
        probabilities: (m, n), for each need the probabilities of the same n passages or sentences.
        model: The correction of the noisy-or, from its log-odds and the logarithm of the number of needs. The needs of
            a plan are not independent, and some ask for what the document does not have. A single need is not
            corrected, because its probabilities are calibrated.
    """
    return probabilities[0] if len(probabilities) == 1 else model.probability(any_features(probabilities))


def any_features(probabilities: NDArray[np.float64]) -> Features:
    """Compute (n, 2) float64, the columns `ANY_FEATURES`, from the probabilities (m, n) of m needs."""
    noisy_or = np.clip(1 - np.prod(1 - probabilities, axis=0), 1e-9, 1 - 1e-9)
    return np.column_stack([np.log(noisy_or / (1 - noisy_or)), np.full(len(noisy_or), math.log(len(probabilities)))])


def spread(hierarchy: Hierarchy, probabilities: Probabilities) -> dict[str, tuple[float, ...]]:
    """Spread the evidence of a question about the whole input over the sections.

    The best passage of a section keeps its probabilities. Those of the second best are halved, of the third divided by
    three, and so on.
    """
    places: dict[str | None, int] = {}
    found = {}
    for node_id in sorted(probabilities, key=lambda name: (-max(probabilities[name]), name)):
        section = hierarchy.node(node_id).parent_id
        places[section] = places.get(section, 0) + 1
        found[node_id] = tuple(chance / places[section] for chance in probabilities[node_id])
    return found
