"""Files that cannot be read, and parts that a loader leaves out: they are named, and the rest is answered from."""

import json

import pytest
from command_line import QUESTION

from hiercomp.types import Document

ASK = ["ask", "docs", QUESTION, "-b", "700"]
REASON = "this is a compressed file; unpack it first"


@pytest.fixture
def folder(hiercomp):
    """Move the report into a folder with a file that no loader reads."""
    docs = hiercomp.folder / "docs"
    docs.mkdir()
    (hiercomp.folder / "report.md").rename(docs / "report.md")
    (docs / "old.gz").write_bytes(b"\x1f\x8b packed")
    return docs


def test_the_answer_comes_from_the_rest_and_the_exit_code_says_so(hiercomp, folder):
    done = hiercomp(*ASK, check=3)
    assert "21.3 percent" in done.stdout.decode()
    assert f"  warning: old.gz was skipped: {REASON}\n" in done.stderr.decode()


@pytest.mark.parametrize("command", [ASK, [*ASK, "--dry-run"], ["compress", *ASK[1:]], ["index", "docs"]])
def test_json_names_the_file_and_the_reason(hiercomp, folder, command):
    done = hiercomp(*command, "--json", check=3)
    report = json.loads(done.stdout)
    assert report["skipped"] == [{"source": "old.gz", "reason": REASON}]
    assert report["omitted"] == []
    assert done.stderr == b""


@pytest.mark.parametrize("command", [["compress", *ASK[1:]], ["index", "docs"], [*ASK, "--dry-run"]])
def test_every_command_warns_unless_it_is_quiet(hiercomp, folder, command):
    assert f"warning: old.gz was skipped: {REASON}" in hiercomp(*command, check=3).stderr.decode()
    assert hiercomp(*command, "--quiet", check=3).stderr == b""


def test_strict_stops_from_a_flag_a_variable_or_a_file(hiercomp, folder):
    for done in (hiercomp(*ASK, "--strict", check=3), hiercomp(*ASK, check=3, HIERCOMP_STRICT="true")):
        assert done.stdout == b""
        assert f"error: old.gz: {REASON}" in done.stderr.decode()
    (hiercomp.folder / "hiercomp.toml").write_text("strict = true\n")
    error = json.loads(hiercomp(*ASK, "--json", check=3).stdout)["error"]
    assert error == {"code": 3, "type": "DocumentError", "message": f"old.gz: {REASON}"}


def test_many_files_of_unknown_formats_share_a_line(hiercomp, folder):
    for number in range(9):
        (folder / f"{number}.exe").write_bytes(b"MZ\x00\x01\x02\x03" * 20)
    (folder / "bad.txt").write_bytes(b" \n")
    warnings = [line for line in hiercomp(*ASK, check=3).stderr.decode().splitlines() if "warning" in line]
    assert warnings[0].startswith("  warning: bad.txt was skipped: ")
    assert warnings[1:] == [
        "  warning: 10 files skipped: 9 .exe, 1 .gz; `hiercomp inspect` says why, --strict stops instead"
    ]
    shown = hiercomp("inspect", "docs", check=3).stdout.decode()
    assert "\nskipped: 11\n" in shown
    assert "\n  0.exe: this is " in shown


def test_a_single_bad_file_is_an_error_as_ever(hiercomp, folder):
    done = hiercomp("ask", "docs/old.gz", QUESTION, check=3)
    assert done.stderr.decode().endswith(f"error: old.gz: {REASON}\n")


OMISSIONS = tuple(f"1 chart of slide {number} (3-D bar)" for number in range(1, 6))


def test_what_a_loader_left_out_is_warned_of_and_listed(hiercomp, monkeypatch):
    text = (hiercomp.folder / "report.md").read_text(encoding="utf-8")
    document = Document(text, "report.md", "Report", omissions=OMISSIONS)
    monkeypatch.setattr("hiercomp.loaders.load", lambda path, **options: document)
    for _ in range(2):  # The second time, the document comes from the store.
        done = hiercomp("ask", "report.md", QUESTION, "-b", "700")
        expected = f"warning: 5 parts of report.md were left out: {'; '.join(OMISSIONS[:3])}; and 2 more"
        assert expected in done.stderr.decode()
    assert "left out: 5\n  report.md: 1 chart of slide 1 (3-D bar)" in hiercomp("inspect", "report.md").stdout.decode()
    for command in (["inspect", "report.md"], ["ask", "report.md", QUESTION]):
        omitted = json.loads(hiercomp(*command, "--json").stdout)["omitted"]
        assert omitted[4] == {"source": "report.md", "what": OMISSIONS[4]}


def test_attachments_are_cited_by_their_own_names(hiercomp, monkeypatch):
    offer = Document("The pump is covered for 30 months.\n", "offer.pdf", "")
    mail = Document("Please find our offer.\n", "report.md", "Offer", attachments=(offer,))
    monkeypatch.setattr("hiercomp.loaders.load", lambda path, **options: mail)
    for _ in range(2):
        answer = json.loads(hiercomp("ask", "report.md", "How long is the pump covered?", "--json").stdout)
        assert answer["citations"][0]["document"] == "report.md › offer.pdf"
