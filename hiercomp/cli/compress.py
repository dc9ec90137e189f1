"""`hiercomp compress`: print the context on stdout, so that it can be piped into another program."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from hiercomp.cli.inputs import split_question
from hiercomp.cli.options import InputOptions, LedgerOptions, PlanOptions, QuestionOptions, takes
from hiercomp.cli.profile import draw_profile, process_seconds
from hiercomp.cli.screen import write, write_json
from hiercomp.cli.session import end, open_session


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    example = "Example: hiercomp compress report.pdf 'Which risks are new?' -b 2000 | llm 'Which risks are new?'"
    app.command("compress", epilog=example)(compress)


@dataclass(frozen=True, kw_only=True)
class Options(QuestionOptions, PlanOptions, LedgerOptions, InputOptions):
    """The options of `compress`."""

    arguments: Annotated[list[str] | None, typer.Argument(metavar="FILES [QUESTION]", hidden=True)] = None


@takes(Options)
def compress(options: Options) -> None:
    """Print the evidence for a question, within a token budget.

    FILES are files, folders, globs, or - for stdin. Without a question, the context is an overview of
    the documents. --model selects the tokenizer, unless --tokenizer names one.
    """
    files, question = split_question(options.arguments or (), options.question, required=False)
    with open_session(options, files) as session:
        start = process_seconds()
        run = session.pipeline.fit(question, budget=session.budget, plan=options.need)
    if options.json:
        from hiercomp.report import to_dict

        write_json(to_dict(run))
    else:
        text = run.context.text
        # A pipe gets no extra newline, because it could be one token more than the budget.
        write(text if text.endswith("\n") or not sys.stdout.isatty() else text + "\n")
    if not options.quiet and not options.json:
        from hiercomp.cli.ledger import draw_ledger

        draw_ledger(run, usage=options.usage)
        if options.profile:
            draw_profile(run.ledger, start)
    end(run.hierarchy)
