"""`HiercompReader`, `HiercompNodeParser` and `HiercompTransform` read, parse, cut and embed files."""

import asyncio
import json
from pathlib import Path

import pytest
from llama_index.core import MockEmbedding, SimpleDirectoryReader
from llama_index.core.ingestion import IngestionCache, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter, get_leaf_nodes
from llama_index.core.schema import Document, MetadataMode, TextNode

from hiercomp import tokenizers
from hiercomp.errors import BudgetError
from hiercomp.integrations.llama_index import (
    HiercompNodeParser,
    HiercompReader,
    HiercompRetriever,
    HiercompTransform,
)

REPORT = Path(__file__).parents[2] / "data" / "tarnholt_2025_annual_report.pdf"
CALL = REPORT.parent / "tarnholt_q4_2025_call.md"
QUESTION = "How did the effective tax rate of 2025 compare with that of 2024?"
SETTINGS = {"embedding": "hashing"}
COUNT = tokenizers.build().count


def test_an_ingestion_pipeline_reads_parses_shortens_and_embeds():
    document, budget = HiercompReader(SETTINGS).load_data(CALL)[0], 100
    steps = [HiercompNodeParser(), HiercompTransform(budget=budget, settings=SETTINGS), MockEmbedding(4)]
    pipeline = IngestionPipeline(transformations=steps, cache=IngestionCache())
    nodes = pipeline.run(documents=[document])
    assert len(nodes) == len(HiercompNodeParser().get_nodes_from_documents([document]))
    for node in nodes:
        assert COUNT(node.get_content(MetadataMode.EMBED)) <= budget
        assert node.embedding
        kept = json.loads(node.metadata["hiercomp"])
        assert kept["spans"]
        assert (node.start_char_idx is None) == (kept["kept_tokens"] < kept["original_tokens"])
    assert asyncio.run(pipeline.arun(documents=[document])) == nodes


@pytest.mark.parametrize("text", ["Marks: " + ", ".join(f"Brand{n}" for n in range(99)), "税率" * 99, "x7" * 99])
def test_a_node_whose_shortest_sentence_is_too_long_keeps_its_beginning(text):
    transform = HiercompTransform(budget=40, settings=SETTINGS)
    given = TextNode(text=text, metadata={"page_label": "7"})
    [node] = transform([given])
    assert 35 <= COUNT(node.get_content(MetadataMode.EMBED)) <= 40
    assert text.startswith(node.text)
    assert json.loads(node.metadata["hiercomp"])["spans"] == [[0, len(node.text)]]
    with pytest.raises(BudgetError, match="the least that works is"):
        transform([TextNode(text=text, metadata={"summary": "A very long one. " * 20})])


def test_chunks_that_another_splitter_makes_of_a_read_file_are_nodes_like_others():
    chunks = SentenceSplitter(chunk_size=256).get_nodes_from_documents(HiercompReader(SETTINGS).load_data(REPORT))
    assert all(isinstance(value, str) for chunk in chunks for value in chunk.metadata.values())
    found = HiercompRetriever(chunks, budget=600, settings=SETTINGS).retrieve(QUESTION)
    assert {node.node_id for node in found} <= {chunk.node_id for chunk in chunks}
    assert any("24.2%" in node.text for node in found)
    parsed = HiercompNodeParser().get_nodes_from_documents(chunks[:2])
    assert parsed[0].text == chunks[0].text


@pytest.mark.parametrize("ours", ["a note", '{"spans": []}', {"layout": {}}, 7])
def test_what_else_stands_under_our_key_is_no_layout(ours):
    root = HiercompNodeParser().get_nodes_from_documents(
        [Document(text="The lease ends.", metadata={"hiercomp": ours})]
    )[0]
    assert (root.text, root.metadata) == ("The lease ends.", {})


def test_a_directory_is_read_with_the_pages_of_its_files(tmp_path):
    (tmp_path / REPORT.name).write_bytes(REPORT.read_bytes())
    (tmp_path / "notes.txt").write_text("The lease ends in May.", encoding="utf-8")
    reader = SimpleDirectoryReader(tmp_path, file_extractor={".pdf": HiercompReader(SETTINGS)})
    report, notes = sorted(reader.load_data(), key=lambda found: found.metadata["file_name"], reverse=True)
    assert report.metadata["file_name"] == REPORT.name
    assert "file_path" in report.metadata
    nodes = HiercompNodeParser().get_nodes_from_documents([report, notes])
    assert {"33", None} <= {node.metadata.get("page_label") for node in get_leaf_nodes(nodes)}


def test_chunks_of_another_splitter_are_parsed_under_their_document():
    given = Document(text="The weather in Duluth was mild. Lunch was served late. " * 40, id_="given")
    chunks = SentenceSplitter(chunk_size=200, chunk_overlap=0).get_nodes_from_documents([given])
    nodes = HiercompNodeParser()(chunks)
    assert {node.ref_doc_id for node in nodes} == {"given"}
    assert len({node.node_id for node in nodes}) == len(nodes)
