"""The steps of a run up to its ladders, for scripts that measure what an allocator is offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hiercomp.allocation.budget import MAX_AUTO_BUDGET
from hiercomp.allocation.calls import FixedBudget, TextCall
from hiercomp.components import Components
from hiercomp.stages import build_ladders, rank, unfold, weigh
from hiercomp.types import Hierarchy, Ladder, Part, Plan, Ranking


@dataclass(frozen=True, slots=True)
class RankedQuestion:
    """A question, its plan, and the ranking of the passages for each need and for any need."""

    components: Components
    question: str
    plan: Plan
    rankings: tuple[Ranking, ...]
    ranking: Ranking

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of the documents."""
        return self.components.hierarchy

    def ladders(self, budget: int) -> Mapping[str, Ladder]:
        """Return the ladders that are offered for a budget in tokens."""
        call = _call(self.components, self.question, self.plan, budget)
        evidence = weigh(self.hierarchy, self.plan, (self.rankings, self.ranking), call, self.components)
        return build_ladders(self.hierarchy, evidence, call, self.components)


def rank_question(components: Components, question: str, plan: Plan | None = None) -> RankedQuestion:
    """Rank the passages of a pipeline's documents for a question.

    Args:
        components: The components of the pipeline.
        question: The question.
        plan: The plan of the question. If it is not given, the pipeline's planner writes it.
    """
    call = _call(components, question, plan, MAX_AUTO_BUDGET)
    unfolded = unfold(components.hierarchy, call, components)
    rankings, ranking = rank(components.hierarchy, components.index, unfolded)
    return RankedQuestion(components, question, unfolded, rankings, ranking)


def _call(components: Components, question: str, plan: Plan | None, budget: int) -> TextCall:
    tokenizer = components.tokenizer

    def count(text: str, parts: Sequence[Part]) -> int:
        return tokenizer.count(text)

    return TextCall(question, plan, FixedBudget(budget), tokenizer, count)
