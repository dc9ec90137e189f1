"""The command line on a terminal."""

import os
import pty
import re
import select
import subprocess

import pytest
from command_line import QUESTION

ESCAPE = b"\x1b"


@pytest.fixture
def on_terminal(hiercomp):
    """Run a command with stdout and stderr on one terminal, and return the bytes that the terminal got."""

    def run(*arguments, check=0, **environment):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            hiercomp.arguments(*arguments),
            cwd=hiercomp.folder,
            env=hiercomp.environment | {"COLUMNS": "100"} | environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux reports the closed terminal in this way.
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
        assert process.wait(timeout=20) == check, shown.decode()
        return shown.replace(b"\r\n", b"\n")

    return run


def test_the_answer_is_streamed_and_the_ledger_is_in_colour(on_terminal):
    shown = on_terminal("ask", "report.md", QUESTION)
    assert b"21.3 percent" in shown
    assert ESCAPE in shown
    assert "✓".encode() in shown


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_escape_byte_where_none_is_wanted(on_terminal, variables):
    for arguments in (["ask", "report.md", QUESTION], ["inspect", "report.md"], ["config"], ["ask", "--help"]):
        assert ESCAPE not in on_terminal(*arguments, **variables)


def test_json_draws_nothing_on_a_terminal(on_terminal):
    shown = on_terminal("ask", "report.md", QUESTION, "--json")
    assert shown.startswith(b"{\n")
    assert shown.endswith(b"}\n")
    assert ESCAPE not in shown


def test_a_document_cannot_control_the_terminal(hiercomp, on_terminal):
    padding = "The company builds cranes in Oslo and in Gdansk, and sells them in forty countries.\n" * 20
    evil = f"# Title\n\nThe rate was \x1b]0;owned\x07 21.3 \x1b[31mpercent\x9b2J in \u202e2025.\n\n{padding}"
    (hiercomp.folder / "evil.md").write_text(evil, encoding="utf-8")
    for command in ("ask", "compress"):
        shown = on_terminal(command, "evil.md", "What was the rate in 2025?", NO_COLOR="1")
        assert b"21.3" in shown
        assert ESCAPE not in shown
        assert b"\x07" not in shown
        assert "\x9b".encode() not in shown
        assert "\u202e".encode() not in shown


def test_a_terminal_without_a_document_is_an_error_and_no_wait(on_terminal):
    assert b"error: no document" in on_terminal("ask", QUESTION, check=2)


def test_progress_goes_away(hiercomp, on_terminal, serve):
    server = serve(pieces=["The rate was 21.3 percent [1]."], pause=2.6)
    shown = on_terminal("ask", "report.md", QUESTION, "--model", "test-model", "--base-url", server.base_url)
    assert b"\x1b[?25l" in shown  # The cursor is hidden while the line is redrawn.
    assert re.search(rb"\x1b\[2m\d+ s\x1b", shown)  # the elapsed time of the answer
    assert shown.rindex(b"\x1b[?25h") < shown.index(b"The rate was")
