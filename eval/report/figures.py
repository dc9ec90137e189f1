"""Convert a summary to JSON: numbers, and names of sets and methods. Questions and documents are not named."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass

from eval.summary import Summary
from eval.summary.comparison import Ground
from eval.summary.plans import Planned

DECIMALS = 6
"""Further decimals differ between processors."""


def as_json(summary: Summary, planned: Sequence[Planned]) -> str:
    """Return the numbers of a report as JSON. Those of runs with plans stand under `with_plans`."""
    content = {field.name: getattr(summary, field.name) for field in fields(summary)} | {"with_plans": planned}
    return json.dumps(_plain(content), indent=1, ensure_ascii=False) + "\n"


def _plain(value: object) -> object:
    """Convert a value to types that JSON has."""
    if isinstance(value, Ground):
        counts = {"questions": len(value.questions), "documents": len(set(value.documents))}
        return {"set": value.set, "metric": value.metric, "budgets": value.budgets, **counts}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return round(value, DECIMALS) if isinstance(value, float) else value
