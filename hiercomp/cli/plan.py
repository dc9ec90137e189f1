"""`ask --dry-run`: what a call would read and cost, counted on the very messages that it would send."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hiercomp.cli.screen import console, write_json

if TYPE_CHECKING:
    from hiercomp.pipeline import Pipeline


def show_plan(pipeline: Pipeline, question: str, *, as_json: bool) -> None:
    """Prints the exact prompt tokens and the range of the price on stdout; the reader is not called."""
    from hiercomp import prompts
    from hiercomp.allocation.budget import reason
    from hiercomp.ledger import price
    from hiercomp.report import to_dict

    context = pipeline.explain(question)
    reader = pipeline.reader
    messages = prompts.ask(question, context.text, context.parts).messages
    prompt_tokens = reader.tokenizer.count_prompt(messages)
    least, most = price(reader.name, prompt_tokens, 0), price(reader.name, prompt_tokens, context.budget.answer)
    if as_json:
        plan = {
            "prompt_tokens": prompt_tokens,
            "most_completion_tokens": context.budget.answer,
            "least_usd": least,
            "most_usd": most,
        }
        write_json(to_dict(context) | {"model": reader.name, "dry_run": plan})
        return
    screen = console(sys.stdout)
    if context.budget.choice is not None:
        chosen = reason(context.budget.choice, context.allocation.value)
        screen.print(f"budget  {context.budget.total:,} tokens: {chosen}", soft_wrap=True)
    screen.print(f"reader  {reader.name}, counted by {reader.tokenizer.name}")
    screen.print(f"prompt  {prompt_tokens:,} tokens")
    screen.print(f"answer  up to {context.budget.answer:,} tokens")
    screen.print(f"price   {_range(least, most)}")


def _range(least: float | None, most: float | None) -> str:
    """What a call may cost; an unknown price is not nothing."""
    if least is None or most is None:
        return "unknown"
    return "$0" if most == 0 else f"${least:.4f} to ${most:.4f}"
