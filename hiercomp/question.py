"""What a question asks for: the kind of its answer. Pure, by its words; English, with a safe default for the rest."""

from __future__ import annotations

import re
from typing import Literal

AnswerKind = Literal["yes_no", "number", "date", "name", "list", "choice", "summary", "explanation"]

_START = r"(?:^|[.?!,:;]\s+)(?:(?:and|so|then|now)\s+)?"
_PATTERNS: tuple[tuple[AnswerKind, str], ...] = (
    ("choice", r"(?:^|\n)\s*\(?[A-D][.)]\s.*(?:\n|\s)\(?[B-E][.)]\s"),
    ("summary", r"\b(?:summari[sz]e|summary|overview|outline|main (?:points?|ideas?)|gist)\b"),
    ("explanation", r"\b(?:why|explain|describe|discuss|reasons?|in what way|what drove|how (?:do|does|did|is|are))\b"),
    ("list", r"\b(?:list|enumerate|which of|what are|who are|name (?:the|all|two|three|four|\d)|(?:each|all) of)\b"),
    ("number", r"\b(?:how (?:much|many|large|long|old|far|high)|what percentage|percent|ratio|rate|margin|total|amount|"
     r"number of|usd|dollars?|average|sum|count|eps|revenues?|income|capex|expenditures?|calculate)\b|[$€£%]"),
    ("date", r"\b(?:when|what (?:date|day|year|month|time)|which (?:year|month|date|day)|how recently)\b"),
    ("name", r"\b(?:who|whom|whose|where|which|what (?:is|was) the name)\b"),
    ("yes_no", _START + r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|must)\b"),
)  # fmt: skip
# A question that opens with a verb is answered by yes or no, whatever its other words are.
_ORDER = (*_PATTERNS[:2], _PATTERNS[-1], *_PATTERNS[2:-1])


def answer_kind(question: str) -> AnswerKind:
    """The kind of answer that a question asks for; an explanation where its words do not tell."""
    folded = question.strip()
    for kind, pattern in _ORDER:
        if re.search(pattern, folded, re.IGNORECASE if kind != "choice" else 0):
            return kind
    return "explanation"
