"""The text that a stream may get."""

import io
import json

import pytest

from hiercomp.cli import screen


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def stream(kind=io.TextIOWrapper, encoding="utf-8"):
    return kind(io.BytesIO(), encoding=encoding, newline="\n")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\x9bb\x7f", "a�b␡"),
        ("evil\u202egnp.exe\u2066x\u2069", "evil�gnp.exe�x�"),
        ("line\r\nnext\tcell\n", "line\nnext\tcell\n"),
        ("Ærø – 日本 😀 العربية", "Ærø – 日本 😀 العربية"),
    ],
)
def test_control_characters_are_shown_and_not_obeyed(text, shown):
    assert screen.visible(text) == shown


def test_every_control_character_is_made_harmless():
    codes = [*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    shown = screen.visible("".join(map(chr, codes)))
    assert {character for character in shown if ord(character) in codes} == {"\t", "\n"}


def test_a_pipe_gets_the_text_as_it_is_and_a_terminal_gets_it_shown(monkeypatch):
    pipe, terminal = stream(), stream(Terminal)
    for out in (pipe, terminal):
        monkeypatch.setattr("sys.stdout", out)
        screen.write("a\x1b[0m\r\n")
    assert pipe.buffer.getvalue() == b"a\x1b[0m\r\n"
    assert terminal.buffer.getvalue() == "a␛[0m\n".encode()


def test_a_lone_surrogate_is_written_as_the_replacement_character(monkeypatch):
    out = stream()
    monkeypatch.setattr("sys.stdout", out)
    screen.write("a\ud800b")
    assert out.buffer.getvalue().decode() == "a\ufffdb"


def test_a_pipe_gets_utf_8_whatever_the_locale(monkeypatch):
    out, err = stream(encoding="latin-1"), stream(encoding="ascii")
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    screen.prepare_streams()
    screen.write("“λ”")
    assert out.buffer.getvalue() == "“λ”".encode()


def test_a_terminal_keeps_its_encoding_and_never_fails(monkeypatch):
    out = stream(Terminal, encoding="ascii")
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", stream(Terminal))
    screen.prepare_streams()
    screen.write("λ 1")
    assert out.buffer.getvalue() == b"? 1"


def test_json_is_ascii_and_keeps_every_character(monkeypatch):
    out = stream()
    monkeypatch.setattr("sys.stdout", out)
    screen.write_json({"text": "λ\x1b\u202e\ud800"})
    written = out.buffer.getvalue()
    assert written.isascii()
    assert b"\x1b" not in written
    assert json.loads(written) == {"text": "λ\x1b\u202e\ud800"}


@pytest.mark.parametrize(
    ("kind", "variables", "plain"),
    [
        (Terminal, {}, False),
        (Terminal, {"NO_COLOR": "1"}, True),
        (Terminal, {"NO_COLOR": ""}, False),
        (Terminal, {"TERM": "dumb"}, True),
        (Terminal, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True),
        (io.TextIOWrapper, {}, True),
        (io.TextIOWrapper, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_a_plain_stream_gets_no_escape_byte(monkeypatch, kind, variables, plain):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    out = stream(kind)
    assert screen.is_plain(out) is plain
    screen.console(out).print("words", style="bold red")
    out.flush()
    assert (b"\x1b" in out.buffer.getvalue()) is not plain


def test_ascii_streams_are_known():
    assert screen.is_ascii(stream(encoding="ascii"))
    assert screen.is_ascii(stream(encoding="latin-1"))
    assert not screen.is_ascii(stream(encoding="utf-8"))
