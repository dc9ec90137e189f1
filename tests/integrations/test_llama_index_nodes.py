import asyncio
import json
from itertools import pairwise
from pathlib import Path

import pytest
from llama_index.core import MockEmbedding, StorageContext, VectorStoreIndex
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import get_leaf_nodes, get_root_nodes
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import AutoMergingRetriever
from llama_index.core.schema import (
    Document,
    ImageNode,
    IndexNode,
    MediaResource,
    MetadataMode,
    Node,
    NodeRelationship,
    NodeWithScore,
    TextNode,
)
from llama_index.core.storage.docstore import SimpleDocumentStore

from hiercomp import Pipeline, tokenizers
from hiercomp.config import Config
from hiercomp.errors import BudgetError, ConfigError
from hiercomp.integrations.llama_index import (
    HiercompNodeParser,
    HiercompPostprocessor,
    HiercompReader,
    HiercompTransform,
)

REPORT = Path(__file__).parents[2] / "data" / "tarnholt_2025_annual_report.pdf"
CALL = REPORT.parent / "tarnholt_q4_2025_call.md"
QUESTION = "How did the effective tax rate of 2025 compare with that of 2024?"
ANSWER = "an effective rate of 24.2%, compared with $7.2 million and 18.4% in 2024"
SETTINGS = {"embedding": "hashing"}
COUNT = tokenizers.build().count


def long(place="Duluth"):
    """A text in which one sentence answers. Texts differ by the place: of equal texts only one counts."""
    answer = f"In {place} the effective tax rate was 24.2% in 2025."
    return " ".join([*[f"The weather in {place} was mild."] * 3, answer, *["Lunch was served late."] * 9])


LONG = long()


def scored(*nodes):
    return [NodeWithScore(node=node, score=0.5) for node in nodes]


def compressed(nodes, question=QUESTION, budget=60):
    return HiercompPostprocessor(budget=budget, settings=SETTINGS).postprocess_nodes(nodes, query_str=question)


def read(nodes, mode=MetadataMode.LLM):
    """Join the contents of nodes as a response synthesizer does."""
    return "\n\n".join(node.get_content(mode) for node in nodes)


@pytest.fixture(scope="module", autouse=True)
def _read_once(tmp_path_factory):
    """Give this module its own store, so that the report is parsed once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIERCOMP_CACHE_DIR", str(tmp_path_factory.mktemp("store")))
        yield


@pytest.fixture(scope="module")
def document():
    return HiercompReader(SETTINGS).load_data(REPORT)[0]


@pytest.fixture(scope="module")
def parsed(document):
    return HiercompNodeParser().get_nodes_from_documents([document])


@pytest.fixture(scope="module")
def index(parsed):
    storage = StorageContext.from_defaults()
    storage.docstore.add_documents(parsed)
    return VectorStoreIndex(get_leaf_nodes(parsed), storage_context=storage, embed_model=MockEmbedding(4))


@pytest.fixture
def events():
    class Handler(BaseEventHandler):
        seen: list

        def handle(self, event, **_):
            if event.class_name().startswith("Compression"):
                self.seen.append(event)

    handler, dispatcher = Handler(seen=[]), get_dispatcher()
    dispatcher.add_event_handler(handler)
    yield handler.seen
    dispatcher.event_handlers.remove(handler)


def test_a_query_engine_reads_what_is_left_of_its_nodes_within_the_budget(index):
    engine = index.as_query_engine(
        llm=MockLLM(),  # answers with its prompt
        similarity_top_k=200,
        node_postprocessors=[HiercompPostprocessor(budget=500, settings=SETTINGS)],
    )
    for response in (engine.query(QUESTION), asyncio.run(engine.aquery(QUESTION))):
        given = str(response).split("---------------------")[1].strip()
        assert given == read(response.source_nodes)
        assert 400 < COUNT(given) <= 500
        assert ANSWER in given
        assert "hiercomp" not in given


def test_metadata_is_shown_whole_and_neither_scored_nor_cut():
    about = {"summary": f"{QUESTION} The effective tax rate was 24.2% in 2025, 18.4% in 2024."}
    nodes = scored(TextNode(text="Lunch was served late. " * 20, metadata=about), TextNode(text=LONG))
    (kept,) = compressed(nodes)
    assert "24.2%" in kept.text
    (kept,) = compressed(nodes[:1])
    assert kept.get_content(MetadataMode.LLM).startswith(f"summary: {about['summary']}\n\nLunch")
    assert COUNT(kept.get_content(MetadataMode.LLM)) <= 60
    with pytest.raises(BudgetError):
        compressed(nodes[:1], budget=20)


def test_templates_and_excluded_keys_are_counted_as_the_reader_sees_them():
    shown = {
        "text_template": "<<{metadata_str}>>\n" + "#" * 40 + "\n{content}",
        "metadata_template": "{key} is {value}",
    }
    node = TextNode(text=LONG, metadata={"a": "b", "secret": "x" * 400}, excluded_llm_metadata_keys=["secret"], **shown)
    (kept,) = compressed(scored(node))
    assert kept.get_content(MetadataMode.LLM).startswith("<<a is b>>\n####")
    assert COUNT(kept.get_content(MetadataMode.LLM)) <= 60
    assert kept.node.excluded_llm_metadata_keys == ["secret", "hiercomp"]
    assert kept.node.excluded_embed_metadata_keys == ["hiercomp"]
    assert node.excluded_llm_metadata_keys == ["secret"]


def test_what_no_longer_holds_of_a_shorter_text_is_taken_away_and_all_else_stays():
    related = {NodeRelationship.SOURCE: TextNode(text="x").as_related_node_info()}
    facts = {"embedding": [1.0, 0.0], "start_char_idx": 5, "end_char_idx": 500, "relationships": related}
    short = TextNode(text="In 2024 the effective tax rate was 18.4%.", **facts)
    cut, whole = compressed(scored(TextNode(text=LONG, id_="cut", **facts), short), budget=85)
    assert (cut.node.embedding, cut.node.start_char_idx, cut.node.end_char_idx) == (None, None, None)
    assert (whole.node.embedding, whole.node.start_char_idx, whole.node.end_char_idx) == ([1.0, 0.0], 5, 500)
    assert (cut.node_id, cut.score, cut.node.relationships) == ("cut", 0.5, related)


def test_every_kind_of_node_is_cut_or_kept():
    shared = object.__new__(VectorStoreIndex)  # the object of an index node is never copied
    resource = MediaResource(text=LONG, path="a.txt")
    picture = Node(image_resource=MediaResource(url="http://localhost/a.png"), text_resource=MediaResource(text="tax"))
    nodes = [
        Node(text_resource=resource, id_="node"),
        Document(text=long("Bergen"), id_="document"),
        IndexNode(text=long("Oslo"), index_id="index", id_="index", obj=shared),
        ImageNode(text="as it is read from the picture", image="aGllcmNvbXA=", id_="image"),
        picture,
        TextNode(text="", id_="empty"),
    ]
    kept = compressed(scored(*nodes), budget=150)
    by_id = {node.node_id: node.node for node in kept}
    assert set(by_id) == {node.node_id for node in nodes}
    assert all("24.2%" in by_id[name].get_content() for name in ("node", "document", "index"))
    assert by_id["node"].text_resource.path == resource.path
    assert by_id["index"].obj is shared
    assert by_id["image"].text == "as it is read from the picture"
    assert by_id[picture.node_id].image_resource == picture.image_resource
    assert COUNT(read(kept)) <= 150 < COUNT(read(nodes))


def test_handlers_are_told_what_a_compression_did(events):
    compressed(scored(TextNode(text=LONG), TextNode(text="Lunch was served late. " * 20)))
    begun, ended = events
    assert (begun.query, begun.budget) == (QUESTION, 60)
    assert (ended.kept, ended.dropped) == (1, 1)
    assert ended.tokens_in > 100 > 60 >= ended.tokens_out > 0
    assert ended.seconds > 0


def test_a_postprocessor_is_stored_and_read_back_and_a_wrong_setting_is_refused_at_once():
    postprocessor = HiercompPostprocessor(budget=300, settings={"embedding": "hashing"})
    stored = json.loads(json.dumps(postprocessor.to_dict()))
    assert HiercompPostprocessor.from_dict(stored).settings == {"embedding": "hashing"}
    with pytest.raises(ConfigError, match="embeding"):
        HiercompPostprocessor(budget=300, settings={"embeding": "hashing"})


def test_an_option_that_there_is_not_is_refused_and_a_budget_that_is_set_later_holds():
    for made in (HiercompPostprocessor, HiercompTransform):
        with pytest.raises(ValueError, match="tokenizer"):
            made(budget=60, tokenizer="gpt-4o")
    postprocessor = HiercompPostprocessor(budget=300, settings=SETTINGS)
    postprocessor.budget = 40
    nodes = postprocessor.postprocess_nodes(
        scored(TextNode(text=LONG), TextNode(text=long("Fargo"))), query_str=QUESTION
    )
    assert 0 < COUNT(read(nodes)) <= 40
    with pytest.raises(ConfigError, match="budget"):
        postprocessor.budget = 0


def test_the_parser_yields_stretches_of_the_document_with_their_pages(document, parsed):
    (root,) = get_root_nodes(parsed)
    leaves = get_leaf_nodes(parsed)
    with Pipeline(REPORT, config=Config(**SETTINGS)) as pipeline:
        ours = pipeline.hierarchy.documents[0]
    assert root.text == document.text.strip()
    for node in parsed:
        assert document.text[node.start_char_idx : node.end_char_idx] == node.text
        assert node.ref_doc_id == document.doc_id
        assert node.metadata["file_name"] == REPORT.name
        assert "hiercomp" not in {**node.metadata, **node.source_node.metadata}
    for leaf in leaves:
        assert leaf.metadata["page_label"] == str(ours.page_at(leaf.start_char_idx))
    gaps = [document.text[one.end_char_idx : next.start_char_idx] for one, next in pairwise(leaves)]
    assert not "".join(gaps).strip()
    assert any(leaf.metadata.get("section", "").endswith("Note 8. Income taxes") for leaf in leaves)


def test_the_parsers_nodes_know_of_each_other(parsed):
    by_id = {node.node_id: node for node in parsed}
    assert len(by_id) == len(parsed)
    for node in parsed:
        for child in node.child_nodes or []:
            assert by_id[child.node_id].parent_node.node_id == node.node_id
            assert node.start_char_idx <= by_id[child.node_id].start_char_idx
        if node.parent_node:
            assert node.node_id in {child.node_id for child in by_id[node.parent_node.node_id].child_nodes}
        if node.next_node:
            assert by_id[node.next_node.node_id].prev_node == node.as_related_node_info()
    leaves = get_leaf_nodes(parsed)
    assert [leaf.next_node.node_id for leaf in leaves[:-1]] == [leaf.node_id for leaf in leaves[1:]]


def test_the_parser_gives_the_same_ids_again_and_obeys_its_options(document, parsed):
    again = asyncio.run(HiercompNodeParser().aget_nodes_from_documents([document]))
    assert [node.node_id for node in again] == [node.node_id for node in parsed]
    twin = Document(text=document.text, id_="twin", metadata={"owner": "us"})
    parser = HiercompNodeParser(
        include_metadata=False, include_prev_next_rel=False, id_func=lambda place, given: f"{given.node_id}/{place}"
    )
    nodes = parser.get_nodes_from_documents([twin, Document(text=" ", id_="blank")])
    assert [node.node_id for node in nodes] == [*(f"twin/{place}" for place in range(len(nodes) - 1)), "blank"]
    assert not any("owner" in node.metadata or node.next_node or node.prev_node for node in nodes)
    assert nodes[1].parent_node.node_id == "twin/0"


def test_a_document_of_one_page_keeps_the_page_that_it_names():
    given = Document(text=LONG * 9, metadata={"page_label": "17", "file_name": "a.pdf"})
    nodes = HiercompNodeParser().get_nodes_from_documents([given])
    assert {node.metadata["page_label"] for node in nodes} == {"17"}


def test_leaves_merge_into_the_parsers_sections(index, parsed):
    storage = index.storage_context
    base = index.as_retriever(similarity_top_k=len(get_leaf_nodes(parsed)))
    merged = AutoMergingRetriever(base, storage).retrieve(QUESTION)
    assert [node.node_id for node in merged] == [get_root_nodes(parsed)[0].node_id]
    engine = RetrieverQueryEngine.from_args(
        AutoMergingRetriever(base, storage),
        llm=MockLLM(),
        node_postprocessors=[HiercompPostprocessor(budget=300, settings=SETTINGS)],
    )
    response = engine.query(QUESTION)
    assert all(rate in str(response) for rate in ("24.2%", "18.4%"))
    assert COUNT(read(response.source_nodes)) <= 300


def test_parsed_nodes_are_stored_and_read_back(parsed, tmp_path):
    store = SimpleDocumentStore()
    store.add_documents(parsed)
    store.persist(str(tmp_path / "docstore.json"))
    assert list(SimpleDocumentStore.from_persist_path(str(tmp_path / "docstore.json")).docs.values()) == parsed
