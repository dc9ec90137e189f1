"""What is being done and how long it will take, on stderr: one line that is redrawn and goes away, on a terminal only.

A stage of steps shows how many are done and, once two seconds are over, the time left by the pace so far; any other
shows the time that it has taken.
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
    "encode": "encoding",
    "model": "loading the reader",
    "retrieve": "finding",
    "allocate": "allocating",
    "render": "rendering",
    "prompt": "reading the context",
    "reason": "answering",
}
SHORT = 2.0
"""Seconds: a shorter wait needs no announcement."""
MINUTES = 100.0
"""Seconds from which a time is told in minutes."""


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
            line = self._progress
            steps = total if total > 1 else None  # a bar of one step would stand empty until it is gone
            task = line.tasks[0] if line.tasks else None
            if task is None or (stage, steps) != (self._stage, task.total) or done < task.completed:
                self._stage = stage
                for number in line.task_ids:
                    line.remove_task(number)
                line.add_task(_WORDS.get(stage, stage), total=steps, reached=0.0)
                task = line.tasks[0]
            if done > task.completed:
                line.update(task.id, completed=done, reached=task.elapsed or 0.0)

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


def timing(share: float, reached: float, elapsed: float) -> str:
    """What is said of a stage's time: what is left where its pace is known, else what has passed; nothing if short.

    Args:
        share: how much of the stage is done, of 1; 0 where it is not known.
        reached: seconds after which that much was done.
        elapsed: seconds since the stage began.
    """
    if elapsed <= SHORT:
        return ""
    left = reached / share - elapsed if share else -elapsed
    if left < -SHORT:  # no pace to go by, or one that was not kept
        return _duration(elapsed)
    return f"{_duration(left)} left" if left > SHORT else ""


def _duration(seconds: float) -> str:
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
