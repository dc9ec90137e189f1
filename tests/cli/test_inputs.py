"""The inputs of a command: files, the question and stdin."""

import io

import pytest

from hiercomp.cli.inputs import read_sources, split_question
from hiercomp.config import Config
from hiercomp.errors import ConfigError, DocumentError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("# A\n\nOne sentence.\n", encoding="utf-8")
    (tmp_path / "b.md").write_text("# B\n\nOne sentence.\n", encoding="utf-8")
    (tmp_path / "notes").write_text("Notes without a suffix.\n", encoding="utf-8")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "c.md").write_text("# C\n\nOne sentence.\n", encoding="utf-8")


class Stdin:
    def __init__(self, data=b"", *, terminal=False):
        self.buffer = io.BytesIO(data)
        self._terminal = terminal

    def isatty(self):
        return self._terminal


@pytest.mark.parametrize(
    ("arguments", "files", "question"),
    [
        (["a.md", "What is it?"], ("a.md",), "What is it?"),
        (["a.md", "b.md", "Compare them."], ("a.md", "b.md"), "Compare them."),
        (["*.md", "What?"], ("*.md",), "What?"),
        (["-", "What?"], ("-",), "What?"),
        (["What is in a.md?"], (), "What is in a.md?"),
        (["a.md", "EBITDA"], ("a.md",), "EBITDA"),
        (["a.md", "x" * 5000], ("a.md",), "x" * 5000),
        (["a.md", "What is 1/2 of [x] in *this*?"], ("a.md",), "What is 1/2 of [x] in *this*?"),
    ],
)
def test_the_last_argument_is_the_question(arguments, files, question):
    assert split_question(arguments, None, required=True) == (files, question)


@pytest.mark.parametrize(
    "arguments", [["a.md"], ["*.md"], ["reports"], ["notes"], ["-"], ["missing.pdf"], ["some/where"], ["a.md", "b.md"]]
)
def test_a_file_is_not_a_question(arguments):
    assert split_question(arguments, None, required=False) == (tuple(arguments), None)
    with pytest.raises(ConfigError, match="is read as a file; put the question in quotes"):
        split_question(arguments, None, required=True)


def test_with_the_flag_all_arguments_are_files():
    assert split_question(["a.md", "EBITDA"], "What?", required=True) == (("a.md", "EBITDA"), "What?")


@pytest.mark.parametrize("question", ["", "  \n"])
def test_a_blank_question_is_refused(question):
    with pytest.raises(ConfigError, match="blank"):
        split_question(["a.md", question], None, required=False)
    with pytest.raises(ConfigError, match="blank"):
        split_question(["a.md"], question, required=True)


def test_no_file_is_stdin(monkeypatch):
    monkeypatch.setattr("sys.stdin", Stdin(b"# Title\n\nThe harbour was built in 1931.\n"))
    (document,) = read_sources((), Config())
    assert document.source == "stdin"
    assert "built in 1931" in document.text


def test_a_terminal_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("sys.stdin", Stdin(terminal=True))
    with pytest.raises(ConfigError, match="no document"):
        read_sources((), Config())


def test_an_empty_stdin_is_an_error(monkeypatch):
    monkeypatch.setattr("sys.stdin", Stdin(b""))
    with pytest.raises(DocumentError, match="stdin"):
        read_sources(("-",), Config())


def test_stdin_is_read_no_further_than_the_limit(monkeypatch):
    stdin = Stdin(b"word " * 10_000)
    monkeypatch.setattr("sys.stdin", stdin)
    with pytest.raises(DocumentError, match="stdin"):
        read_sources((), Config(max_bytes=1000))
    assert stdin.buffer.tell() == 1001


def test_addresses_are_not_fetched():
    with pytest.raises(DocumentError, match="not fetched"):
        read_sources(("https://example.org/a.pdf",), Config())


def test_an_empty_name_is_not_the_current_folder():
    with pytest.raises(DocumentError, match="name is empty"):
        read_sources(("",), Config())
