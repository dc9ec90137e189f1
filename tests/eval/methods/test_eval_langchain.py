"""Tests of LangChain's method. The framework finds chunks; the evaluation counts tokens and encodes texts."""

import sys

import pytest
from eval_parts import asked, parts_of, text_of

from eval import methods
from eval.methods.langchain import NAMES
from eval.ports import Unavailable
from hiercomp.types import Document

[NAME] = NAMES
PARAGRAPHS = [
    f"The export of {topic} grew by {number} percent. " + f"{topic.title()} was sold in the morning. " * 25
    for number, topic in enumerate(("copper", "maize", "granite", "salmon", "timber"), 11)
]  # 8 + 25 · 6 = 158 words each: two exceed a chunk's 200
QUESTION = "By how much did the export of salmon grow?"


@pytest.fixture(scope="module")
def method():
    return methods.build(NAME, parts_of())


def test_chunks_are_the_splitters_in_document_order(method):
    shown = text_of(method, "\n\n".join(PARAGRAPHS), QUESTION, 10_000)
    assert shown.split("\n\n") == [paragraph.strip() for paragraph in PARAGRAPHS]


def test_the_chunk_that_answers_is_first(method):
    shown = text_of(method, "\n\n".join(PARAGRAPHS), QUESTION, 20)
    assert shown == " ".join(PARAGRAPHS[3].split()[:20])


def test_one_of_two_chunks_that_say_the_same_is_dropped(method):
    repeated = PARAGRAPHS[3].replace("sold", "SOLD")
    shown = text_of(method, "\n\n".join([*PARAGRAPHS, repeated]), QUESTION, 10_000).split("\n\n")
    assert len(shown) == 5
    assert sum("salmon grew by 14 percent" in text for text in shown) == 1


def test_chunks_are_embedded_once_a_document():
    parts = parts_of()
    read = []
    encode = parts.encoder.encode_passages
    parts.encoder.encode_passages = lambda texts: read.append(len(texts)) or encode(texts)
    index = methods.build(NAME, parts).index(Document("\n\n".join(PARAGRAPHS), "text", ""))
    assert read == [5]
    index.find(asked(QUESTION))(100)
    assert read == [5, 1]  # the hashing encoder encodes the question as a passage


def test_an_empty_document_and_a_lone_surrogate_are_taken(method):
    assert text_of(method, "", QUESTION, 50) == ""
    assert text_of(method, "It was \ud800 then.", QUESTION, 50) == "It was ? then."


@pytest.mark.parametrize("package", ["langchain_classic", "langchain_community", "langchain_text_splitters"])
def test_without_a_package_the_method_says_what_to_install(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Unavailable, match=r"pip install 'hiercomp\[eval\]'"):
        methods.build(NAME, parts_of())
