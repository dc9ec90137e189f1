"""Recorded search plans for the questions of sets.

A folder of plans holds a file `<set>.jsonl`. Each of its lines is a JSON object `{"id": question id, "plan": [lines]}`.
A plan names the pieces of evidence to search for. It is written for the question alone, without the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from eval.datasets import folder
from eval.datasets._layout import read
from eval.types import Question
from hiercomp.errors import ConfigError


class PlanLine(BaseModel):
    """The plan of a question."""

    id: str
    plan: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]] = Field(min_length=1)


def planned(questions: Iterable[Question], plans: Path, name: str) -> tuple[Question, ...]:
    """Return the questions of a set that have a plan, each with its plan.

    Raises:
        ConfigError: the folder has no file for the set, a line is not a plan, or no question has a plan.
    """
    path = _path(plans, name)
    lines = {line.id: tuple(line.plan) for _, line in read(path, PlanLine)}
    found = tuple(replace(question, plan=lines[question.id]) for question in questions if question.id in lines)
    if not found:
        raise ConfigError(f"{path} has no plan for a question of {name}: leave the set out, or name other plans")
    return found


def names(plans: Path, sets: Iterable[str]) -> Iterator[str]:
    """Yield the sets that a folder of plans has a file for."""
    return (name for name in sets if _path(plans, name).is_file())


def digest(plans: Path, name: str) -> str:
    """Return the SHA-256 of the plans of a set."""
    return folder.digest([_path(plans, name)])


def _path(plans: Path, name: str) -> Path:
    return plans / f"{name}.jsonl"
