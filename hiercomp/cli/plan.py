"""`ask --dry-run`: show the tokens and the price of a call, counted on the messages that it would send."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hiercomp.cli.screen import console, write_json

if TYPE_CHECKING:
    from hiercomp.pipeline import Pipeline
    from hiercomp.types import TokenBudget


def show_plan(pipeline: Pipeline, question: str, budget: TokenBudget, *, as_json: bool) -> None:
    """Print the exact number of prompt tokens and the price range on stdout. The reader is not called."""
    from hiercomp import prompts
    from hiercomp.allocation.budget import reason
    from hiercomp.ledger import price
    from hiercomp.report import to_dict

    run = pipeline.explain(question, budget=budget)
    reader = pipeline.reader
    messages = prompts.ask(question, run.context.text, run.context.parts).messages
    prompt_tokens = reader.tokenizer.count_prompt(messages)
    min_usd, max_usd = price(reader.name, prompt_tokens, 0), price(reader.name, prompt_tokens, run.budget.answer)
    if as_json:
        plan = {
            "prompt_tokens": prompt_tokens,
            "most_completion_tokens": run.budget.answer,
            "least_usd": min_usd,
            "most_usd": max_usd,
        }
        write_json(to_dict(run) | {"model": reader.name, "dry_run": plan})
        return
    screen = console(sys.stdout)
    if run.budget.choice is not None:
        chosen = reason(run.budget.choice, run.allocation.value)
        screen.print(f"budget  {run.budget.total:,} tokens: {chosen}", soft_wrap=True)
    screen.print(f"reader  {reader.name}, counted by {reader.tokenizer.name}")
    screen.print(f"prompt  {prompt_tokens:,} tokens")
    screen.print(f"answer  up to {run.budget.answer:,} tokens")
    screen.print(f"price   {_format_range(min_usd, max_usd)}")


def _format_range(min_usd: float | None, max_usd: float | None) -> str:
    """Format the price range of a call. None means that the price is unknown, not that it is zero."""
    if min_usd is None or max_usd is None:
        return "unknown"
    return "$0" if max_usd == 0 else f"${min_usd:.4f} to ${max_usd:.4f}"
