"""The plan of a question: the pieces of evidence that its answer rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

TOKENS_PER_NEED = 120
"""The tokens that a need takes in a context: a few rows of a table with their heads, or two sentences."""
CALLER = "caller"
"""The author of a plan that the caller gave."""


@dataclass(frozen=True, slots=True)
class Need:
    """A piece of evidence to find, in the words that a document would use for it.

    `node_ids` are the sections that the planner chose from the outline; they may be empty. `reason` says why the need
    is there, for example the name of an entry of a playbook. It is empty for the question itself. `certainty` is the
    probability that the answer rests on this need at all.
    """

    text: str
    node_ids: tuple[str, ...] = ()
    reason: str = ""
    certainty: float = 1.0

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a need has a text")
        if not 0 < self.certainty <= 1:
            raise ValueError(f"a certainty is above 0 and at most 1, not {self.certainty}")


@dataclass(frozen=True, slots=True)
class Plan:
    """The needs of a question. The question without its instructions comes first, if there is a question.

    `author` is `rules`, `recorded`, `caller` or the name of the reader that wrote the plan. `is_global` says that the
    question asks about the whole input, so that its evidence is spread over all sections. The token counts are those
    of the calls for the plan, and `reader` is the model that was called, even if it wrote nothing usable. `warnings`
    tell why another planner had to write it.
    """

    needs: tuple[Need, ...]
    author: str
    is_global: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    warnings: tuple[str, ...] = ()
    reader: str | None = None

    def __post_init__(self) -> None:
        if len({need.text for need in self.needs}) != len(self.needs):
            raise ValueError("a plan names a need twice")

    @classmethod
    def of(cls, question: str, needs: Sequence[Need], author: str) -> Self:
        """Return the plan of a question, which is its first need unless it is blank. Repeats are left out."""
        distinct: dict[str, Need] = {}
        for need in (*_question_need(question), *needs):
            distinct.setdefault(need.text.strip(), need)
        return cls(tuple(distinct.values()), author)

    def within(self, tokens: int) -> Self:
        """Return the plan for a context of some tokens: without the uncertain needs that so few tokens cannot serve.

        The needs in which the planner is certain are kept. The uncertain ones follow in order, as long as there are
        `TOKENS_PER_NEED` tokens for each need.
        """
        room = max(0, tokens // TOKENS_PER_NEED - sum(need.certainty == 1 for need in self.needs))
        uncertain = [need for need in self.needs if need.certainty < 1]
        dropped = {need.text for need in uncertain[room:]}
        return replace(self, needs=tuple(need for need in self.needs if need.text not in dropped))

    def warned(self, warning: str) -> Self:
        """Return the plan with one more warning."""
        return replace(self, warnings=(*self.warnings, warning))

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the needs."""
        return tuple(need.text for need in self.needs)

    @property
    def certainties(self) -> tuple[float, ...]:
        """The certainties of the needs."""
        return tuple(need.certainty for need in self.needs)


def _question_need(question: str) -> list[Need]:
    return [Need(question)] if question.strip() else []
