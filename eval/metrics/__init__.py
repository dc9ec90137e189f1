"""The metrics: what a context holds of what a question needs, and what an answer gets right.

Pure: they read the text of a context or an answer and nothing of the method that made it. A metric that does not apply
to a question is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from eval.metrics import answers, evidence
from eval.metrics.answers import score_answer
from eval.metrics.evidence import Gold, prepare, score
from eval.metrics.measured import Measured

NAMES: Mapping[str, str] = {**evidence.NAMES, **answers.NAMES}
"""What each metric measures, and when it is unscored."""

__all__ = ["NAMES", "Gold", "Measured", "prepare", "score", "score_answer"]
