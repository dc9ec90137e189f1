from __future__ import annotations

import subprocess
import sys

import pytest

from hiercomp import registry
from hiercomp.errors import ConfigError, DocumentError
from hiercomp.loaders import build, expand, is_readable, load, load_bytes
from hiercomp.loaders._detect import KINDS
from hiercomp.registry import names


def test_the_content_decides_the_type_not_the_name(tmp_path):
    path = tmp_path / "page.pdf"
    path.write_text("<html><body><h1>Not a PDF</h1><p>Login required.</p></body></html>")
    document = load(path)
    assert document.text == "Not a PDF\n\nLogin required.\n"
    assert document.source == "page.pdf"


def test_the_users_hint_overrides_the_content(tmp_path):
    path = tmp_path / "page"
    path.write_text("<html><body>Hi there</body></html>")
    assert load(path, kind="text").text == "<html><body>Hi there</body></html>"


def test_an_unknown_type_names_those_that_there_are(tmp_path):
    with pytest.raises(ConfigError, match="no type 'xyz'; choose from pdf, docx"):
        load(tmp_path / "a", kind="xyz")
    with pytest.raises(ConfigError, match="no component of loaders is called 'xyz'; choose from csv, docx"):
        build("xyz")


def test_a_component_that_is_no_loader_is_refused(monkeypatch):
    monkeypatch.setattr(registry, "component", lambda *_: "no loader")
    with pytest.raises(ConfigError, match=r"'pdf' of loaders is not usable: .* a str, .* of hiercomp\.ports\.Loader"):
        build("pdf")


class BrokenLoader:
    def load(self, path, *, source, password=None):
        raise KeyError("row 7")


def test_any_error_of_a_loader_is_one_line_that_blames_the_loader(monkeypatch, tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("A list.")
    monkeypatch.setattr(registry, "component", lambda *_: BrokenLoader())
    monkeypatch.setattr(registry, "origin", lambda *_: "table-reader 1.2")
    with pytest.raises(DocumentError) as raised:
        load(path)
    assert str(raised.value) == (
        "list.txt: the loader 'text' of table-reader 1.2 failed on this file (KeyError: 'row 7'); "
        "report that, and convert the file to text"
    )
    assert isinstance(raised.value.__cause__, KeyError)


def test_an_empty_selection_of_pages_is_an_error(tmp_path):
    path = tmp_path / "pages.txt"
    path.write_text("one\ftwo")
    with pytest.raises(ConfigError, match="--pages is empty"):
        load(path, pages="")


def test_a_missing_file_and_a_directory_are_document_errors(tmp_path):
    with pytest.raises(DocumentError, match=r"gone\.pdf: there is no such file"):
        load(tmp_path / "gone.pdf")
    with pytest.raises(DocumentError, match="this is a directory"):
        load(tmp_path)


def test_bytes_of_stdin_are_typed_by_content(report):
    document = load_bytes(report.read_bytes(), pages="2")
    assert document.source == "stdin"
    assert [page.number for page in document.pages] == [2]
    assert load_bytes(b"Just a line.\n").text == "Just a line.\n"


def test_pages_of_a_format_without_pages_are_an_error(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("<p>Text of the page.</p>")
    with pytest.raises(DocumentError, match="this format has no pages; leave --pages out"):
        load(path, pages="1")


def test_every_loader_is_a_component():
    assert set(names("loaders")) == set(KINDS)
    for name in names("loaders"):
        assert callable(build(name).load)


def test_importing_the_loaders_loads_nothing_heavy():
    code = (
        "import sys, hiercomp.loaders; heavy = {'numpy', 'pypdfium2', 'docx', 'pptx', 'lxml', 'charset_normalizer'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_directory_gives_its_files_sorted_and_a_glob_its_matches(tmp_path, report):
    for name in ("b.txt", "a.md", ".hidden.txt", "sub/c.html", ".git/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<html><p>words</p></html>")
    (tmp_path / "program.exe").write_bytes(b"MZ\x00\x01\x02\x03" * 20)
    found = [path.relative_to(tmp_path).as_posix() for path in expand([tmp_path])]
    assert found == ["a.md", "b.txt", "program.exe", "report.pdf", "sub/c.html"]
    assert [path.name for path in expand([tmp_path]) if not is_readable(path)] == ["program.exe"]
    assert expand([str(tmp_path / "*.txt"), tmp_path / "b.txt"]) == [tmp_path / "b.txt"]
    assert expand([tmp_path / "b.txt", report]) == [tmp_path / "b.txt", report]


@pytest.mark.parametrize(
    ("name", "message"),
    [("none.txt", "no such file or directory"), ("*.pptx", "no file matches"), ("empty", "no file in this directory")],
)
def test_a_path_that_stands_for_nothing_is_an_error(tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DocumentError, match=message):
        expand([tmp_path / name])
