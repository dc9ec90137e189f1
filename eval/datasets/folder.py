"""Load sets from folders: `documents.jsonl` and `questions.jsonl`, with one JSON object in each line.

A document has `doc_id` and either `text` (form feeds separate pages) or `path`, a file relative to the folder, in any
format that hiercomp reads. A question has `id`, `doc_id` and `question`. If they are known it also has `answers`,
`evidence` (texts), `evidence_spans` (ranges of the text), `evidence_pages` (counted from 0), `type`, and in `meta`
`answer_aliases`, `justification` (how the answer is derived), `options` by letter and `gold_letters`.

Questions of the types in `UNANSWERABLE` are left out and counted. Their document does not answer them, so it has no
evidence that a method could keep or lose. The evidence that such sets list is misleading.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from eval.datasets import figures
from eval.datasets._layout import DocumentLine, QuestionLine, read, read_at
from eval.types import Dataset, Evidence, Question
from hiercomp import sources
from hiercomp.config import Config
from hiercomp.errors import ConfigError
from hiercomp.storage.store import Store
from hiercomp.types import Document, Page, Span

DOCUMENTS, QUESTIONS = "documents.jsonl", "questions.jsonl"
UNANSWERABLE = frozenset({"unanswerable", "adversarial"})
_WORD = re.compile(r"\w+")


def is_set(folder: Path) -> bool:
    """Return whether a folder holds a set."""
    return (folder / DOCUMENTS).is_file() and (folder / QUESTIONS).is_file()


def load(folder: Path, name: str | None = None) -> Dataset:
    """Load the set in a folder. Its default name is the folder's name. Questions are in the order of the documents.

    Raises:
        ConfigError: a line is not in the layout, or a file that it names does not exist.
    """
    by_document: dict[str, list[QuestionLine]] = {}
    for _, question in read(folder / QUESTIONS, QuestionLine):
        by_document.setdefault(question.doc_id, []).append(question)
    total = sum(map(len, by_document.values()))
    documents: dict[str, Callable[[], Document]] = {}
    questions: list[Question] = []
    paths = [folder / DOCUMENTS, folder / QUESTIONS]
    for offset, line in read(folder / DOCUMENTS, DocumentLine):
        documents[line.doc_id] = partial(_document_at, folder, offset)
        if line.path is not None:
            paths.append(folder / line.path)
        # The document is read at most once, and only if a question needs it.
        document = cache(partial(_document, folder, line))
        answerable = (question for question in by_document.pop(line.doc_id, ()) if question.type not in UNANSWERABLE)
        questions += [_question(question, line, document) for question in answerable]
    if by_document:
        raise ConfigError(f"{folder / QUESTIONS}: {next(iter(by_document))!r} is not a document of {DOCUMENTS}")
    fitted = frozenset(documents) & fitted_documents()
    unanswerable = total - len(questions)
    return Dataset(name or folder.name, tuple(questions), documents, digest(paths), fitted, unanswerable)


@cache
def fitted_documents() -> frozenset[str]:
    """Return the documents that the weights were fitted on or the encoder trained on, and those that share questions.

    A document counts in every set. Sets that hold the same filing as text and as PDF give it the same name.
    """
    package = files("hiercomp")
    evidence = json.loads(package.joinpath("ranking/evidence.json").read_text(encoding="utf-8"))["provenance"]
    encoder = json.loads(package.joinpath("encoders/distilled.json").read_text(encoding="utf-8"))
    by_set = (*evidence["documents"].values(), *encoder["documents"].values())
    return frozenset(document for documents in by_set for document in documents)


def _document_at(folder: Path, offset: int) -> Document:
    return _document(folder, read_at(folder / DOCUMENTS, offset, DocumentLine))


def _document(folder: Path, line: DocumentLine) -> Document:
    """Build a document. The title of a text is its id, because another title would help only some methods."""
    if line.path is not None:
        return read_file(folder / line.path)
    text = line.text or ""
    return Document(text, line.doc_id, line.doc_id, tuple(_pages(text)))


def read_file(path: Path) -> Document:
    """Read a file as hiercomp does. The result is stored, so that later processes do not parse the file again."""
    with Store.open() as store:
        return sources.read([path], Config(), store, lambda done, total: None).documents[0]


def _pages(text: str) -> Iterator[Page]:
    """Yield the pages that form feeds separate. A form feed belongs to the page before it."""
    position = 0
    for number, page in enumerate(text.split("\f") if "\f" in text else [], start=1):
        end = min(len(text), position + len(page) + 1)
        yield Page(number, Span(position, end))
        position = end


def _question(line: QuestionLine, source: DocumentLine, document: Callable[[], Document]) -> Question:
    evidence = tuple(_evidence(line, source.text, document))
    stated = [*line.answers, *line.meta.answer_aliases, line.meta.justification or ""]
    return Question(
        id=line.id,
        document_id=line.doc_id,
        text=line.question,
        answers=tuple(line.answers),
        evidence=evidence,
        pages=tuple(sorted({page + 1 for page in line.evidence_pages})),
        figures=figures.find(stated, [item.text for item in evidence]),
        options=tuple(line.meta.options.items()),
        correct=tuple(line.meta.gold_letters),
        kind=line.type,
    )


def _evidence(line: QuestionLine, text: str | None, document: Callable[[], Document]) -> Iterator[Evidence]:
    """Yield the evidence with its places. If texts and spans do not match one to one, the spans define the evidence."""
    spans = [Span(start, end) for start, end in line.evidence_spans] if text is not None else []
    texts = line.evidence
    if text is not None and spans and len(spans) != len(texts):
        texts = [span.of(text) for span in spans]
    for index, wanted in enumerate(texts):
        span = spans[index] if text is not None and spans and _same(spans[index].of(text), wanted) else None
        # Lists of equal length are in the same order, unless the text contradicts it.
        likely = line.evidence_pages[index : index + 1] if len(line.evidence_pages) == len(texts) else []
        yield Evidence(wanted, span, _page(wanted, [*likely, *line.evidence_pages], document))


def _same(found: str, wanted: str) -> bool:
    """Return whether two texts have the same letters and digits. White space and punctuation may differ."""
    return "".join(_WORD.findall(found)).casefold() == "".join(_WORD.findall(wanted)).casefold()


def _page(wanted: str, indices: Sequence[int], document: Callable[[], Document]) -> int | None:
    """Return the gold page (from 1) that shares most words with the evidence. In a tie the page named first is used."""
    gold = [index + 1 for index in dict.fromkeys(indices)]
    if len(gold) < 2:
        return next(iter(gold), None)
    words = _words(wanted)
    pages = {page.number: _words(page.span.of(document().text)) for page in document().pages if page.number in gold}
    return max(gold, key=lambda number: (words & pages.get(number, Counter())).total())


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def digest(paths: Sequence[Path]) -> str:
    """Return the SHA-256 over the SHA-256 of each file."""
    whole = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ConfigError(f"{path} cannot be read ({error.strerror}), but its set names it") from error
    return whole.hexdigest()
