"""Plans from a file, so that a measurement can be repeated: one JSON object `{"question", "plan"}` a line."""

from __future__ import annotations

import json
from pathlib import Path

from hiercomp.errors import ConfigError
from hiercomp.planning.rules import Rules
from hiercomp.planning.rules import build as build_rules
from hiercomp.ports import Outline
from hiercomp.text.question import strip_instructions
from hiercomp.types import Need, Plan

AUTHOR = "recorded"


class Recorded:
    """The planner `recorded/FILE`. The needs of the playbooks follow the recorded lines.

    A question without a recorded plan gets the plan of the rules, with a warning.
    """

    def __init__(self, lines: dict[str, list[str]], path: Path, rules: Rules) -> None:
        self._lines = lines
        self._path = path
        self._rules = rules

    def plan(self, question: str, outline: Outline) -> Plan:
        """Return the recorded plan of a question."""
        lines = self._lines.get(question.strip())
        if lines is None:
            return self._rules.plan(question, outline).warned(f"{self._path} has no plan for this question")
        subject = strip_instructions(question)
        recorded = [Need(line) for line in lines if line.strip()]
        return Plan.of(subject, [*recorded, *self._rules.known_needs(subject, outline)], AUTHOR)


def read(path: Path) -> dict[str, list[str]]:
    """Read the plans of a file by question.

    Raises:
        ConfigError: the file cannot be read, or a line is not a plan.
    """
    try:
        rows = path.read_text(encoding="utf-8").split("\n")  # other line breaks may stand in a text
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the plans cannot be read: {error}") from error
    return dict(_entry(row, f"{path}, line {number}") for number, row in enumerate(rows, start=1) if row.strip())


def _entry(row: str, place: str) -> tuple[str, list[str]]:
    """Return the question and the plan of a row. `place` names the row in errors."""
    try:
        entry = json.loads(row)
        question, lines = entry["question"], entry["plan"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f'{place}: not {{"question": …, "plan": [lines]}}: {error!r}') from error
    if not isinstance(question, str) or not (isinstance(lines, list) and all(isinstance(x, str) for x in lines)):
        raise ConfigError(f"{place}: the question is a text and the plan a list of texts")
    return question.strip(), lines


def build(argument: str | None = None, *, playbook: Path | None = None) -> Recorded:
    """Build the planner. The argument is the path of a file of plans.

    Raises:
        ConfigError: there is no argument, or the file cannot be read.
    """
    if argument is None:
        raise ConfigError("the planner recorded needs a file of plans, such as recorded/plans.jsonl")
    return Recorded(read(Path(argument)), Path(argument), build_rules(playbook=playbook))
