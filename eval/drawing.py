"""Command-line options of scripts that draw questions from a folder of sets, and the experiment that they describe."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from eval import datasets
from eval.datasets import folder
from eval.run import Experiment
from hiercomp.errors import ConfigError


def add_options(parser: argparse.ArgumentParser, *, budgets: Sequence[int]) -> None:
    """Add the options for drawing questions. `budgets` are the default budgets."""
    parser.add_argument("data", type=Path, help="a folder of sets")
    parser.add_argument("--sets", help="sets, separated by commas; default: all in the folder")
    given = ",".join(map(str, budgets))
    parser.add_argument("--budgets", default=given, help="budgets in tokens, separated by commas")
    parser.add_argument("--sample", type=int, help="the number of questions to draw from each set; default: all")
    parser.add_argument("--documents", type=int, help="the most documents of each set to draw questions from")
    parser.add_argument("--seed", type=int, default=0, help="the seed for drawing questions")
    parser.add_argument("--fitted", action="store_true", help="include documents that the weights were fitted on")


def experiment_of(options: argparse.Namespace, output: Path) -> Experiment:
    """Make the experiment that the options describe. Its runs are written to `output`.

    Raises:
        ConfigError: a budget is not a whole number.
    """
    known = [name for name in datasets.names(options.data) if folder.is_set(options.data / name)]
    return Experiment(
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
    """Parse budgets and sort them."""
    try:
        return tuple(sorted({int(budget) for budget in text.split(",")}))
    except ValueError as error:
        raise ConfigError(f"--budgets: {error}; give whole numbers separated by commas") from error
