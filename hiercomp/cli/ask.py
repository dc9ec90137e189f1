"""`hiercomp ask`: print the answer on stdout, and the reader, the progress and the ledger on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.dry_run import calls_for_plan, show_dry_run
from hiercomp.cli.inputs import split_question
from hiercomp.cli.options import InputOptions, LedgerOptions, PlanOptions, QuestionOptions, ReaderOptions, takes
from hiercomp.cli.profile import draw_profile, process_seconds
from hiercomp.cli.screen import write, write_json, write_line
from hiercomp.cli.session import Session, end, load_settings, open_session

if TYPE_CHECKING:
    from hiercomp.cli.progress import ProgressLine
    from hiercomp.types import Answer


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    example = "Example: hiercomp ask report.pdf 'How did the tax rate change?' --budget 4000"
    app.command("ask", epilog=example)(ask)


@dataclass(frozen=True, kw_only=True)
class Options(QuestionOptions, PlanOptions, ReaderOptions, LedgerOptions, InputOptions):
    """The options of `ask`."""

    arguments: Annotated[list[str] | None, typer.Argument(metavar="FILES QUESTION", hidden=True)] = None


@takes(Options)
def ask(options: Options) -> None:
    """Answer a question from documents, and cite the pages.

    FILES are files, folders, globs, or - for stdin. The budget limits the whole call: prompt, context and answer.
    """
    files, question = split_question(options.arguments or (), options.question, required=True)
    assert question is not None
    if options.dry_run:
        _dry_run(options, files, question)
        return
    with open_session(options, files) as session:
        if not options.quiet and not options.json:
            session.progress.print_above(session.describe_reader())
        start = process_seconds()
        answer = _answer(session, question, options)
    if not options.quiet and not options.json:
        from hiercomp.cli.ledger import draw_ledger

        draw_ledger(answer, usage=options.usage)
        if options.profile:
            draw_profile(answer.ledger, start)
    end(answer.run.hierarchy)


def _dry_run(options: Options, files: Sequence[str], question: str) -> None:
    """Show the call without any call of the reader: the rules plan, and there is no second look."""
    config = load_settings(options).config
    calls = ["a call for the plan"] if not options.need and calls_for_plan(config) else []
    calls += ["a second look"] if config.passes > 1 else []
    offline = replace(options, passes=1, planner="rules" if calls_for_plan(config) else options.planner)
    with open_session(offline, files) as session:
        show_dry_run(
            session.pipeline,
            question,
            session.budget,
            needs=options.need,
            note=f"the run itself adds {' and '.join(calls)}" if calls else "",
            as_json=options.json,
        )
        hierarchy = session.pipeline.hierarchy
    end(hierarchy, warn=not (options.quiet or options.json))


def _answer(session: Session, question: str, options: Options) -> Answer:
    """Ask the question and print the answer on stdout."""
    text = _AnswerText(options, session.progress)
    try:
        answer = session.pipeline.ask(question, budget=session.budget, plan=options.need, on_text=text.add)
    except BaseException as error:
        text.abort(keep=isinstance(error, KeyboardInterrupt))
        raise
    text.finish(answer)
    return answer


class _AnswerText:
    """The printer of an answer: it prints each piece at once if it streams, else the whole answer at the end."""

    def __init__(self, options: Options, progress: ProgressLine) -> None:
        self._json = options.json
        stream = sys.stdout.isatty() if options.stream is None else options.stream
        self._streams = stream and not options.json
        self._progress = progress
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Add the next piece."""
        self._pieces.append(piece)
        if self._streams:
            self._progress.stop()
            write(piece)

    def finish(self, answer: Answer) -> None:
        """Print the rest of the answer."""
        if self._json:
            from hiercomp.report import to_dict

            write_json(to_dict(answer))
        elif self._streams and self._pieces:
            write("" if self._pieces[-1].endswith("\n") else "\n")
        else:
            write_line(answer.text)

    def abort(self, *, keep: bool) -> None:
        """End an incomplete answer. If `keep` is set, print the pieces that are not on the screen yet."""
        text = "".join(self._pieces)
        if self._json or not text:
            return
        self._progress.stop()
        if self._streams:
            write("\n")
        elif keep:
            write_line(text)
