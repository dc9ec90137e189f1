"""`ask --dry-run`: show the tokens and the price of a call, counted on the messages that it would send."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hiercomp.cli.screen import console, visible, write_json

if TYPE_CHECKING:
    from hiercomp.config import Config
    from hiercomp.pipeline import Pipeline
    from hiercomp.types import TokenBudget


def calls_for_plan(config: Config) -> bool:
    """Return whether the settings let the reader write the plan."""
    from hiercomp import planning

    planner = config.planner or planning.default(config.model, base_url=config.base_url)
    return planner == planning.READER


def show_dry_run(
    pipeline: Pipeline, question: str, budget: TokenBudget, *, needs: Sequence[str] | None, note: str, as_json: bool
) -> None:
    """Print the exact number of prompt tokens and the price range on stdout. The reader is not called.

    Args:
        pipeline: A pipeline whose planner calls no reader.
        question: The question.
        budget: The budget of the call.
        needs: The caller's own plan.
        note: What the real run does beyond this one; empty if nothing.
        as_json: Print JSON.
    """
    from hiercomp.allocation.budget import reason
    from hiercomp.ledger import price
    from hiercomp.report import to_dict
    from hiercomp.stages import prompt_of

    run = pipeline.explain(question, budget=budget, plan=needs)
    reader = pipeline.reader
    prompt_tokens = reader.tokenizer.count_prompt(prompt_of(run).messages)
    min_usd, max_usd = price(reader.name, prompt_tokens, 0), price(reader.name, prompt_tokens, run.budget.answer)
    if as_json:
        call = {
            "prompt_tokens": prompt_tokens,
            "most_completion_tokens": run.budget.answer,
            "least_usd": min_usd,
            "most_usd": max_usd,
        }
        write_json(to_dict(run) | {"model": reader.name, "dry_run": call})
        return
    screen = console(sys.stdout)
    if run.budget.choice is not None:
        chosen = reason(run.budget.choice, run.allocation.value)
        screen.print(f"budget  {run.budget.total:,} tokens: {chosen}", soft_wrap=True)
    screen.print(f"reader  {reader.name}, counted by {reader.tokenizer.name}")
    screen.print(f"prompt  {prompt_tokens:,} tokens")
    screen.print(f"answer  up to {run.budget.answer:,} tokens")
    screen.print(f"price   {_format_range(min_usd, max_usd)}")
    if note:
        screen.print(f"plan    by {visible(run.plan.author)}; {note}", soft_wrap=True)


def _format_range(min_usd: float | None, max_usd: float | None) -> str:
    """Format the price range of a call. None means that the price is unknown, not that it is zero."""
    if min_usd is None or max_usd is None:
        return "unknown"
    return "$0" if max_usd == 0 else f"${min_usd:.4f} to ${max_usd:.4f}"
