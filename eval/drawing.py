"""The options of a script that measures questions drawn from a folder of sets, and the plan that they make."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from eval import datasets
from eval.datasets import folder
from eval.run import Plan
from hiercomp.errors import ConfigError


def add_options(parser: argparse.ArgumentParser, *, budgets: Sequence[int]) -> None:
    """Adds what is drawn from, what is drawn, and the `budgets` where none are given."""
    parser.add_argument("data", type=Path, help="a folder of sets")
    parser.add_argument("--sets", help="sets, separated by commas; all in the folder if not given")
    given = ",".join(map(str, budgets))
    parser.add_argument("--budgets", default=given, help="tokens, separated by commas")
    parser.add_argument("--sample", type=int, help="questions drawn a set; all if not given")
    parser.add_argument("--documents", type=int, help="documents that the questions are drawn from")
    parser.add_argument("--seed", type=int, default=0, help="what is drawn")
    parser.add_argument("--fitted", action="store_true", help="ask on documents that the weights were fitted on too")


def plan_of(options: argparse.Namespace, output: Path) -> Plan:
    """What is asked, and where it is kept.

    Raises:
        ConfigError: the budgets are no numbers.
    """
    known = [name for name in datasets.names(options.data) if folder.is_set(options.data / name)]
    return Plan(
        sets=tuple(options.sets.split(",") if options.sets else known),
        budgets=_budgets(options.budgets),
        output=output,
        data=options.data,
        sample=options.sample,
        documents=options.documents,
        seed=options.seed,
        fitted=options.fitted,
    )


def _budgets(text: str) -> tuple[int, ...]:
    """Rising tokens."""
    try:
        return tuple(sorted({int(budget) for budget in text.split(",")}))
    except ValueError as error:
        raise ConfigError(f"--budgets: {error}; give whole numbers separated by commas") from error
