from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from hiercomp.errors import ConfigError, DocumentError, MissingExtraError
from hiercomp.loaders import Limits, load
from hiercomp.loaders._child import _reply
from hiercomp.loaders._sandbox import SandboxedLoader, _describe_failure
from hiercomp.loaders._wire import (
    Job,
    decode_job,
    decode_reply,
    encode_document,
    encode_error,
    encode_job,
)
from hiercomp.types import Document, Heading, Page, Span


def test_a_parse_that_takes_too_long_names_its_limit(report):
    with pytest.raises(DocumentError, match=r"more than the limit of 0\.01 s; split the file or use --pages"):
        load(report, limits=Limits(seconds=0.01))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of memory for a process")
def test_a_parse_that_needs_too_much_memory_names_its_limit(tmp_path):
    path = tmp_path / "big.html"
    path.write_bytes(b"<html><p>" + b"word and more " * 3_000_000)
    with pytest.raises(DocumentError, match=r"0\.1 GB of memory"):
        load(path, limits=Limits(memory_bytes=120 * 1024**2))


def test_more_text_than_the_limit_is_refused(report):
    with pytest.raises(DocumentError, match="characters are more than the limit of 100"):
        load(report, limits=Limits(characters=100))


def test_a_file_over_the_limit_is_not_parsed(report):
    with pytest.raises(DocumentError, match=r"more than the limit of 0\.0 MB; split it"):
        SandboxedLoader("pdf", limits=Limits(input_bytes=10)).load(report, source="report.pdf")


def test_the_message_of_a_crash_names_its_signal_and_the_limits():
    crash = _describe_failure(-11, b"", Limits())
    assert crash == (
        "the parser was stopped by SIGSEGV within its limits of 2.0 GB of memory and 120 s; "
        "the file is damaged or needs more, so split it"
    )
    assert "RuntimeError: x" in _describe_failure(1, b"Traceback\nRuntimeError: x\n", Limits())


@pytest.mark.parametrize("error", [ValueError("bad\nrow"), KeyError("x"), IndexError(), AssertionError("odd")])
def test_any_error_of_a_parser_is_one_line_and_does_not_blame_the_file(monkeypatch, error, capfd):
    def parse(job):
        raise error

    monkeypatch.setitem(sys.modules, "hiercomp.loaders._odd", SimpleNamespace(parse=parse))
    with pytest.raises(DocumentError) as raised:
        decode_reply(_reply(Job("odd", "/a/b.odd", "b.odd")))
    message = str(raised.value)
    assert message.startswith(f"b.odd: the loader 'odd' of hiercomp failed on this file ({type(error).__name__}")
    assert "\n" not in message
    assert "damaged" not in message
    assert "Traceback" in capfd.readouterr().err


def test_what_a_document_lacks_and_carries_passes_with_every_character():
    inner = Document("a \ud800 lone surrogate", "mail.eml › a.txt", "a", omissions=("1 picture",))
    document = Document("mail", "mail.eml", "", omissions=("1 chart",), attachments=(inner,))
    passed = decode_reply(encode_document(document))
    assert passed == document
    assert passed.attachments[0].omissions == ("1 picture",)


@pytest.mark.parametrize(
    ("package", "parser", "what"), [("lxml", "xlsx_parts", "XLSX"), ("python_calamine", "xls", "XLS and XLSB")]
)
def test_a_missing_package_names_its_extra(package, parser, what):
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from hiercomp.errors import MissingExtraError\n"
        f"try:\n    import hiercomp.loaders._{parser}\nexcept MissingExtraError as error:\n    print(error)"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed == f"reading {what} needs the extra 'formats': pip install 'hiercomp[formats]'\n"


def test_a_job_and_a_document_pass_unchanged():
    job = Job("pdf", "/a/b.pdf", "b.pdf", "3-9", "secret", Limits(pages=7))
    assert decode_job(encode_job(job)) == job
    assert "secret" not in repr(job)
    document = Document(
        "a\n\U0001d11e\n", "s", "t", (Page(3, Span(0, 4)),), (Heading("a", 1, Span(0, 1)),), (Span(2, 3),)
    )
    assert decode_reply(encode_document(document)) == document


@pytest.mark.parametrize(
    "error", [DocumentError("bad"), ConfigError("odd"), MissingExtraError("reading DOCX", "formats")]
)
def test_an_error_passes_with_its_type(error):
    with pytest.raises(type(error)) as raised:
        decode_reply(encode_error(error))
    assert str(raised.value) == str(error)
