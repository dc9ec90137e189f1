"""The progress line on stderr."""

import io
import re
import time

import pytest

from hiercomp.cli.progress import ProgressLine, timing


@pytest.mark.parametrize(
    ("share", "reached", "elapsed", "said"),
    [
        (0.0, 0.0, 1.9, ""),
        (0.0, 0.0, 4.2, "4 s"),
        # A quarter in 3 s is 12 s in all: 9 s are left then, and 7 s two seconds later.
        (0.25, 3.0, 3.0, "9 s left"),
        (0.25, 3.0, 5.0, "7 s left"),
        (0.25, 0.5, 0.5, ""),
        (0.5, 3.0, 4.5, ""),
        # Half in 3 s is 6 s in all. A stage that is late shows the elapsed time.
        (0.5, 3.0, 7.0, ""),
        (0.5, 3.0, 9.0, "9 s"),
        (0.01, 6.0, 6.0, "10 min left"),
        (0.0, 0.0, 150.0, "2 min"),
    ],
)
def test_time_is_told_once_two_seconds_are_over_or_left(share, reached, elapsed, said):
    assert timing(share, reached, elapsed) == said


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Replace stderr by a stream, and return a function that reads its text without escape sequences."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def make(kind=Terminal):
        stream = kind(io.BytesIO(), encoding="utf-8", newline="\n")
        monkeypatch.setattr("sys.stderr", stream)

        def written():
            stream.flush()
            return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.buffer.getvalue().decode())

        return written

    return make


@pytest.mark.timing
def test_steps_are_counted_and_one_step_is_not(terminal):
    written = terminal()
    with ProgressLine(wanted=True) as line:
        line("load", 0, 1)
        time.sleep(0.15)
        assert "reading" in written()
        assert "/" not in written()
        line("encode", 64, 128)
        time.sleep(0.15)
        assert " 64/128" in written()
        assert "embedding" in written()


def test_the_same_stage_begun_again_is_timed_anew(terminal):
    terminal()
    with ProgressLine(wanted=True) as line:
        line("encode", 0, 40)
        line("encode", 32, 40)
        first = line._progress.tasks[0]
        line("encode", 0, 40)
        second = line._progress.tasks[0]
        assert (second.completed, second.fields["reached"]) == (0, 0.0)
        assert second.id != first.id
        line("encode", 0, 90)
        assert line._progress.tasks[0].total == 90
        assert len(line._progress.tasks) == 1


@pytest.mark.parametrize(("kind", "wanted"), [(io.TextIOWrapper, True), (Terminal, False)])
def test_nothing_is_drawn_in_a_file_nor_where_it_is_not_wanted(terminal, kind, wanted):
    written = terminal(kind)
    with ProgressLine(wanted=wanted) as line:
        line("load", 3, 20)
        time.sleep(0.15)
    assert written() == ""


def test_nothing_is_drawn_after_the_line_was_taken_away(terminal):
    written = terminal()
    with ProgressLine(wanted=True) as line:
        line("load", 3, 20)
        line.stop()
        before = written()
        line("encode", 3, 20)
        line.print_above("reader: extractive")
        assert written() == before + "reader: extractive\n"
