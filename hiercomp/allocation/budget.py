"""What one call may spend: total = prompt + context + answer. Pure."""

from __future__ import annotations

from collections.abc import Callable

from hiercomp.text.question import AnswerKind
from hiercomp.types import Budget, Choice

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
MOST = 32_000
"""The most that is chosen where the budget is left open: what small readers' windows hold (32,768), 80 pages.

Evidence that is thinly spread would otherwise take a whole library; more is a matter of naming a number.
"""


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


def reason(choice: Choice, evidence: float) -> str:
    """Why a budget was chosen, for people; `evidence` is what its context is expected to hold."""
    share = evidence / choice.expected if choice.expected else 1.0
    held = f"{share:.1%} of all expected evidence ({choice.expected:.2f})"
    return {
        "share": f"{held}; {choice.share:.0%} were asked for",
        "value": f"{held}; a further token is worth less than {choice.least_value:g}",
        "most": f"{held}; {choice.share:.0%} were asked for, and no more is chosen",
        "whole": "the whole document takes no more",
    }[choice.ended]
