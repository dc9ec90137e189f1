"""What one call may spend: total = prompt + context + answer. Pure."""

from __future__ import annotations

from collections.abc import Callable

from hiercomp.question import AnswerKind
from hiercomp.types import Budget

ANSWER_TOKENS: dict[AnswerKind, int] = {
    "yes_no": 160,
    "number": 160,
    "date": 96,
    "name": 96,
    "choice": 96,
    "list": 320,
    "explanation": 320,
    "summary": 512,
}
"""The reserve for an answer by its kind: about twice what such answers take, marks included."""
ANSWER_FLOOR = 64
"""The least reserve: with less, models are cut off or write more (token elasticity, TALE, arXiv 2412.18547)."""
ANSWER_SHARE = 4
"""The reserve takes at most this part, one in four, of what the prompt leaves, down to the floor."""


def plan(total: int, *, prompt: int, kind: AnswerKind, tokenizer: str, answer: int | None = None) -> Budget:
    """The division of a call's tokens; `answer` overrides the estimate.

    The context may come out at 0 or below: `least_total` says which budget would hold one.
    """
    reserve = answer or max(ANSWER_FLOOR, min(ANSWER_TOKENS[kind], (total - prompt) // ANSWER_SHARE))
    return Budget(total=total, prompt=prompt, answer=reserve, tokenizer=tokenizer)


def least_total(divide: Callable[[int], Budget], total: int, context: int) -> int:
    """The least total above `total` whose division leaves at least `context` tokens for the context."""
    while (missing := context - divide(total).context) > 0:
        total += missing
    return total
