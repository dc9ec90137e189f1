import asyncio
import runpy
import threading
import time
from pathlib import Path

import pytest
from llama_index.core import Document, MockEmbedding, StorageContext, SummaryIndex, VectorStoreIndex
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter, get_leaf_nodes
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode, NodeRelationship, QueryBundle, TextNode

import hiercomp
from hiercomp import Config, ConfigError, DocumentError, Pipeline, tokenizers
from hiercomp.integrations.llama_index import (
    HiercompNodeParser,
    HiercompQueryEngine,
    HiercompReader,
    HiercompRetriever,
)

REPORT = Path(__file__).parents[2] / "data" / "tarnholt_2025_annual_report.pdf"
CALL = REPORT.parent / "tarnholt_q4_2025_call.md"
QUESTION = "How did the effective tax rate of 2025 compare with that of 2024?"
ANSWER = "an effective rate of 24.2%, compared with $7.2 million and 18.4% in 2024"
SETTINGS = {"embedding": "hashing", "model": "extractive"}
COUNT = tokenizers.build().count


def read(nodes):
    """Join the contents of nodes as a response synthesizer does."""
    return "\n\n".join(node.get_content(MetadataMode.LLM) for node in nodes)


def retriever(sources, budget=600):
    return HiercompRetriever(sources, budget=budget, settings=SETTINGS)


@pytest.fixture(scope="module", autouse=True)
def _read_once(tmp_path_factory):
    """Give this module its own store, so that the report is parsed once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIERCOMP_CACHE_DIR", str(tmp_path_factory.mktemp("store")))
        yield


@pytest.fixture(scope="module")
def engine():
    return HiercompQueryEngine(REPORT, budget=2000, settings=SETTINGS)


@pytest.fixture(scope="module")
def call():
    return HiercompReader(SETTINGS).load_data(CALL)[0]


@pytest.fixture(scope="module")
def chunks(call):
    splitter = SentenceSplitter(chunk_size=200, chunk_overlap=0, id_func=lambda place, given: f"chunk-{place}")
    return splitter.get_nodes_from_documents([Document(text=call.text, id_="call", metadata={"file_name": CALL.name})])


def test_a_file_is_found_by_its_passages_with_their_pages_and_probabilities():
    with Pipeline(REPORT, config=Config(**SETTINGS)) as pipeline:
        document = pipeline.hierarchy.documents[0]
        likeliest = pipeline.rank(QUESTION).hits[0]
    asked = retriever(REPORT)
    nodes = asked.retrieve(QUESTION)
    assert ANSWER in read(nodes)
    assert 500 < COUNT(read(nodes)) <= 600
    assert [node.score for node in nodes] == sorted((node.score for node in nodes), reverse=True)
    assert 1 >= nodes[0].score == likeliest.probability > nodes[-1].score > 0
    for node in nodes:
        spans = node.metadata["hiercomp"]["document_spans"]
        assert node.text == "\n…\n".join(document.text[start:end] for start, end in spans)
        assert node.metadata["page_label"] == str(document.page_at(spans[0][0]))
    again = asyncio.run(retriever(REPORT).aretrieve(QUESTION))
    assert [node.node_id for node in again] == [node.node_id for node in nodes]
    asked.close()


def test_what_the_retriever_finds_are_the_nodes_of_the_parser():
    parsed = HiercompNodeParser().get_nodes_from_documents(HiercompReader(SETTINGS).load_data(REPORT))
    passages = {node.node_id: node for node in get_leaf_nodes(parsed)}
    found = retriever(REPORT).retrieve(QUESTION)
    assert found
    for node in found:
        passage = passages[node.node_id]
        assert node.node.relationships == passage.relationships
        assert node.metadata["hiercomp"]["original_tokens"] == COUNT(passage.text)


def test_documents_of_llama_index_are_found_by_their_passages(call):
    given = Document(text=call.text, id_="call", metadata={"owner": "us"})
    nodes = retriever([given]).retrieve(QUESTION)
    assert "24.2%" in read(nodes)
    assert {(node.node.ref_doc_id, node.metadata["owner"]) for node in nodes} == {("call", "us")}
    assert all(len(node.text) < len(call.text) / 4 for node in nodes)


def test_nodes_are_found_as_they_are_alone_or_in_any_index(chunks):
    vectors = VectorStoreIndex(chunks, embed_model=MockEmbedding(4))
    found = [retriever(given).retrieve(QUESTION) for given in (chunks, vectors, SummaryIndex(chunks))]
    assert found[0] == found[1] == found[2]
    by_id = {chunk.node_id: chunk for chunk in chunks}
    assert {node.node_id for node in found[0]} < set(by_id)
    for node in found[0]:
        text = by_id[node.node_id].text
        assert node.text == "\n…\n".join(text[start:end] for start, end in node.metadata["hiercomp"]["spans"])
    assert COUNT(read(found[0])) <= 600


def test_of_an_index_with_a_hierarchy_the_leaves_are_found(call):
    nodes = HiercompNodeParser().get_nodes_from_documents([call])
    storage = StorageContext.from_defaults()
    storage.docstore.add_documents(nodes)
    index = VectorStoreIndex(get_leaf_nodes(nodes), storage_context=storage, embed_model=MockEmbedding(4))
    found = retriever(index).retrieve(QUESTION)
    assert found
    assert not any(node.node.child_nodes for node in found)


def test_an_index_that_keeps_its_nodes_to_itself_is_refused_and_an_empty_one_finds_nothing(chunks):
    class Closed(type(VectorStoreIndex([], embed_model=MockEmbedding(4)).vector_store)):
        stores_text: bool = True

    storage = StorageContext.from_defaults(vector_store=Closed())
    index = VectorStoreIndex(chunks, storage_context=storage, embed_model=MockEmbedding(4))
    with pytest.raises(ConfigError, match="Closed cannot list its nodes"):
        retriever(index).retrieve(QUESTION)
    assert retriever(VectorStoreIndex([], embed_model=MockEmbedding(4))).retrieve(QUESTION) == []
    assert retriever([TextNode(text=" ")]).retrieve(QUESTION) == []


def test_without_a_question_an_overview_is_found():
    assert 300 < COUNT(read(retriever(REPORT).retrieve(" "))) <= 600


def test_a_retriever_serves_a_query_engine_of_llama_index():
    response = RetrieverQueryEngine.from_args(retriever(CALL), llm=MockLLM()).query(QUESTION)
    assert read(response.source_nodes) in str(response)


def test_many_threads_read_the_sources_once(chunks):
    asked = retriever(chunks)
    found = []
    threads = [threading.Thread(target=lambda: found.append(asked.retrieve(QUESTION))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [found[0]] * 8


def test_an_answer_has_its_sources_and_checked_citations(engine):
    response = engine.query(QUESTION)
    ours = hiercomp.ask(REPORT, QUESTION, budget=2000, **SETTINGS)
    assert str(response) == ours.text
    run = response.metadata["hiercomp"]
    assert [citation["page"] for citation in run["citations"]] == [citation.page for citation in ours.citations]
    assert all(citation["supported"] for citation in run["citations"])
    assert run["schema"] == "hiercomp/1"
    assert ANSWER in read(response.source_nodes)
    pages = {node.metadata["page_label"] for node in response.source_nodes}
    assert {str(citation["page"]) for citation in run["citations"]} <= pages
    assert set(response.metadata) == {"hiercomp", *(node.node_id for node in response.source_nodes)}
    assert (
        asyncio.run(engine.aquery(QUESTION)).source_nodes
        == response.source_nodes
        == engine.retrieve(QueryBundle(QUESTION))
    )


def test_sources_are_the_documents_own_text_whatever_the_compressor():
    # The scripted model has no answer, so that a request for a summary would fail.
    settings = SETTINGS | {"compressor": "llm", "model": "scripted"}
    assert HiercompQueryEngine(CALL, budget=600, settings=settings).retrieve(QueryBundle(QUESTION))


def test_a_streamed_answer_is_the_same_and_has_its_sources_at_its_end(engine):
    streaming = HiercompQueryEngine(REPORT, budget=2000, settings=SETTINGS, streaming=True)
    whole = engine.query(QUESTION)

    async def streamed():
        response = await streaming.aquery(QUESTION)
        pieces = [piece async for piece in response.async_response_gen()]
        return pieces, response

    answer = streaming.query(QUESTION)
    for pieces, response in ((list(answer.response_gen), answer), asyncio.run(streamed())):
        assert len(pieces) > 1
        assert "".join(pieces) == whole.response
        assert response.source_nodes == whole.source_nodes
        assert response.metadata["hiercomp"]["citations"] == whole.metadata["hiercomp"]["citations"]


def test_an_answer_that_nobody_takes_ends_its_thread():
    class Endless(MockLLM):
        def stream_chat(self, messages, **_):
            for response in super().stream_chat(messages):
                time.sleep(0.01)
                yield response

    engine = HiercompQueryEngine(CALL, budget=1000, settings=SETTINGS, llm=Endless(), streaming=True)
    before = threading.active_count()
    pieces = engine.query(QUESTION).response_gen
    next(pieces)
    assert threading.active_count() > before
    pieces.close()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before


def test_what_goes_wrong_while_streaming_is_raised_where_the_pieces_are_taken():
    engine = HiercompQueryEngine("absent.pdf", budget=1000, settings=SETTINGS, streaming=True)
    with pytest.raises(DocumentError, match=r"absent\.pdf"):
        list(engine.query(QUESTION).response_gen)


def test_the_budget_bounds_the_whole_call_of_a_model_of_llama_index():
    class Handler(BaseEventHandler):
        calls: list

        def handle(self, event, **_):
            if event.class_name() == "LLMCompletionStartEvent":
                self.calls.append(event.prompt)

    handler, dispatcher = Handler(calls=[]), get_dispatcher()
    dispatcher.add_event_handler(handler)
    engine = HiercompQueryEngine(REPORT, budget=1500, settings=SETTINGS, llm=MockLLM(max_tokens=200))
    try:
        response = engine.query(QUESTION)
    finally:
        dispatcher.event_handlers.remove(handler)
    (prompt,) = handler.calls
    assert ANSWER in prompt
    assert 1200 < COUNT(prompt) + COUNT(str(response)) <= 1500
    run = response.metadata["hiercomp"]
    assert run["model"] == "MockLLM"
    assert run["budget"]["answer"] == 200
    assert run["warnings"] == []


def test_a_model_that_writes_more_than_was_reserved_is_warned_of():
    settings = {**SETTINGS, "answer_tokens": 50}
    engine = HiercompQueryEngine(CALL, budget=1000, settings=settings, llm=MockLLM(max_tokens=300))
    (warning,) = engine.query(QUESTION).metadata["hiercomp"]["warnings"]
    assert warning.startswith("MockLLM wrote 3")


def test_a_budget_beyond_the_models_window_is_refused():
    engine = HiercompQueryEngine(CALL, budget=10_000, settings=SETTINGS, llm=MockLLM(max_tokens=9))
    with pytest.raises(ConfigError, match="3,900 is the most"):
        engine.query(QUESTION)


def test_nodes_with_pages_are_cited_by_page():
    nodes = [
        TextNode(
            text="The lease of the plant ends on May 4, 2031.", metadata={"file_name": "a.pdf", "page_label": "7"}
        ),
        TextNode(text="Lunch is served at noon.", metadata={"file_name": "b.pdf", "page_label": "iv"}),
    ]
    response = HiercompQueryEngine(nodes, budget=800, settings=SETTINGS).query("When does the lease end?")
    assert "[a.pdf p. 7]" in str(response)
    assert response.metadata["hiercomp"]["citations"][0]["page"] == 7
    assert response.source_nodes[0].node_id == nodes[0].node_id
    assert NodeRelationship.SOURCE not in response.source_nodes[0].node.relationships


def test_the_example_prints_what_its_page_shows(monkeypatch, capsys):
    root = REPORT.parents[1]
    path = root / "examples" / "llama_index_query_engine.py"
    page = (root / "docs" / "integrations" / "llama_index.md").read_text(encoding="utf-8")
    monkeypatch.chdir(root)
    runpy.run_path(str(path), run_name="__main__")
    assert f"```python\n{path.read_text(encoding='utf-8')}```\n\nprints\n\n```text\n" in page
    assert f"```text\n{capsys.readouterr().out}```" in page
