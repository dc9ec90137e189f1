"""Tests of sets in folders: the fields of a line, places in the document, and errors of a line."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from eval.datasets import DEMO_FOLDER, folder, load
from eval.types import Evidence
from hiercomp.errors import ConfigError
from hiercomp.types import Span

TEXT = "The tax was 310.\r\n\fThe lease was 420 in 2021.\fThe goodwill was 530."
LEASE = TEXT.index("The lease")


def test_a_question_has_what_its_line_says(write):
    line = {
        "id": "q1",
        "doc_id": "alpha",
        "question": "How much was the lease?",
        "answers": ["$420.00"],
        "evidence": ["The lease was\n420 in 2021."],
        "evidence_spans": [[LEASE, LEASE + 26]],
        "evidence_pages": [1],
        "type": "numeric",
        "meta": {"options": {"A": "310", "B": "420"}, "gold_letters": ["B"], "justification": None, "other": [1]},
    }
    loaded = folder.load(write("set", [{"doc_id": "alpha", "title": "Alpha", "text": TEXT}], [line]))
    (question,) = loaded.questions
    assert (loaded.name, question.id, question.document_id) == ("set", "q1", "alpha")
    assert (question.text, question.answers, question.kind) == ("How much was the lease?", ("$420.00",), "numeric")
    # Pages count from 0 in the file and from 1 here.
    assert question.evidence == (Evidence("The lease was\n420 in 2021.", Span(LEASE, LEASE + 26), 2),)
    assert question.pages == (2,)
    assert question.figures == ("420",)
    assert (question.options, question.correct) == ((("A", "310"), ("B", "420")), ("B",))


def test_a_text_is_read_as_it_is_and_form_feeds_part_its_pages(write):
    loaded = folder.load(write("set", [{"doc_id": "a", "text": TEXT}, {"doc_id": "b", "text": "one"}], []))
    document = loaded.documents["a"]()
    assert (document.text, document.source, document.title) == (TEXT, "a", "a")
    assert [page.span.of(TEXT) for page in document.pages] == TEXT.replace("\f", "\f|").split("|")
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert loaded.documents["b"]().pages == ()


def test_evidence_that_is_given_as_spans_only_is_the_text_there(write):
    line = {"id": "1", "doc_id": "a", "question": "?", "evidence_spans": [[0, 16], [LEASE, LEASE + 26]]}
    (question,) = folder.load(write("set", [{"doc_id": "a", "text": TEXT}], [line])).questions
    assert [item.text for item in question.evidence] == ["The tax was 310.", "The lease was 420 in 2021."]
    assert [item.span for item in question.evidence] == [Span(0, 16), Span(LEASE, LEASE + 26)]


def test_a_span_over_another_text_is_not_believed(write):
    line = {
        "id": "1",
        "doc_id": "a",
        "question": "?",
        "evidence": ["The goodwill was 530."],
        "evidence_spans": [[0, 9]],
    }
    (question,) = folder.load(write("set", [{"doc_id": "a", "text": TEXT}], [line])).questions
    assert question.evidence == (Evidence("The goodwill was 530."),)


@pytest.mark.parametrize("pages", [[2, 0], [0, 1, 2], [0, 2, 2]], ids=["other order", "more pages", "a page twice"])
def test_evidence_is_on_the_gold_page_that_shares_its_words(write, pages):
    evidence = ["The tax was 310.", "The goodwill was: 530."]
    line = {"id": "1", "doc_id": "a", "question": "?", "evidence": evidence, "evidence_pages": pages}
    (question,) = folder.load(write("set", [{"doc_id": "a", "text": TEXT}], [line])).questions
    assert [item.page for item in question.evidence] == [1, 3]


def test_of_pages_that_share_as_much_the_one_at_the_same_place_is_taken(write):
    line = {"id": "1", "doc_id": "a", "question": "?", "evidence": ["was", "was"], "evidence_pages": [2, 1]}
    (question,) = folder.load(write("set", [{"doc_id": "a", "text": TEXT}], [line])).questions
    assert [item.page for item in question.evidence] == [3, 2]
    assert question.pages == (2, 3)


def test_questions_that_nothing_answers_are_left_out_and_counted(write):
    kinds = ["extractive", "unanswerable", "adversarial", ""]
    lines = [{"id": kind, "doc_id": "a", "question": "?", "type": kind} for kind in kinds]
    loaded = folder.load(write("set", [{"doc_id": "a", "text": "x"}], lines))
    assert [question.id for question in loaded.questions] == ["extractive", ""]
    assert loaded.unanswerable == 2


def test_questions_stand_in_the_order_of_their_documents(write):
    lines = [{"id": str(number), "doc_id": "ab"[number % 2], "question": "?"} for number in range(4)]
    loaded = folder.load(write("set", [{"doc_id": "b", "text": "x"}, {"doc_id": "a", "text": "y"}], lines))
    assert [question.id for question in loaded.questions] == ["1", "3", "0", "2"]


def test_the_digest_is_of_all_files_that_the_set_is_made_of(write):
    one = write("one", [{"doc_id": "a", "path": "a.md"}], [])
    other = write("other", [{"doc_id": "a", "path": "a.md"}], [])
    for path in (one, other):
        (path / "a.md").write_text("The same.", encoding="utf-8")
    assert folder.load(one).digest == folder.load(other).digest
    (other / "a.md").write_text("Another.", encoding="utf-8")
    assert folder.load(one).digest != folder.load(other).digest


def test_documents_that_the_weights_were_fitted_on_are_named_in_whatever_set_they_stand(write):
    provenance = json.loads(files("hiercomp.ranking").joinpath("evidence.json").read_text(encoding="utf-8"))[
        "provenance"
    ]
    fitted = provenance["documents"]["financebench_text"][0]
    loaded = folder.load(write("financebench", [{"doc_id": fitted, "text": "x"}, {"doc_id": "mine", "text": "y"}], []))
    assert loaded.fitted == {fitted}


def test_the_weights_name_the_documents_of_every_set_that_they_were_fitted_on():
    provenance = json.loads(files("hiercomp.ranking").joinpath("evidence.json").read_text(encoding="utf-8"))[
        "provenance"
    ]
    documents = provenance["documents"]
    assert set(provenance["questions"]) <= set(documents)
    assert all(len(set(names)) == len(names) > 0 for names in documents.values())
    # Documents that figures are reported on are not among them.
    assert not set(provenance["held_out"].values()) & set(documents)


def test_the_demo_has_evidence_on_its_pages_and_figures():
    loaded = load("demo", None)
    assert (loaded.name, loaded.unanswerable, loaded.fitted) == ("demo", 1, frozenset())
    questions = {question.id: question for question in loaded.questions}
    assert questions["tax-rate"].pages == (15, 27)
    assert [item.page for item in questions["tax-rate"].evidence] == [15, 27]
    assert questions["tax-rate"].figures == ("24.2", "18.4")
    assert questions["two-hop-goodwill"].figures == ("14,400",)
    report = loaded.documents["tarnholt_2025_annual_report"]()
    assert len(report.pages) == 33
    for question in questions.values():
        document = loaded.documents[question.document_id]()
        for item in question.evidence:
            spans = [page.span for page in document.pages if page.number == item.page] or [Span(0, len(document.text))]
            assert "".join(item.text.split()) in "".join(spans[0].of(document.text).split())


def test_a_file_is_read_once_and_kept_for_later_processes(write, tmp_path):
    path = write("set", [{"doc_id": "a", "path": "a.md"}], [])
    (path / "a.md").write_text("# Taxes\n\nThey rose.", encoding="utf-8")
    first = folder.load(path).documents["a"]()
    kept = sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert kept > 0
    assert folder.load(path).documents["a"]() == first
    assert first.source == "a.md"


QUESTION = {"id": "1", "doc_id": "a", "question": "?"}


@pytest.mark.parametrize(
    ("documents", "questions", "message"),
    [
        ([], [QUESTION], "questions.jsonl: 'a' is not a document of documents.jsonl"),
        ([{"text": "x"}], [], "documents.jsonl:1: doc_id: Field required"),
        ([], [{"id": "1", "doc_ids": ["a"], "question": "?"}], "questions.jsonl:1: doc_id: Field required"),
        ([], [QUESTION, {**QUESTION, "evidence_pages": ["x"]}], "questions.jsonl:2: evidence_pages.0: Input should be"),
        ([{"doc_id": "a"}], [], "documents.jsonl:1: Value error, 'a' has neither 'text' nor 'path'"),
        ([{"doc_id": "a", "path": "gone.pdf"}], [], "gone.pdf cannot be read (No such file or directory)"),
    ],
)
def test_a_line_that_is_not_in_the_layout_is_named(write, documents, questions, message):
    path = write("set", documents, questions)
    with pytest.raises(ConfigError) as caught:
        folder.load(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_line_that_is_no_json_is_named(write):
    path = write("set", [], [])
    Path(path / "questions.jsonl").write_text('\n{"id": 1,\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"questions\.jsonl:2: Invalid JSON"):
        folder.load(path)


def test_the_demo_is_in_the_repository():
    assert folder.is_set(DEMO_FOLDER)
    assert not folder.is_set(DEMO_FOLDER / "source")
