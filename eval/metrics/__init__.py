"""Metrics: the share of the needed evidence in a context, and the correctness of an answer.

The metrics are pure. They read only the text of a context or an answer, not the method that made it. A metric that does
not apply to a question is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from eval.metrics import answers, evidence
from eval.metrics.answers import score_answer
from eval.metrics.evidence import Gold, prepare, score
from eval.metrics.measured import Measured

NAMES: Mapping[str, str] = {**evidence.NAMES, **answers.NAMES}
"""The definition of each metric, and the conditions under which it is unscored."""

__all__ = ["NAMES", "Gold", "Measured", "prepare", "score", "score_answer"]
