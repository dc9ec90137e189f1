"""The steps of a run up to its ladders, for scripts that measure what an allocator is offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hiercomp.allocation.budget import MAX_AUTO_BUDGET
from hiercomp.allocation.calls import FixedBudget, TextCall
from hiercomp.components import Components
from hiercomp.ranking.needs import join
from hiercomp.stages import build_ladders, rank, unfold, weigh
from hiercomp.types import Hierarchy, Ladder, Part, Plan, Ranking


@dataclass(frozen=True, slots=True)
class RankedQuestion:
    """A question, its plan, and the ranking of the passages for each need."""

    components: Components
    question: str
    plan: Plan
    rankings: tuple[Ranking, ...]

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of the documents."""
        return self.components.hierarchy

    def ladders(self, budget: int) -> Mapping[str, Ladder]:
        """Return the ladders that are offered for a budget in tokens."""
        plan = self.plan.within(budget)
        call = _call(self.components, self.question, plan, budget)
        by_need = dict(zip(self.plan.needs, self.rankings, strict=True))
        rankings = [by_need[need] for need in plan.needs]
        ranking = join(self.hierarchy, rankings, plan.certainties)
        evidence = weigh(self.hierarchy, plan, (rankings, ranking), call, self.components)
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
    rankings, _ = rank(components.hierarchy, components.index, unfolded)
    return RankedQuestion(components, question, unfolded, rankings)


def _call(components: Components, question: str, plan: Plan | None, budget: int) -> TextCall:
    tokenizer = components.tokenizer

    def count(text: str, parts: Sequence[Part]) -> int:
        return tokenizer.count(text)

    return TextCall(question, plan, FixedBudget(budget), tokenizer, count)
