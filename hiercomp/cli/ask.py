"""`hiercomp ask`: the answer on stdout; on stderr the reader, the progress and the ledger."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.inputs import split_question
from hiercomp.cli.options import InputOptions, LedgerOptions, QuestionOptions, ReaderOptions, takes
from hiercomp.cli.plan import show_plan
from hiercomp.cli.profile import draw_profile, process_seconds
from hiercomp.cli.screen import write, write_json, write_line
from hiercomp.cli.session import open_session

if TYPE_CHECKING:
    from hiercomp.cli.progress import ProgressLine
    from hiercomp.types import Answer


def add_to(app: typer.Typer) -> None:
    """Adds the command to an application."""
    example = "Example: hiercomp ask report.pdf 'How did the tax rate change?' --budget 4000"
    app.command("ask", epilog=example)(ask)


@dataclass(frozen=True, kw_only=True)
class Options(QuestionOptions, ReaderOptions, LedgerOptions, InputOptions):
    """The options of `ask`."""

    arguments: Annotated[list[str] | None, typer.Argument(metavar="FILES QUESTION", hidden=True)] = None


@takes(Options)
def ask(options: Options) -> None:
    """Answer a question from documents, with the pages it rests on.

    FILES are files, folders, globs or - for stdin. The budget bounds the whole call: prompt, context and answer.
    """
    files, question = split_question(options.arguments or (), options.question, required=True)
    assert question is not None
    with open_session(options, files) as session:
        if options.dry_run:
            show_plan(session.pipeline, question, as_json=options.json)
            return
        if not options.quiet and not options.json:
            session.progress.say(session.reader())
        text = _AnswerText(options, session.progress)
        start = process_seconds()
        try:
            answer = session.pipeline.ask(question, on_text=text.add)
        except BaseException as error:
            text.leave(keep=isinstance(error, KeyboardInterrupt))
            raise
    text.finish(answer)
    if not options.quiet and not options.json:
        from hiercomp.cli.ledger import draw_ledger

        draw_ledger(answer, usage=options.usage)
        if options.profile:
            draw_profile(answer.ledger, start)


class _AnswerText:
    """An answer on its way to stdout: piece by piece where it streams, else whole when it is done."""

    def __init__(self, options: Options, progress: ProgressLine) -> None:
        self._json = options.json
        wanted = sys.stdout.isatty() if options.stream is None else options.stream
        self._streams = wanted and not options.json
        self._progress = progress
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Takes the next piece."""
        self._pieces.append(piece)
        if self._streams:
            self._progress.stop()
            write(piece)

    def finish(self, answer: Answer) -> None:
        """Completes the answer."""
        if self._json:
            from hiercomp.report import to_dict

            write_json(to_dict(answer))
        elif self._streams and self._pieces:
            write("" if self._pieces[-1].endswith("\n") else "\n")
        else:
            write_line(answer.text)

    def leave(self, *, keep: bool) -> None:
        """Ends an answer that breaks off: what is on the screen stays, what was held back is printed if it is kept."""
        text = "".join(self._pieces)
        if self._json or not text:
            return
        self._progress.stop()
        if self._streams:
            write("\n")
        elif keep:
            write_line(text)
