"""Planners: they unfold a question into the pieces of evidence that its answer rests on. Each module holds one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hiercomp import registry
from hiercomp.ports import LLM, Planner

FAMILY = "planning"
RULES, READER = "rules", "reader"
OWN_READERS = ("extractive", "hf", "local", "scripted")
"""The readers that do not plan by default: they are too small to know what an answer rests on."""


def build(name: str, *, reader: Callable[[], LLM], playbook: Path | None = None) -> Planner:
    """Build a planner by its name: `rules`, `reader` or `recorded/FILE`.

    Args:
        name: The name.
        reader: Returns the reader, for planners that ask it.
        playbook: A file of the user's own playbook.

    Raises:
        ConfigError: no planner has that name, or the planner lacks members of `hiercomp.ports.Planner`.
    """
    built = registry.component(FAMILY, name, {"reader": reader, "playbook": playbook})
    if not isinstance(built, Planner):
        raise registry.wrong_component(FAMILY, name, built, "Planner")
    return built


def default(model: str | None, *, base_url: str | None = None) -> str:
    """Return the default planner of a call: `reader` for a hosted model, else `rules`.

    A server that the user names by its address may run a model of any size, so that it does not plan by default.
    """
    return RULES if model is None or base_url or model.partition("/")[0] in OWN_READERS else READER
