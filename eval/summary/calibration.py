"""The numbers of a calibration: what was expected of sentences and contexts, beside what their questions show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics.calibration import Array, Calibration, calibrate
from eval.summary.estimates import Estimate, difference


@dataclass(frozen=True, slots=True)
class Shown:
    """A context: the tokens of evidence that were expected of it, those found in it, and those in the document."""

    expected: float
    found: float
    gold: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: the probability of each sentence offered, whether it is gold (0 or 1), and a context a budget."""

    document: str
    probabilities: Array
    gold: Array
    contexts: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class ContextFigures:
    """Means over questions, in tokens of evidence; `difference` is expected less found."""

    budget: int
    expected: float
    found: float
    gold: float
    difference: Estimate


@dataclass(frozen=True, slots=True)
class SetFigures:
    """A kind of document: how true its sentences' probabilities and its contexts' expected evidence are."""

    set: str
    questions: int
    documents: int
    gold: float
    sentences: Calibration
    contexts: tuple[ContextFigures, ...]


def figures(name: str, asked: Sequence[Asked], budgets: Sequence[int]) -> SetFigures:
    """What the questions of a set show together; their contexts are those of `budgets`, in that order."""
    documents = [each.document for each in asked]
    # With a single document, other questions on it are all that an interval can speak of.
    clusters = documents if len(set(documents)) > 1 else [str(place) for place in range(len(asked))]
    labels = [label for label, each in zip(clusters, asked, strict=True) for _ in each.gold]
    gold = np.concatenate([each.gold for each in asked])
    return SetFigures(
        set=name,
        questions=len(asked),
        documents=len(set(documents)),
        gold=float(gold.mean()),
        sentences=calibrate(np.concatenate([each.probabilities for each in asked]), gold, labels),
        contexts=tuple(
            _context(budget, [each.contexts[place] for each in asked], documents)
            for place, budget in enumerate(budgets)
        ),
    )


def _context(budget: int, shown: Sequence[Shown], documents: Sequence[str]) -> ContextFigures:
    expected, found = [each.expected for each in shown], [each.found for each in shown]
    return ContextFigures(
        budget=budget,
        expected=float(np.mean(expected)),
        found=float(np.mean(found)),
        gold=float(np.mean([each.gold for each in shown])),
        difference=difference(expected, found, documents),
    )
