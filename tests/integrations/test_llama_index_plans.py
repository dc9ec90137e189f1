"""Plans, scores and embedding models of LlamaIndex in the adapters."""

import asyncio
from pathlib import Path

import pytest
from llama_index.core import MockEmbedding, Settings, VectorStoreIndex
from llama_index.core.bridge.pydantic import Field
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata, MockLLM
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle, TextNode

from hiercomp import ConfigError
from hiercomp.integrations.llama_index import (
    HiercompPostprocessor,
    HiercompQueryEngine,
    HiercompRetriever,
    PlannedQuery,
)

CALL = Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md"
QUESTION = "Is the company safe?"
PLAN = ["range of loss, Orrin lawsuit, reserve, patents"]
EVIDENCE = "A reserve needs a probable loss"
SETTINGS = {"embedding": "hashing", "model": "extractive", "cache": False}


class Planner(CustomLLM):
    """A model that answers every prompt with a plan, and keeps the prompts."""

    answer: str = PLAN[0]
    prompts: list = Field(default_factory=list)

    @property
    def metadata(self):
        return LLMMetadata(model_name="planner", num_output=64)

    def complete(self, prompt, formatted=False, **_):
        self.prompts.append(prompt)
        return CompletionResponse(text=self.answer)

    def stream_complete(self, prompt, formatted=False, **_):
        raise NotImplementedError


def read(nodes):
    return "\n\n".join(node.get_content(MetadataMode.LLM) for node in nodes)


def compressed(question=QUESTION, **options):
    text = CALL.read_text(encoding="utf-8")
    nodes = [NodeWithScore(node=TextNode(text=text[start : start + 1500])) for start in range(0, len(text), 1500)]
    postprocessor = HiercompPostprocessor(budget=150, settings=SETTINGS, **options)
    return read(
        postprocessor.postprocess_nodes(nodes, question if isinstance(question, QueryBundle) else QueryBundle(question))
    )


@pytest.fixture
def ended():
    class Handler(BaseEventHandler):
        seen: list

        def handle(self, event, **_):
            if event.class_name() == "CompressionEndEvent":
                self.seen.append(event)

    handler, dispatcher = Handler(seen=[]), get_dispatcher()
    dispatcher.add_event_handler(handler)
    yield handler.seen
    dispatcher.event_handlers.remove(handler)


def test_a_planned_query_reaches_the_postprocessor_of_any_query_engine():
    text = CALL.read_text(encoding="utf-8")
    nodes = [TextNode(text=text[start : start + 1500]) for start in range(0, len(text), 1500)]
    engine = VectorStoreIndex(nodes, embed_model=MockEmbedding(4)).as_query_engine(
        llm=MockLLM(max_tokens=1),
        similarity_top_k=20,
        node_postprocessors=[HiercompPostprocessor(budget=150, settings=SETTINGS)],
    )
    planned = PlannedQuery(QUESTION, plan=PLAN)
    assert EVIDENCE not in read(engine.query(QUESTION).source_nodes)
    assert EVIDENCE in read(engine.query(planned).source_nodes)
    assert EVIDENCE in read(asyncio.run(engine.aquery(planned)).source_nodes)


def test_the_retriever_and_the_query_engine_take_a_planned_query():
    planned = PlannedQuery(QUESTION, plan=PLAN)
    retriever = HiercompRetriever(CALL, budget=150, settings=SETTINGS)
    assert EVIDENCE not in read(retriever.retrieve(QUESTION))
    found = retriever.retrieve(planned)
    assert EVIDENCE in found[0].text
    assert [node.score for node in found] == sorted((node.score for node in found), reverse=True)
    for streaming in (False, True):
        engine = HiercompQueryEngine(CALL, budget=600, settings=SETTINGS, streaming=streaming)
        assert EVIDENCE in read(engine.retrieve(planned))
        response = engine.query(planned)
        assert EVIDENCE in (response.response if not streaming else "".join(response.response_gen))
        run = response.metadata["hiercomp"]
        assert [need["text"] for need in run["plan"]["needs"]] == [QUESTION, *PLAN]
    engine = HiercompQueryEngine(CALL, budget=600, settings=SETTINGS)
    assert asyncio.run(engine.aquery(planned)).response == engine.query(planned).response


def test_a_model_of_the_stack_plans(monkeypatch):
    assert EVIDENCE in compressed(planner=Planner())
    monkeypatch.setattr(Settings, "_llm", Planner())
    assert EVIDENCE in compressed(planner="llm")
    retriever = HiercompRetriever(CALL, budget=150, settings=SETTINGS, planner="llm")
    assert EVIDENCE in read(retriever.retrieve(QUESTION))


def test_a_retriever_asks_its_planner_once_for_a_question():
    questions = []

    def planner(question):
        questions.append(question)
        return PLAN

    found = HiercompRetriever(CALL, budget=150, settings=SETTINGS, planner=planner).retrieve(QUESTION)
    assert EVIDENCE in read(found)
    assert questions == [QUESTION]


def test_the_model_of_a_query_engine_plans_only_if_it_is_asked_to():
    model = Planner()
    HiercompQueryEngine(CALL, budget=800, settings=SETTINGS, llm=model).query(QUESTION)
    assert len(model.prompts) == 1
    response = HiercompQueryEngine(CALL, budget=800, settings=SETTINGS, llm=model, planner="llm").query(QUESTION)
    assert len(model.prompts) == 3
    assert EVIDENCE in read(response.source_nodes)
    plan = response.metadata["hiercomp"]["plan"]
    assert plan["author"] == "planner"


def test_a_model_that_fails_is_warned_of_and_the_rules_plan(caplog, monkeypatch, ended):
    class Failing(Planner):
        def complete(self, prompt, **_):
            raise RuntimeError("no credit")

    assert compressed(planner=Failing()) == compressed()
    [warning] = caplog.messages
    assert "no credit" in warning
    assert ended[0].warnings == [warning]
    assert ended[0].plan == ended[1].plan == [QUESTION]
    assert ended[1].warnings == []


def test_what_is_no_planner_is_refused_at_once():
    with pytest.raises(ValueError, match="planner"):
        HiercompPostprocessor(budget=150, settings=SETTINGS, planner=7)
    with pytest.raises(ConfigError, match="a planner is a function, a model of LlamaIndex or 'llm', not 'gpt'"):
        HiercompRetriever(CALL, budget=150, settings=SETTINGS, planner="gpt")
    with pytest.raises(TypeError, match="embeding"):
        HiercompQueryEngine(CALL, budget=150, settings=SETTINGS, embeding=MockEmbedding(4))


def test_a_stored_postprocessor_has_no_models():
    made = HiercompPostprocessor(budget=150, settings=SETTINGS, planner=lambda q: PLAN, embedding=MockEmbedding(4))
    assert set(made.to_dict()) == {"budget", "settings", "class_name"}
    assert HiercompPostprocessor.from_dict(made.to_dict()).planner is None


def test_the_embedding_model_of_the_stack_encodes_the_passages():
    class Named(MockEmbedding):
        """An embedding model for which texts about lunch are close to every question."""

        def _get_query_embedding(self, query):
            return [1.0, 0.0]

        def _get_text_embedding(self, text):
            return [1.0, 0.1] if "lunch" in text else [0.0, 1.0]

    texts = [f"The weather in {place} was mild." for place in ("Oslo", "Bergen", "Fargo", "Duluth")]
    texts.insert(2, "We had soup for lunch.")
    nodes = [NodeWithScore(node=TextNode(text=text)) for text in texts]
    embedding = Named(embed_dim=2)
    postprocessor = HiercompPostprocessor(budget=10, settings={"cache": False}, embedding=embedding)
    assert read(postprocessor.postprocess_nodes(nodes, query_str="What is there to eat?")) == texts[2]
    found = HiercompRetriever([node.node for node in nodes], budget=10, settings=SETTINGS, embedding=embedding)
    assert read(found.retrieve("What is there to eat?")) == texts[2]
    engine = HiercompQueryEngine([node.node for node in nodes], budget=700, settings=SETTINGS, embedding=embedding)
    run = engine.query("What is there to eat?").metadata["hiercomp"]
    assert run["embedding"].startswith(f"{__name__}.")
