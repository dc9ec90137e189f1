"""Divide the tokens of one call: total = prompt + context + answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
"""The reserve for each kind of answer: about twice the length of such answers, citation marks included."""
ANSWER_FLOOR = 64
"""The least reserve. With less, models are cut off or write more (token elasticity, TALE, arXiv 2412.18547)."""
ANSWER_SHARE = 4
"""The reserve takes at most one token in four of those that the prompt leaves, down to the floor."""
MAX_AUTO_BUDGET = 32_000
"""The largest budget that `--budget auto` chooses: about 80 pages, which fit the window of small readers (32,768).

Without this limit, evidence that is spread thinly would select a whole library. A caller who needs more gives a number.
"""


@dataclass(frozen=True, slots=True)
class AnswerReserve:
    """The tokens reserved for an answer: a quarter of what the prompt leaves, between `least` and `most`."""

    least: int
    most: int

    @classmethod
    def for_kind(cls, kind: AnswerKind) -> AnswerReserve:
        """Return the reserve for a kind of answer."""
        return cls(ANSWER_FLOOR, ANSWER_TOKENS[kind])

    @classmethod
    def exactly(cls, tokens: int) -> AnswerReserve:
        """Return a reserve that is the same for every budget."""
        return cls(tokens, tokens)

    def tokens(self, room: int) -> int:
        """Return the reserve of a call whose prompt leaves `room` tokens."""
        return max(self.least, min(self.most, room // ANSWER_SHARE))


def divide(total: int, *, prompt: int, reserve: AnswerReserve, tokenizer: str) -> Budget:
    """Divide the tokens of a call.

    The context may come out at 0 or below; `least_total` finds the least budget that leaves enough for one.
    """
    return Budget(total=total, prompt=prompt, answer=reserve.tokens(total - prompt), tokenizer=tokenizer)


def least_total(divide: Callable[[int], Budget], total: int, context: int) -> int:
    """Return the least budget of at least `total` tokens that leaves `context` tokens for the context."""
    while (missing := context - divide(total).context) > 0:
        total += missing
    return total


def reason(choice: Choice, evidence: float) -> str:
    """Explain to a person why `--budget auto` chose a budget whose context has this much expected evidence."""
    share = evidence / choice.expected if choice.expected else 1.0
    held = f"an estimated {share:.1%} of the evidence"
    return {
        "share": f"{held}; {choice.share:.0%} was asked for",
        "value": f"{held}; one more token is worth less than {choice.least_value:g}",
        "most": f"{held}; {choice.share:.0%} was asked for, but this is the largest budget that is chosen",
        "whole": "the whole document fits",
    }[choice.ended]
