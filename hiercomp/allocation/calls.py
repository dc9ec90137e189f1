"""The two kinds of call that a budget bounds: one that returns text, and one that a reader answers.

A call knows its question, how its budget is divided, and how a rendered context is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from hiercomp import prompts
from hiercomp.allocation.budget import AnswerReserve, divide, least_total
from hiercomp.allocation.packing import Measure, Packed, pack
from hiercomp.allocation.sufficiency import StoppingRule, pack_enough
from hiercomp.errors import BudgetError
from hiercomp.ports import LLM, Allocator, Tokenizer
from hiercomp.ranking.prior import Prior
from hiercomp.types import Budget, Hierarchy, Ladder, Part, Plan


class Limit(Protocol):
    """The limit on the tokens of a call."""

    @property
    def max_tokens(self) -> int:
        """The most tokens of the whole call."""
        ...

    def pack(
        self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], allocator: Allocator, call: Call
    ) -> tuple[Budget, Packed]:
        """Pack a context for a call within this limit; return it with the budget that it was packed for."""
        ...


class Call(Protocol):
    """One call: its question, and the division and the count of its tokens."""

    @property
    def question(self) -> str:
        """The question; empty for an overview."""
        ...

    @property
    def plan(self) -> Plan | None:
        """The caller's own plan; None if a planner writes it."""
        ...

    @property
    def prior(self) -> Prior | None:
        """What another retriever's order adds to the log-odds of the passages of each document, if there is one."""
        ...

    @property
    def limit(self) -> Limit:
        """How many tokens the call may take."""
        ...

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer that counts the call's tokens."""
        ...

    @property
    def model(self) -> str | None:
        """The name of the reader; None if no reader is called."""
        ...

    def divide(self, total: int) -> Budget:
        """Divide `total` tokens among prompt, context and answer."""
        ...

    def measure(self, text: str, parts: Sequence[Part]) -> int:
        """Count the tokens of a rendered context."""
        ...

    def too_small(self, context_tokens: int) -> BudgetError:
        """Return the error for a budget that does not hold the smallest context, of `context_tokens` tokens."""
        ...

    def naming_missing(self, needs: Sequence[str]) -> Call:
        """Return the call that also tells its reader for which needs nothing was found."""
        ...


@dataclass(frozen=True, slots=True)
class FixedBudget:
    """A number of tokens that the caller names."""

    max_tokens: int

    def pack(
        self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], allocator: Allocator, call: Call
    ) -> tuple[Budget, Packed]:
        """Pack as much evidence as fits."""
        budget = call.divide(self.max_tokens)
        return budget, pack(hierarchy, ladders, allocator, budget.context, measure=call.measure)


@dataclass(frozen=True, slots=True)
class AutoBudget:
    """The fewest tokens that satisfy a stopping rule, and at most `max_tokens`."""

    max_tokens: int
    rule: StoppingRule

    def pack(
        self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], allocator: Allocator, call: Call
    ) -> tuple[Budget, Packed]:
        """Pack the smallest context that satisfies the rule, and choose the budget that holds it."""
        room = call.divide(self.max_tokens).context
        packed, choice = pack_enough(hierarchy, ladders, allocator, room, rule=self.rule, measure=call.measure)
        total = least_total(call.divide, 1, packed.tokens)
        return replace(call.divide(total), choice=choice), packed


@dataclass(frozen=True, slots=True)
class TextCall:
    """A call that returns text: the context takes the whole budget."""

    question: str
    plan: Plan | None
    limit: Limit
    tokenizer: Tokenizer
    count: Measure
    prior: Prior | None = None

    @property
    def model(self) -> str | None:
        """None: no reader is called."""
        return None

    def divide(self, total: int) -> Budget:
        """Give all tokens to the context."""
        return Budget(total, 0, 0, self.tokenizer.name)

    def measure(self, text: str, parts: Sequence[Part]) -> int:
        """Count the tokens of a rendered context."""
        return self.count(text, parts)

    def too_small(self, context_tokens: int) -> BudgetError:
        """Return the error for a budget that does not hold one sentence."""
        least = least_total(self.divide, self.limit.max_tokens, context_tokens)
        return BudgetError(self.limit.max_tokens, least, "no sentence fits")

    def naming_missing(self, needs: Sequence[str]) -> TextCall:
        """Return the same call: no reader is told anything."""
        return self


@dataclass(frozen=True, slots=True)
class ReaderCall:
    """A call that a reader answers. Its messages are counted whole, chat template included.

    `missing` are the needs for which nothing was found. The prompt names them, and `prompt_tokens` counts their line.
    """

    question: str
    plan: Plan | None
    limit: Limit
    reader: LLM
    prompt_tokens: int
    reserve: AnswerReserve
    missing: tuple[str, ...] = ()

    @property
    def prior(self) -> None:
        """None: no other retriever has ordered the documents."""
        return None

    @property
    def tokenizer(self) -> Tokenizer:
        """The reader's own tokenizer."""
        return self.reader.tokenizer

    @property
    def model(self) -> str | None:
        """The name of the reader."""
        return self.reader.name

    def divide(self, total: int) -> Budget:
        """Divide tokens among the prompt, the context and the reserve for the answer."""
        return divide(total, prompt=self.prompt_tokens, reserve=self.reserve, tokenizer=self.tokenizer.name)

    def measure(self, text: str, parts: Sequence[Part]) -> int:
        """Count the tokens that a context adds to the prompt."""
        return self._count(text, self.missing) - self.prompt_tokens

    def too_small(self, context_tokens: int) -> BudgetError:
        """Return the error for a budget that does not hold the prompt and one sentence."""
        least = least_total(self.divide, self.limit.max_tokens, context_tokens)
        return BudgetError(self.limit.max_tokens, least, "the prompt, the question and one sentence do not fit")

    def naming_missing(self, needs: Sequence[str]) -> ReaderCall:
        """Return the call whose prompt names the needs for which nothing was found."""
        missing = tuple(needs)
        return replace(self, missing=missing, prompt_tokens=self._count("", missing))

    def _count(self, text: str, missing: Sequence[str]) -> int:
        return self.tokenizer.count_prompt(prompts.ask(self.question, text, missing=missing).messages)
