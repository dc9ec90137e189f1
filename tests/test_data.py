import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

DATA = Path(__file__).parents[1] / "data"


def _lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


DOCUMENTS = {document["doc_id"]: DATA / str(document["path"]) for document in _lines("documents.jsonl")}
QUESTIONS = _lines("questions.jsonl")
REPORT = DATA / "tarnholt_2025_annual_report.pdf"


@pytest.fixture(scope="module")
def pages() -> list[str]:
    """The text of each page with single blanks."""
    with pypdfium2.PdfDocument(REPORT) as document:
        return list(_texts(document))


def _texts(document: pypdfium2.PdfDocument) -> Iterator[str]:
    for page in document:
        yield " ".join(page.get_textpage().get_text_bounded().split())
        page.close()


def test_the_generator_writes_the_committed_bytes(tmp_path: Path) -> None:
    script = DATA / "make_annual_report.py"
    subprocess.run([sys.executable, script, "--out", tmp_path], check=True, stdin=subprocess.DEVNULL, timeout=120)
    for path in DOCUMENTS.values():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), f"{path.name} changed: run make demo"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question["id"]))
def test_evidence_stands_on_its_pages_and_no_other(question: dict[str, object], pages: list[str]) -> None:
    path = DOCUMENTS[question["doc_id"]]
    texts = pages if path == REPORT else [" ".join(path.read_text(encoding="utf-8").split())]
    found = [{number for number, text in enumerate(texts) if quote in text} for quote in question["evidence"]]
    assert all(found)
    if path == REPORT:
        assert sorted(set().union(*found)) == question["evidence_pages"]
    assert bool(question["answers"]) == bool(question["evidence"]) == (question["type"] != "unanswerable")


def test_ids_are_unique_and_kinds_differ() -> None:
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS)
    assert len({question["meta"]["kind"] for question in QUESTIONS}) > 12


def test_every_page_has_its_header_and_number(pages: list[str]) -> None:
    assert len(pages) == 33
    for number, text in enumerate(pages, start=1):
        assert "Tarnholt Instruments Corporation" in text
        assert "2025 Annual Report" in text
        assert f"Page {number}" in text


def test_the_outline_and_the_contents_name_the_right_pages(pages: list[str]) -> None:
    with pypdfium2.PdfDocument(REPORT) as document:
        entries = [(entry.get_title(), entry.get_dest().get_index()) for entry in document.get_toc()]
    assert len(entries) > 40
    for title, index in entries:
        assert title in pages[index]
    contents = pages[1] + " " + pages[2]
    for title, index in entries:
        assert re.search(rf"{re.escape(title)}[ .]+{index + 1}\b", contents), title


def test_totals_of_the_printed_statements_add_up(pages: list[str]) -> None:
    balance = next(text for text in pages if "Total stockholders' equity" in text)
    assets = _first_number(balance, "Total assets")
    # 688,473 = 487,355 + 201,118
    assert assets == 688_473
    assert assets == _first_number(balance, "Total liabilities") + _first_number(balance, "Total stockholders' equity")
    current = ("Cash and cash equivalents", "Accounts receivable, net", "Inventories", "Prepaid expenses and other")
    parts = (_first_number(balance.replace("other current assets", "other"), label) for label in current)
    assert sum(parts) == _first_number(balance, "Total current assets")
    income = next(text for text in pages if "Diluted weighted average shares" in text)
    # 41,746 - 10,103 = 31,643; 10,103 / 41,746 = 24.2 %
    pretax, tax = (_first_number(income, f"{of} income taxes") for of in ("Income before", "Provision for"))
    assert pretax - tax == _first_number(income, "Net income")
    assert f"{tax / pretax:.1%}" == "24.2%"


def _first_number(text: str, label: str) -> int:
    return int(text.split(f"{label} ", 1)[1].split(" ", 1)[0].replace(",", ""))
