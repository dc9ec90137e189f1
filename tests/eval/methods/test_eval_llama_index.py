"""Tests of LlamaIndex's methods. The framework finds chunks; the evaluation counts tokens and encodes texts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from eval_parts import asked, parts_of, text_of

from eval import methods
from eval.methods import llama_index
from eval.ports import Unavailable
from hiercomp.types import Document

ROOT = Path(__file__).parents[3]
PADDING = "The committee met in the morning and went home in the evening without a word. " * 14  # 210 words
TOPICS = ("copper", "maize", "granite", "salmon", "timber", "cotton")
FACTS = [f"The export of {topic} grew by {number} percent. {PADDING}" for number, topic in enumerate(TOPICS, 11)]
CLASSES = "".join(
    f"The rate of class {number} was set at {number} percent of the sum that year, and so on it went. "
    for number in range(60)
)  # 20 words a sentence, 1,200 words


@pytest.fixture
def built():
    return lambda name: methods.build(name, parts_of())


def indexed(method, text):
    return method.index(Document(text, "text", ""))


@pytest.mark.parametrize("name", llama_index.NAMES)
def test_the_chunk_that_answers_is_found(name):
    method = methods.build(name, parts_of(encoder="minilm"))
    text = text_of(method, "\n\n\n".join(FACTS), "By how much did the export of salmon grow?", 130)
    assert "salmon grew by 14 percent" in text
    assert len(text.split()) <= 130


@pytest.mark.parametrize("name", llama_index.NAMES)
def test_an_empty_document_and_a_lone_surrogate_are_taken(built, name):
    assert text_of(built(name), "", "What was it?", 50) == ""
    assert text_of(built(name), "It was \ud800 then.", "What was it?", 50).startswith("It was ?")


def test_chunks_are_the_splitters_and_neighbours_share_a_short_sentence(built):
    long = "Long " + "word " * 238 + "end."  # 240 words
    short = "Short " + "note " * 8 + "ends."  # 10 words: a chunk holds 256, and adjacent chunks share 20
    shown = text_of(built("llama-index"), f"{long} {short} {long}", "Which word?", 10_000)
    assert shown.split("\n\n") == [f"{long} {short}", f"{short} {long}"]


def test_leaves_merge_into_their_parents_as_the_budget_grows(built):
    index = indexed(built("llama-index/auto-merging"), CLASSES)
    select = index.find(asked("What was the rate of class 41?"))
    leaf, some, all_of_it = (select(budget).split("\n\n") for budget in (120, 600, 1200))
    # A leaf holds 6 sentences of 20 words, because 7 exceed 128. The document is one node of the highest level.
    assert [len(text.split()) for text in leaf] == [120]
    assert "class 41 " in leaf[0]
    assert max(len(text.split()) for text in some) > 128
    assert all_of_it == [CLASSES.strip()]


def test_nodes_of_every_level_are_placed_in_the_document(built):
    index = indexed(built("llama-index/auto-merging"), CLASSES)
    texts = {node_id: node.get_content() for node_id, node in index.storage.docstore.docs.items()}
    assert {node_id.count("/") for node_id in texts} == {1, 2, 3}
    assert all(CLASSES.startswith(text, index.positions[node_id]) for node_id, text in texts.items())


def test_the_optimizer_keeps_half_of_a_chunks_sentences(built):
    text = "The fleet was painted. Timber cost nine. The roof was mended. Timber cost ten in the spring."
    shown = text_of(built("llama-index/sentence-optimizer"), text, "What did timber cost?", 100)
    assert sorted(shown.split(". ")) == ["Timber cost nine", "Timber cost ten in the spring."]


def test_the_optimizer_reads_only_chunks_that_there_is_room_for():
    parts = parts_of()
    read = []
    encode = parts.encoder.encode_passages
    parts.encoder.encode_passages = lambda texts: read.extend(texts) or encode(texts)
    select = indexed(methods.build("llama-index/sentence-optimizer", parts), CLASSES * 4).find(asked("class 41"))
    chunks = len(read)
    select(100)
    few = len(read) - chunks
    select(10_000)
    # A chunk of 12 sentences keeps 6, which have 120 words. Three chunks exceed the budget and 256 words. There
    # are 240 sentences, and adjacent chunks share some.
    assert few == 3 * 12
    assert len(read) - chunks >= 240


def test_without_the_framework_the_method_says_what_to_install(built, monkeypatch):
    monkeypatch.setitem(sys.modules, "llama_index.core.node_parser.text.utils", None)
    with pytest.raises(Unavailable, match=r"pip install 'hiercomp\[eval\]'"):
        built("llama-index")


def test_data_that_nltk_refuses_to_read_is_named(tmp_path):
    (tmp_path / "tokenizers" / "punkt_tab").mkdir(parents=True)
    words = tmp_path / "corpora" / "stopwords" / "english"
    words.parent.mkdir(parents=True)
    words.write_text("the\n")
    os.link(words, tmp_path / "another-name")  # nltk refuses a file with two names
    code = """
from eval import methods
from eval.ports import Unavailable
from eval_parts import parts_of
try:
    methods.build("llama-index", parts_of())
except Unavailable as reason:
    print(reason)
"""
    environment = {
        **os.environ,
        "NLTK_DATA": str(tmp_path),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'eval'}",
    }
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert "install that package as copies, not as links" in run.stdout
