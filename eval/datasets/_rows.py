"""Convert rows of the public originals to documents and questions. Each set has one pure function."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from eval.datasets import figures
from eval.types import Evidence, Question
from hiercomp.types import Span

Row = Mapping[str, Any]
UNANSWERABLE = "unanswerable"
FLOAT = "FLOAT SELECTED"


@dataclass(frozen=True, slots=True)
class Entry:
    """The content of a row: a document and the questions on it. `text` is None if the document must be fetched.

    `unanswerable` counts the questions that the document does not answer. They are left out.
    """

    document_id: str
    text: str | None
    questions: tuple[Question, ...]
    unanswerable: int = 0


class Builder:
    """A growing text. It returns the place of each appended part."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, part: str, separator: str = "\n\n") -> Span:
        """Append a part after a separator, and return its place."""
        self.text += separator if self.text else ""
        self.text += part
        return Span(len(self.text) - len(part), len(self.text))


def longbench(row: Row) -> Entry:
    """Convert a row of LongBench: `input`, `context`, `answers`, `dataset`, `_id`. Only question-answering tasks."""
    name = str(row["_id"])
    if list(row["answers"]) == [UNANSWERABLE]:
        return Entry(name, row["context"], (), 1)
    question = Question(name, name, row["input"], tuple(row["answers"]), kind=row["dataset"])
    return Entry(name, row["context"], (question,))


def quality(row: Row) -> Entry:
    """Convert a row of QuALITY: `article`, `question`, `options`, `answer` (from 0), `hard`. Rows have no id."""
    document = _digest(row["article"])
    options: Sequence[str] = row["options"]
    question = Question(
        id=f"{document}-{_digest(row['question'])}",
        document_id=document,
        text=row["question"],
        answers=(options[row["answer"]],),
        options=tuple(zip(ascii_uppercase, options, strict=False)),
        correct=(ascii_uppercase[row["answer"]],),
        kind="hard" if row["hard"] else "multiple_choice",
    )
    return Entry(document, row["article"], (question,))


def narrativeqa(row: Row) -> Entry:
    """Convert a row of NarrativeQA: `document` (`id`, `text`), `question` (`text`), two `answers` (`text`).

    A document occurs in many rows.
    """
    document = row["document"]["id"]
    text = row["question"]["text"]
    question = Question(
        id=f"{document}-{_digest(text)}",
        document_id=document,
        text=text,
        answers=tuple(dict.fromkeys(answer["text"] for answer in row["answers"])),
        kind="abstractive",
    )
    return Entry(document, row["document"]["text"], (question,))


def hotpotqa(row: Row) -> Entry:
    """Convert a row of HotpotQA with distractors: ten paragraphs of `context`, and `supporting_facts` (sentences).

    A few facts name a sentence that does not exist. They are skipped.
    """
    built = Builder()
    places: dict[tuple[str, int], Span] = {}
    for title, sentences in zip(row["context"]["title"], row["context"]["sentences"], strict=True):
        built.add(title)
        separator = "\n"
        for number, sentence in enumerate(sentences):
            places[title, number] = built.add(sentence, separator)
            separator = ""
    facts = zip(row["supporting_facts"]["title"], row["supporting_facts"]["sent_id"], strict=True)
    spans = [places[fact] for fact in dict.fromkeys(facts) if fact in places]
    evidence = tuple(Evidence(span.of(built.text), span) for span in spans)
    question = Question(
        id=row["id"],
        document_id=row["id"],
        text=row["question"],
        answers=(row["answer"],),
        evidence=evidence,
        figures=figures.find([row["answer"]], [item.text for item in evidence]),
        kind=row["type"],
    )
    return Entry(row["id"], built.text, (question,))


def qasper(row: Row) -> Entry:
    """Convert a row of QASPER: a paper (`title`, `abstract`, `full_text`), and `qas` with several annotators' answers.

    The answers of all annotators are alternatives. The evidence is that of the first annotator who gives any, because
    all evidence together would be more than an answer needs. Tables and figures have only captions and are skipped.
    """
    built, places = Builder(), dict[str, Span]()
    for part in (row["title"], row["abstract"]):
        places.setdefault(part, built.add(part))
    for name, paragraphs in zip(row["full_text"]["section_name"], row["full_text"]["paragraphs"], strict=True):
        for part in (name, *paragraphs):
            if part:
                places.setdefault(part, built.add(part))
    rows = list(zip(row["qas"]["question_id"], row["qas"]["question"], row["qas"]["answers"], strict=True))
    questions = []
    for name, text, annotators in rows:
        answers = [answer for answer in annotators["answer"] if not answer["unanswerable"]]
        if answers:
            questions.append(_qasper_question(row["id"], name, text, answers, places))
    return Entry(row["id"], built.text, tuple(questions), len(rows) - len(questions))


def financebench(row: Row) -> Entry:
    """Convert a row of FinanceBench: `doc_name`, `evidence` (`evidence_text`, `evidence_page_num` from 0)."""
    evidence = tuple(
        Evidence(item["evidence_text"], page=int(item["evidence_page_num"]) + 1) for item in row["evidence"]
    )
    question = Question(
        id=row["financebench_id"],
        document_id=row["doc_name"],
        text=row["question"],
        answers=(row["answer"],),
        evidence=evidence,
        pages=tuple(sorted({item.page for item in evidence if item.page})),
        figures=figures.find([row["answer"], row["justification"] or ""], [item.text for item in evidence]),
        kind=row["question_type"],
    )
    return Entry(row["doc_name"], None, (question,))


def _qasper_question(
    document: str, name: str, text: str, answers: Sequence[Row], places: Mapping[str, Span]
) -> Question:
    found = [[part for part in answer["evidence"] if not part.startswith(FLOAT)] for answer in answers]
    evidence = tuple(Evidence(part, places.get(part)) for part in next(filter(None, found), []))
    given = tuple(dict.fromkeys(filter(None, map(_qasper_answer, answers))))
    return Question(
        id=name,
        document_id=document,
        text=text,
        answers=given,
        evidence=evidence,
        figures=figures.find(given, [item.text for item in evidence]),
        kind=_qasper_kind(answers[0]),
    )


def _qasper_answer(answer: Row) -> str:
    if answer["extractive_spans"]:
        return ", ".join(answer["extractive_spans"])
    if answer["free_form_answer"]:
        return str(answer["free_form_answer"])
    return "yes" if answer["yes_no"] else "no"


def _qasper_kind(answer: Row) -> str:
    if answer["extractive_spans"]:
        return "extractive"
    return "abstractive" if answer["free_form_answer"] else "yes_no"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
