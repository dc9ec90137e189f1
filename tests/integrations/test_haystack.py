"""`HiercompCompressor` in a real Haystack pipeline."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hiercomp import tokenizers
from hiercomp.errors import ConfigError

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when Haystack is imported
pytest.importorskip("haystack")
from haystack import Document, Pipeline
from haystack.components.builders import PromptBuilder
from haystack.components.embedders import MockDocumentEmbedder, MockTextEmbedder
from haystack.components.generators.chat import MockChatGenerator
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.dataclasses import SparseEmbedding
from haystack.document_stores.in_memory import InMemoryDocumentStore

from hiercomp.integrations.haystack import HiercompCompressor

CALL = (Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md").read_text(encoding="utf-8")
QUESTION = "What was the effective tax rate?"
VAGUE = "Is the company safe?"
PLAN = ["range of loss, Orrin lawsuit, reserve, patents"]
EVIDENCE = "A reserve needs a probable loss"
SETTINGS = {"embedding": "hashing", "cache": False}
TEMPLATE = "{% for document in documents %}{{ document.content }}\n\n{% endfor %}{{ query }}"


@pytest.fixture
def pipeline():
    store = InMemoryDocumentStore()
    pieces = [CALL[start : start + 1000] for start in range(0, len(CALL), 1000)]
    store.write_documents([Document(content=piece, meta={"page": place}) for place, piece in enumerate(pieces)])
    pipeline = Pipeline()
    pipeline.add_component("retriever", InMemoryBM25Retriever(store, top_k=6))
    pipeline.add_component("compressor", HiercompCompressor(budget=200, settings=SETTINGS))
    pipeline.add_component("prompt", PromptBuilder(TEMPLATE, required_variables="*"))
    pipeline.connect("retriever.documents", "compressor.documents")
    pipeline.connect("compressor.documents", "prompt.documents")
    return pipeline


def _given(**compressor):
    given = {"retriever": {"query": QUESTION}, "compressor": {"query": QUESTION}, "prompt": {"query": QUESTION}}
    given["compressor"] |= compressor
    return given


def _run(pipeline, **compressor):
    ran = pipeline.run(_given(**compressor), include_outputs_from={"retriever", "compressor"})
    return ran["retriever"]["documents"], ran["compressor"]["documents"], ran["prompt"]["prompt"]


def _tokens(documents):
    return tokenizers.build().count("\n\n".join(document.content for document in documents))


def test_a_pipeline_gives_its_prompt_documents_within_the_budget(pipeline):
    found, kept, prompt = _run(pipeline)
    assert _tokens(kept) <= 200 < _tokens(found)
    assert "24.2%" in prompt
    for document in kept:
        original = next(other for other in found if other.id == document.id)
        assert (document.score, document.meta["page"]) == (original.score, original.meta["page"])


def test_an_asynchronous_run_gives_the_same(pipeline):
    ran = asyncio.run(pipeline.run_async(_given()))
    assert ran["prompt"]["prompt"] == _run(pipeline)[2]


def test_a_budget_of_one_run_takes_the_place_of_the_components_own(pipeline):
    assert _tokens(_run(pipeline, budget=60)[1]) <= 60
    with pytest.raises(ConfigError, match="at least 1 token"):
        HiercompCompressor(budget=200, settings=SETTINGS).run([Document(content=CALL)], QUESTION, budget=0)


def test_a_saved_component_is_read_back_and_does_the_same(pipeline):
    pipeline = Pipeline.loads(pipeline.dumps(), allowed_modules=["hiercomp.*"])
    component = pipeline.get_component("compressor")
    assert (component.budget, component.settings) == (200, SETTINGS)
    alone = HiercompCompressor.from_dict(json.loads(json.dumps(component.to_dict())))
    [kept] = alone.run([Document(content=CALL)], QUESTION)["documents"]
    assert kept == component.run([Document(content=CALL)], QUESTION)["documents"][0]


def test_a_budget_that_is_set_later_holds_and_is_saved():
    component = HiercompCompressor(budget=200, settings=SETTINGS)
    component.budget = 60
    assert _tokens(component.run([Document(content=CALL)], QUESTION)["documents"]) <= 60
    assert HiercompCompressor.from_dict(component.to_dict()).budget == 60


def test_embeddings_are_kept_only_of_a_text_that_is_whole():
    sparse = SparseEmbedding(indices=[1], values=[0.5])
    documents = [
        Document(content=CALL, embedding=[0.5], sparse_embedding=sparse),
        Document(content="The tax rate.", embedding=[0.25], sparse_embedding=sparse),
    ]
    cut = HiercompCompressor(budget=200, settings=SETTINGS).run(documents, QUESTION)["documents"]
    assert [document.embedding for document in cut] == [None, [0.25]]
    assert [document.sparse_embedding for document in cut] == [None, sparse]
    assert [document.embedding for document in documents] == [[0.5], [0.25]]


def test_only_warming_up_loads_the_vocabulary_and_the_encoder():
    code = """
import sys
from hiercomp.integrations.haystack import HiercompCompressor
loaded = lambda: [name in sys.modules for name in ("tiktoken", "onnxruntime", "hiercomp.encoders.distilled")]
component = HiercompCompressor(budget=200)
print(loaded())
component.warm_up()
print(loaded())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(json.loads, run.stdout.lower().splitlines())
    assert not any(before[1:])
    assert all(after)


def _planner(query):
    return PLAN


def _text(documents):
    return "\n\n".join(document.content for document in documents)


def _planned(**options):
    component = HiercompCompressor(budget=150, settings=SETTINGS, **options)
    return component, _text(component.run([Document(content=CALL)], VAGUE)["documents"])


def test_a_plan_is_an_input_of_the_run(pipeline):
    vague = {name: {"query": VAGUE} for name in ("retriever", "compressor", "prompt")}
    assert EVIDENCE not in pipeline.run(vague)["prompt"]["prompt"]
    vague["compressor"]["plan"] = PLAN
    vague["retriever"]["top_k"] = 20
    assert EVIDENCE in pipeline.run(vague)["prompt"]["prompt"]


def test_a_chat_generator_plans_and_is_saved_with_the_component():
    component, text = _planned(planner=MockChatGenerator(PLAN[0]))
    assert EVIDENCE in text
    saved = json.loads(json.dumps(component.to_dict()))
    read_back = HiercompCompressor.from_dict(saved)
    assert isinstance(read_back.planner, MockChatGenerator)
    assert _text(read_back.run([Document(content=CALL)], VAGUE)["documents"]) == text


def test_a_chat_generator_that_fails_is_warned_of_and_the_rules_plan(caplog):
    def fail(messages):
        raise ValueError("no credit")

    _, text = _planned(planner=MockChatGenerator(response_fn=fail))
    assert text == _planned()[1]
    assert any("mock-model: " in message and "no credit" in message for message in caplog.messages)


def test_a_named_function_plans_and_is_saved_with_the_component():
    component, text = _planned(planner=_planner)
    assert EVIDENCE in text
    pipeline = Pipeline()
    pipeline.add_component("compressor", component)
    read_back = Pipeline.loads(pipeline.dumps(), allowed_modules=["hiercomp.*", __name__])
    assert read_back.get_component("compressor").planner is _planner


def test_embedders_of_the_stack_encode_the_documents_and_are_saved_with_the_component():
    embedding = (MockTextEmbedder(dimension=8), MockDocumentEmbedder(dimension=8))
    component = HiercompCompressor(budget=20, settings={"cache": False}, embedding=embedding)
    component.warm_up()
    texts = [f"The weather in {place} was mild." for place in ("Oslo", "Bergen", "Fargo", "Duluth")]
    # The mock embedders return a vector that the text alone decides, so that the query is closest to itself.
    documents = [Document(content=text) for text in (*texts[:2], "Soup", *texts[2:])]
    kept = component.run(documents, "Soup")["documents"]
    assert "Soup" in [document.content for document in kept]
    read_back = HiercompCompressor.from_dict(json.loads(json.dumps(component.to_dict())))
    assert [type(embedder) for embedder in read_back.embedding] == [MockTextEmbedder, MockDocumentEmbedder]
    assert read_back.run(documents, "Soup")["documents"] == kept
