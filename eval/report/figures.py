"""A summary as JSON: numbers, and names of sets and methods; no question and no document is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from eval.summary import Summary
from eval.summary.comparison import Ground

DECIMALS = 6
"""More differ between processors."""


def as_json(summary: Summary) -> str:
    """The numbers of a report."""
    return json.dumps(_plain(summary), indent=1, ensure_ascii=False) + "\n"


def _plain(value: object) -> object:
    """A value as what JSON can say."""
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
