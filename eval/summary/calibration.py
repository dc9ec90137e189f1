"""Compute the numbers of a calibration: expected evidence and found evidence of sentences and contexts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics.calibration import Array, Calibration, calibrate
from eval.summary.estimates import Estimate, difference


@dataclass(frozen=True, slots=True)
class JudgedContext:
    """A context: the tokens of expected evidence, of evidence found in it, and of all evidence in the document."""

    expected: float
    found: float
    gold: float


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question: each offered sentence's probability and gold label (0 or 1), and one context for each budget."""

    document: str
    probabilities: Array
    gold: Array
    contexts: tuple[JudgedContext, ...]


@dataclass(frozen=True, slots=True)
class ContextFigures:
    """Means over questions, in tokens of evidence. `difference` is expected minus found."""

    budget: int
    expected: float
    found: float
    gold: float
    difference: Estimate


@dataclass(frozen=True, slots=True)
class SetFigures:
    """The calibration of a set's sentence probabilities and of its contexts' expected evidence."""

    set: str
    questions: int
    documents: int
    gold: float
    sentences: Calibration
    contexts: tuple[ContextFigures, ...]


def figures(name: str, judged: Sequence[JudgedQuestion], budgets: Sequence[int]) -> SetFigures:
    """Compute the figures of a set. Each question has one context for each of `budgets`, in the same order."""
    documents = [each.document for each in judged]
    # Of a single document, the interval can only cover other questions on it.
    clusters = documents if len(set(documents)) > 1 else [str(place) for place in range(len(judged))]
    labels = [label for label, each in zip(clusters, judged, strict=True) for _ in each.gold]
    gold = np.concatenate([each.gold for each in judged])
    return SetFigures(
        set=name,
        questions=len(judged),
        documents=len(set(documents)),
        gold=float(gold.mean()),
        sentences=calibrate(np.concatenate([each.probabilities for each in judged]), gold, labels),
        contexts=tuple(
            _context(budget, [each.contexts[place] for each in judged], documents)
            for place, budget in enumerate(budgets)
        ),
    )


def _context(budget: int, shown: Sequence[JudgedContext], documents: Sequence[str]) -> ContextFigures:
    expected, found = [each.expected for each in shown], [each.found for each in shown]
    return ContextFigures(
        budget=budget,
        expected=float(np.mean(expected)),
        found=float(np.mean(found)),
        gold=float(np.mean([each.gold for each in shown])),
        difference=difference(expected, found, documents),
    )
