"""Plans by rules, without a model: instant and deterministic.

The first need is the question without its instructions to the reader. The options of a multiple-choice question and
the sides of a comparison become one need each. Playbooks add the needs of the measures, clauses and other things that
the question names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hiercomp.errors import ConfigError
from hiercomp.planning import RULES, _playbook
from hiercomp.planning._playbook import Playbook
from hiercomp.ports import Outline
from hiercomp.text.question import is_global, is_overview, members, strip_instructions
from hiercomp.types import Need, Plan

CERTAINTY = 0.6
"""The certainty of the needs of hiercomp's own playbooks: who names a thing may ask something else about it.

It is chosen on filings and contracts: with 1, needs of playbooks crowd out the question at small budgets.
"""
MAX_ENTRIES = 3
"""The most entries of a playbook in a plan. A question that names more things is about none of them in particular."""


class Rules:
    """The planner `rules`.

    Args:
        playbooks: The playbooks, the most important first, each with the certainty of its needs.
    """

    def __init__(self, playbooks: Sequence[tuple[Playbook, float]]) -> None:
        self._playbooks = tuple(playbooks)

    def plan(self, question: str, outline: Outline) -> Plan:
        """Plan a question by its words. A request for a summary of everything has no needs."""
        if is_overview(question):
            return Plan((), RULES, is_global=True)
        subject = strip_instructions(question)
        plan = Plan.of(subject, [*map(Need, members(subject)), *self.known_needs(subject, outline)], RULES)
        return replace(plan, is_global=is_global(question))

    def known_needs(self, question: str, outline: Outline) -> list[Need]:
        """Return the needs of the things that a question names, from the playbooks for documents of this kind."""
        found = [
            (entry, certainty)
            for playbook, certainty in self._playbooks
            if playbook.is_for(outline.share)
            for entry in playbook.find(question)
        ]
        return [
            Need(text, reason=entry.name, certainty=certainty)
            for entry, certainty in found[:MAX_ENTRIES]
            for text in entry.needs
        ]


def build(argument: str | None = None, *, playbook: Path | None = None) -> Rules:
    """Build the planner. The user's own playbook comes before those of hiercomp, and its needs are certain.

    Raises:
        ConfigError: an argument is given, or the playbook cannot be read.
    """
    if argument is not None:
        raise ConfigError(f"the planner rules takes no argument, not {argument!r}")
    own = [(_playbook.read(playbook), 1.0)] if playbook is not None else []
    return Rules([*own, *((shipped, CERTAINTY) for shipped in _playbook.shipped())])
