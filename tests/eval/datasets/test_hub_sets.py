"""Tests of public originals, with rows written by hand in the documented form and a cache made by hand."""

import json
import shutil
import zipfile

import pyarrow
import pytest
from huggingface_hub import constants
from pyarrow import parquet

from eval.datasets import DEMO_FOLDER, _rows, hub, load
from eval.types import Evidence
from hiercomp.errors import ConfigError
from hiercomp.types import Span

LONGBENCH = {
    "input": "Who wrote it?",
    "context": "Ada wrote it.",
    "answers": ["Ada", "Ada L."],
    "length": 3,
    "dataset": "multifieldqa_en",
    "language": "en",
    "all_classes": None,
    "_id": "lb1",
}
QUALITY = {
    "article": "A long story.",
    "question": "Why?",
    "options": ["Because", "Perhaps", "Never", "Always"],
    "answer": 1,
    "hard": False,
}
NARRATIVEQA = {
    "document": {"id": "n1", "kind": "gutenberg", "text": "Once upon a time."},
    "question": {"text": "When?", "tokens": ["When", "?"]},
    "answers": [{"text": "Once", "tokens": ["Once"]}, {"text": "Upon a time", "tokens": ["Upon"]}],
}
HOTPOTQA = {
    "id": "h1",
    "question": "Which town of 4,200 is older?",
    "answer": "4,200",
    "type": "comparison",
    "level": "hard",
    "supporting_facts": {"title": ["Beta", "Alpha", "Alpha"], "sent_id": [0, 1, 9]},
    "context": {
        "title": ["Alpha", "Beta"],
        "sentences": [["Alpha is a town.", " It was founded in 1200."], ["Beta has 4,200 people."]],
    },
}
QASPER = {
    "id": "2001.00001",
    "title": "A Paper",
    "abstract": "We measure.",
    "full_text": {
        "section_name": ["Introduction", None],
        "paragraphs": [["We ask."], ["The corpus has 1,500 lines.", "It is small."]],
    },
    "qas": {
        "question": ["How large is the corpus?", "Is it free?", "What is it called?"],
        "question_id": ["p1", "p2", "p3"],
        "answers": [
            {
                "answer": [
                    {
                        "unanswerable": False,
                        "extractive_spans": ["1500 lines", "small"],
                        "yes_no": None,
                        "free_form_answer": "",
                        "evidence": ["FLOAT SELECTED: Table 1: Sizes.", "The corpus has 1,500 lines."],
                        "highlighted_evidence": ["The corpus has 1,500 lines."],
                    },
                    {
                        "unanswerable": False,
                        "extractive_spans": [],
                        "yes_no": None,
                        "free_form_answer": "small",
                        "evidence": ["It is small."],
                        "highlighted_evidence": ["It is small."],
                    },
                ]
            },
            {
                "answer": [
                    {
                        "unanswerable": True,
                        "extractive_spans": [],
                        "yes_no": None,
                        "free_form_answer": "",
                        "evidence": [],
                        "highlighted_evidence": [],
                    }
                ]
            },
            {
                "answer": [
                    {
                        "unanswerable": False,
                        "extractive_spans": [],
                        "yes_no": False,
                        "free_form_answer": "",
                        "evidence": [],
                        "highlighted_evidence": [],
                    }
                ]
            },
        ],
    },
}
FINANCEBENCH = {
    "financebench_id": "f1",
    "doc_name": "tarnholt_2025_annual_report",
    "question": "What is the tax rate?",
    "answer": "24.2%",
    "justification": "10,103 / 41,800",
    "question_type": "metrics-generated",
    "evidence": [
        {"evidence_text": "Provision 10,103 24.2%", "evidence_page_num": 26, "evidence_text_full_page": "..."},
        {"evidence_text": "Income before tax 41,800", "evidence_page_num": 14, "evidence_text_full_page": "..."},
    ],
}
ROWS = {
    "hub/financebench": FINANCEBENCH,
    "hub/hotpotqa": HOTPOTQA,
    "hub/narrativeqa": NARRATIVEQA,
    "hub/qasper": QASPER,
    "hub/quality": QUALITY,
    "hub/longbench_musique": LONGBENCH,
}


def test_a_row_of_longbench():
    entry = _rows.longbench(LONGBENCH)
    (question,) = entry.questions
    assert (entry.document_id, entry.text, entry.unanswerable) == ("lb1", "Ada wrote it.", 0)
    assert (question.text, question.answers, question.kind) == ("Who wrote it?", ("Ada", "Ada L."), "multifieldqa_en")
    assert _rows.longbench({**LONGBENCH, "answers": ["unanswerable"]}).unanswerable == 1


def test_a_row_of_quality():
    entry = _rows.quality(QUALITY)
    (question,) = entry.questions
    assert question.options == (("A", "Because"), ("B", "Perhaps"), ("C", "Never"), ("D", "Always"))
    assert (question.correct, question.answers, question.kind) == (("B",), ("Perhaps",), "multiple_choice")
    other = _rows.quality({**QUALITY, "question": "How?", "hard": True})
    assert other.document_id == entry.document_id == question.document_id
    assert other.questions[0].id != question.id
    assert other.questions[0].kind == "hard"


def test_a_row_of_narrativeqa():
    (question,) = _rows.narrativeqa(NARRATIVEQA).questions
    assert (question.document_id, question.text, question.answers) == ("n1", "When?", ("Once", "Upon a time"))


def test_a_row_of_hotpotqa():
    entry = _rows.hotpotqa(HOTPOTQA)
    assert entry.text == "Alpha\nAlpha is a town. It was founded in 1200.\n\nBeta\nBeta has 4,200 people."
    (question,) = entry.questions
    assert question.evidence == (
        Evidence("Beta has 4,200 people.", Span(53, 75)),
        Evidence(" It was founded in 1200.", Span(22, 46)),
    )
    assert [item.span.of(entry.text) for item in question.evidence] == [item.text for item in question.evidence]
    assert question.figures == ("4,200",)


def test_a_row_of_qasper():
    entry = _rows.qasper(QASPER)
    assert entry.text == "\n\n".join(
        ["A Paper", "We measure.", "Introduction", "We ask.", "The corpus has 1,500 lines.", "It is small."]
    )
    size, name = entry.questions
    assert (size.id, size.answers, size.kind) == ("p1", ("1500 lines, small", "small"), "extractive")
    # The evidence is that of the first annotator, without the table.
    assert size.evidence == (Evidence("The corpus has 1,500 lines.", Span(45, 72)),)
    assert size.figures == ("1,500",)
    assert (name.id, name.answers, name.kind, name.evidence) == ("p3", ("no",), "yes_no", ())
    assert entry.unanswerable == 1


def test_a_row_of_financebench():
    entry = _rows.financebench(FINANCEBENCH)
    (question,) = entry.questions
    assert (entry.document_id, entry.text) == ("tarnholt_2025_annual_report", None)
    assert question.pages == (15, 27)
    assert [item.page for item in question.evidence] == [27, 15]
    assert question.figures == ("10,103", "24.2", "41,800")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Make a cache of the hub with one row of each set. Nothing else can be fetched."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    return folder


def fill(cache, name):
    """Write the files of a set into the hub's cache, each with the same row."""
    source = hub.SOURCES[name]
    commit = source.revision
    repository = cache / f"datasets--{source.repository.replace('/', '--')}"
    if "/" in commit:  # a reference is stored with its commit
        commit = "0" * 40
        (repository / "refs" / source.revision).parent.mkdir(parents=True)
        (repository / "refs" / source.revision).write_text(commit, encoding="utf-8")
    for file in source.files:
        path = repository / "snapshots" / commit / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            parquet.write_table(pyarrow.Table.from_pylist([ROWS[name]]), path)
        elif source.member:
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(source.member, json.dumps(ROWS[name]) + "\n")
        else:
            path.write_text(json.dumps(ROWS[name]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", ROWS)
def test_a_set_is_read_from_the_files_of_its_revision(cache, name):
    fill(cache, name)
    loaded = load(name, None)
    entry = hub.SOURCES[name].entry(ROWS[name])
    assert loaded.name == name
    assert set(loaded.questions) == set(entry.questions)
    assert loaded.unanswerable == entry.unanswerable
    assert len(loaded.digest) == 64
    if entry.text is not None:
        document = loaded.documents[entry.document_id]()
        assert (document.text, document.title) == (entry.text, entry.document_id)


def test_a_filing_is_fetched_once_and_read_with_its_pages(cache, tmp_path):
    fill(cache, "hub/financebench")
    name = FINANCEBENCH["doc_name"]
    kept = tmp_path / "user" / "hiercomp-eval" / "financebench"
    kept.mkdir(parents=True)
    shutil.copy(DEMO_FOLDER / f"{name}.pdf", kept)
    document = load("hub/financebench", None).documents[name]()
    assert len(document.pages) == 33


def test_a_filing_that_cannot_be_fetched_is_named(cache, monkeypatch, tmp_path):
    fill(cache, "hub/financebench")
    monkeypatch.setattr(hub, "FILINGS", (tmp_path / "nowhere").as_uri())
    read = load("hub/financebench", None).documents[FINANCEBENCH["doc_name"]]
    with pytest.raises(ConfigError, match="hub/financebench cannot be read from file:") as caught:
        read()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", hub.SOURCES)
def test_without_a_hub_a_set_ends_in_one_line_that_names_it_and_the_folder(cache, name):
    with pytest.raises(ConfigError) as caught:
        load(name, None)
    message = str(caught.value)
    assert message.startswith(f"{name} cannot be read from https://huggingface.co (")
    assert message.endswith("or name a folder of sets with --data DIR")
    assert "\n" not in message
