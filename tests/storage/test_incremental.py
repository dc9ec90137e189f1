"""If a document changes, only the changed passages are computed again. Counters prove it."""

import re
from contextlib import suppress

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from hiercomp import Config, Pipeline, loaders, tokenizers
from hiercomp.compressors import llm
from hiercomp.errors import ModelError
from hiercomp.hierarchy import build_hierarchy, summarize
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.storage.store import Store
from hiercomp.storage.stored_compressor import StoredCompressor
from hiercomp.types import PASSAGE, SECTION, Document

QUESTION = "Which crane stood in harbour 7?"
HARBOURS = ("Oslo", "Gdansk", "Porto", "Riga", "Turku", "Genoa", "Cadiz", "Brest", "Kiel", "Varna", "Izmir", "Split")


def page(number, crane="red"):
    """Return forty lines of eighty characters: a section of about four passages."""
    town = HARBOURS[number - 1]
    return [
        f"In harbour {number} of {town} a {crane} crane lifted {line * number + 100} tonnes in week {line} of the year."
        for line in range(1, 41)
    ]


def write_pdf(path, pages):
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for lines in pages:
        text = canvas.beginText(40, 800)
        text.setFont("Helvetica", 9)
        for line in lines:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def write_markdown(path, pages):
    sections = (f"# Harbour {number}\n\n" + "\n".join(lines) + "\n" for number, lines in enumerate(pages, start=1))
    path.write_text("\n".join(sections), encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path):
    """Compress sources in a new pipeline; return its passages and the number of texts that were encoded."""

    def compress(*sources, retriever="cascade/1000"):
        settings = {"embedding": "hashing", "model": "extractive", "cache_dir": tmp_path / "cache"}
        with Pipeline(sources, config=Config(retriever=retriever, **settings)) as pipeline:
            ledger = pipeline.fit(QUESTION, budget=200).ledger
            passages = {node.text for node in pipeline.hierarchy.level(PASSAGE)}
        return passages, ledger.encoded

    return compress


@pytest.fixture
def read(monkeypatch):
    """The names of the files that are read from now on."""
    names = []
    load = loaders.load

    def noted(path, **options):
        names.append(path.name)
        return load(path, **options)

    monkeypatch.setattr(loaders, "load", noted)
    return names


PAGES = [page(number) for number in range(1, 13)]
CHANGED = [*PAGES[:6], page(7, "blue"), *PAGES[7:]]


@pytest.mark.parametrize(
    ("write", "name", "retriever"),
    [
        (write_pdf, "report.pdf", "cascade/1000"),
        (write_markdown, "report.md", "cascade/1000"),
        (write_markdown, "report.md", "dense"),
    ],
)
def test_a_changed_page_makes_only_its_passages_anew(run, tmp_path, write, name, retriever):
    path = tmp_path / name
    write(path, PAGES)
    before, first = run(path, retriever=retriever)
    asked = run(path, retriever=retriever)[1]  # the question alone
    write(path, CHANGED)
    after, second = run(path, retriever=retriever)
    assert first >= asked + len(before) >= 12 * 3
    # The new passages are exactly those of the changed page.
    assert all("blue" in text for text in after - before)
    assert all("red" in text and "harbour 7 " in text for text in before - after)
    assert len(after - before) == len(before) / 12
    # The section of the page and the whole document may be encoded again too.
    assert len(after - before) <= second - asked <= len(after - before) + 2
    assert run(path, retriever=retriever)[1] == asked


def test_a_renamed_file_is_not_encoded_again(run, tmp_path):
    path = write_pdf(tmp_path / "report.pdf", PAGES)
    run(path)
    asked = run(path)[1]
    moved = path.rename(tmp_path / "annual.pdf")
    assert run(moved)[1] == asked


def test_documents_that_share_text_share_vectors(run, tmp_path):
    first = write_pdf(tmp_path / "first.pdf", PAGES[:10])
    second = write_pdf(tmp_path / "second.pdf", PAGES)
    shared, _ = run(first)
    asked = run(first)[1]
    everything, encoded = run(second)
    # Two of twelve pages are new: their passages and their sections.
    assert len(everything - shared) == len(everything) / 6
    assert encoded - asked <= len(everything - shared) + 2


def test_of_a_corpus_only_the_changed_file_is_read_and_encoded(run, read, tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number, lines in enumerate(PAGES, start=1):
        write_markdown(folder / f"{number}.md", [lines])
    before, _ = run(folder)
    assert len(read) == 12
    asked = run(folder)[1]
    assert len(read) == 12
    write_markdown(folder / "7.md", [page(7, "blue")])
    after, encoded = run(folder)
    assert read[12:] == ["7.md"]
    assert 0 < len(after - before) <= encoded - asked <= len(after - before) + 1


def test_a_page_that_goes_back_to_what_it_was_costs_nothing(run, read, tmp_path):
    path = write_pdf(tmp_path / "report.pdf", PAGES)
    run(path)
    asked = run(path)[1]
    write_pdf(path, CHANGED)
    run(path)
    write_pdf(path, PAGES)
    del read[:]
    assert run(path)[1] == asked
    assert read == []


def test_the_reader_summarizes_only_the_changed_section_again(tmp_path):
    tokenizer = tokenizers.build()

    def summaries(pages, name="the reader"):
        reader = ScriptedLLM(["The cranes lifted what they could all year."] * 20, tokenizer)
        tree = build_hierarchy(loaders.load(write_markdown(tmp_path / "report.md", pages)))
        heard = []
        with Store.open(tmp_path / "cache") as store:
            compressor = llm.build(tokenizer=tokenizer, llm=reader)
            stored = StoredCompressor(compressor, name, store, lambda *step: heard.append(step))
            written = summarize(tree, stored, author=name)
        assert heard == [*((done, 12) for done in range(12)), (0, 1)]
        harbours = [set(re.findall(r"harbour (\d+)", prompt.messages[-1].content)) for prompt in reader.prompts]
        return [node.text for node in written.level(SECTION)], harbours

    first, asked = summaries(PAGES)
    # The summaries of the twelve sections are together short enough to be the summary of the document.
    assert asked[:12] == [{str(number)} for number in range(1, 13)]
    assert summaries(PAGES) == (first, [])
    changed, asked = summaries(CHANGED)
    assert asked[0] == {"7"}
    assert len(asked) <= 2
    assert changed[:6] + changed[7:] == first[:6] + first[7:]
    assert len(summaries(PAGES, "another reader")[1]) >= 12


def test_a_summary_is_kept_though_a_later_one_fails(tmp_path):
    tokenizer = tokenizers.build()
    tree = build_hierarchy(Document("\n".join("\n".join(lines) for lines in PAGES), "a.txt", ""))
    sections = len(tree.level(SECTION))
    with Store.memory() as store:

        def calls(answers):
            reader = ScriptedLLM(["The cranes lifted what they could."] * answers, tokenizer)
            compressor = StoredCompressor(llm.build(tokenizer=tokenizer, llm=reader), "x", store, lambda *step: None)
            with suppress(ModelError):
                summarize(tree, compressor, author="x")
            return len(reader.prompts)

        assert calls(3) == 4
        assert calls(100) in (sections - 3, sections - 2)
