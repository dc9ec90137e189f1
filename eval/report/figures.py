"""Convert a summary to JSON: numbers, and names of sets and methods. Questions and documents are not named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from eval.summary import Summary
from eval.summary.comparison import Ground

DECIMALS = 6
"""Further decimals differ between processors."""


def as_json(summary: Summary) -> str:
    """Return the numbers of a report as JSON."""
    return json.dumps(_plain(summary), indent=1, ensure_ascii=False) + "\n"


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
