"""The progress line on stderr. It is redrawn in place, disappears at the end, and exists on a terminal only.

A stage with a known number of steps shows the finished steps and, after two seconds, the estimated time left. Any other
stage shows the elapsed time.
"""

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
    "summarize": "summarizing",
    "encode": "embedding",
    "model": "loading the reader",
    "plan": "planning",
    "retrieve": "searching",
    "allocate": "allocating",
    "render": "rendering",
    "prompt": "reading the context",
    "reason": "answering",
}
SHORT = 2.0
"""Times up to this many seconds are not shown."""
MINUTES = 100.0
"""Times of this many seconds or more are shown in minutes."""


class ProgressLine:
    """An observer of the pipeline that draws its progress. With `wanted=False` it draws nothing."""

    def __init__(self, *, wanted: bool) -> None:
        self._progress: Progress | None = None
        self._stage = ""
        self._lock = Lock()  # A pipeline reports from several threads.
        self._wanted = wanted and sys.stderr.isatty() and not is_plain(sys.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` steps of a stage are finished. A total of 0 means unknown."""
        with self._lock:
            if not self._wanted:
                return
            if self._progress is None:
                self._progress = _build()
                self._progress.start()
            line = self._progress
            steps = total if total > 1 else None  # A bar of one step would be empty until the end.
            task = line.tasks[0] if line.tasks else None
            if task is None or (stage, steps) != (self._stage, task.total) or done < task.completed:
                self._stage = stage
                for number in line.task_ids:
                    line.remove_task(number)
                line.add_task(_WORDS.get(stage, stage), total=steps, reached=0.0)
                task = line.tasks[0]
            if done > task.completed:
                line.update(task.id, completed=done, reached=task.elapsed or 0.0)

    def print_above(self, text: str) -> None:
        """Print a text on stderr above the progress line."""
        with self._lock:
            if self._progress is None:
                note(text)
            else:
                self._progress.console.print(visible(text), style="dim")

    def stop(self) -> None:
        """Remove the line. Later calls draw nothing."""
        with self._lock:
            self._wanted = False
            if self._progress is not None:
                self._progress.stop()
                self._progress = None


def timing(share: float, reached: float, elapsed: float) -> str:
    """Format the time of a stage: the estimated time left, or the elapsed time. Return an empty text for a short time.

    Args:
        share: The finished share of the stage, from 0 to 1. 0 also means unknown.
        reached: The seconds from the start of the stage until it reached that share.
        elapsed: The seconds since the stage began.
    """
    if elapsed <= SHORT:
        return ""
    remaining = reached / share - elapsed if share else -elapsed
    if remaining < -SHORT:  # The pace is unknown, or the stage has become slower than its pace.
        return _format_seconds(elapsed)
    return f"{_format_seconds(remaining)} left" if remaining > SHORT else ""


def _format_seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < MINUTES else f"{seconds / 60:.0f} min"


def _build() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
    from rich.text import Text

    class Counts(MofNCompleteColumn):
        def render(self, task: Task) -> Text:
            return super().render(task) if task.total else Text()

    class Time(ProgressColumn):
        def render(self, task: Task) -> Text:
            share = task.completed / task.total if task.total else 0.0
            return Text(timing(share, task.fields["reached"], task.elapsed or 0.0), style="dim")

    return Progress(
        SpinnerColumn("line" if is_ascii(sys.stderr) else "dots"),
        TextColumn("{task.description}"),
        BarColumn(24),
        Counts(),
        Time(),
        console=console(sys.stderr),
        transient=True,
    )
