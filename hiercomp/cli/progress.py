"""What is being done, on stderr: one line that is redrawn and goes away, on a terminal only."""

from __future__ import annotations

import sys
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from hiercomp.cli.screen import console, is_ascii, is_plain, note, visible

if TYPE_CHECKING:
    from rich.progress import Progress, Task
    from rich.text import Text

_WORDS = {
    "load": "reading",
    "index": "indexing",
    "encode": "encoding",
    "model": "loading the reader",
    "retrieve": "finding",
    "allocate": "allocating",
    "render": "rendering",
    "reason": "answering",
}
_SHOW_TIME_FROM = 2.0
"""Seconds: a shorter wait needs no announcement."""


class ProgressLine:
    """An observer of the pipeline that draws; `wanted=False` draws nothing."""

    def __init__(self, *, wanted: bool) -> None:
        self._progress: Progress | None = None
        self._stage = ""
        self._lock = Lock()  # a pipeline reports from several threads
        self._wanted = wanted and sys.stderr.isatty() and not is_plain(sys.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Shows that `done` of `total` steps of a stage are done."""
        with self._lock:
            if not self._wanted:
                return
            if self._progress is None:
                self._progress = _build()
                self._progress.start()
            if stage != self._stage or not self._progress.task_ids:
                self._stage = stage
                for task in self._progress.task_ids:
                    self._progress.remove_task(task)
                self._progress.add_task(_WORDS.get(stage, stage), total=total or None)
            self._progress.update(self._progress.task_ids[0], completed=done, total=total or None)

    def say(self, text: str) -> None:
        """Prints a line on stderr above the one that is redrawn."""
        with self._lock:
            if self._progress is None:
                note(text)
            else:
                self._progress.console.print(visible(text), style="dim")

    def stop(self) -> None:
        """Takes the line away; nothing is drawn any more."""
        with self._lock:
            self._wanted = False
            if self._progress is not None:
                self._progress.stop()
                self._progress = None


def _build() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
    from rich.text import Text

    class Counts(MofNCompleteColumn):
        def render(self, task: Task) -> Text:
            return super().render(task) if task.total else Text()

    class TimeLeft(ProgressColumn):
        def render(self, task: Task) -> Text:
            left = task.time_remaining
            return Text(f"{left:.0f} s left" if left and left > _SHOW_TIME_FROM else "", style="dim")

    return Progress(
        SpinnerColumn("line" if is_ascii(sys.stderr) else "dots"),
        TextColumn("{task.description}"),
        BarColumn(24),
        Counts(),
        TimeLeft(),
        console=console(sys.stderr),
        transient=True,
    )
