"""`HiercompDocumentCompressor` in retrievers and chains of LangChain."""

import asyncio
from pathlib import Path

import pytest

from hiercomp import tokenizers
from hiercomp.errors import ConfigError

pytest.importorskip("langchain_core")
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableParallel, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore

from hiercomp.encoders.hashing import Hashing
from hiercomp.integrations.langchain import HiercompDocumentCompressor

CALL = (Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md").read_text(encoding="utf-8")
QUESTION = "What was the effective tax rate?"
VAGUE = "Is the company safe?"
PLAN = ["range of loss, Orrin lawsuit, reserve, patents"]
EVIDENCE = "A reserve needs a probable loss"
SETTINGS = {"embedding": "hashing", "cache": False}


class HashedEmbeddings(Embeddings):
    """The hashing encoder behind LangChain's interface for vector stores."""

    def embed_documents(self, texts):
        return [encoded.vector.tolist() for encoded in Hashing(256).encode_passages(texts)]

    def embed_query(self, text):
        return Hashing(256).encode_query(text).vector.tolist()


@pytest.fixture(scope="module")
def retriever():
    pieces = [CALL[start : start + 1000] for start in range(0, len(CALL), 1000)]
    documents = [Document(piece, id=f"piece-{place}", metadata={"page": place}) for place, piece in enumerate(pieces)]
    return InMemoryVectorStore.from_documents(documents, HashedEmbeddings()).as_retriever(search_kwargs={"k": 6})


@pytest.fixture(scope="module")
def compressor():
    return HiercompDocumentCompressor(budget=200, settings=SETTINGS)


def _tokens(documents):
    return tokenizers.build().count("\n\n".join(document.page_content for document in documents))


def test_a_retriever_that_compresses_keeps_the_budget_and_the_ids(retriever, compressor):
    compressing = ContextualCompressionRetriever(base_compressor=compressor, base_retriever=retriever)
    found, kept = retriever.invoke(QUESTION), compressing.invoke(QUESTION)
    assert _tokens(kept) <= 200 < _tokens(found)
    ids = [document.id for document in found]
    assert [document.id for document in kept] == [name for name in ids if name in {document.id for document in kept}]
    assert any("24.2%" in document.page_content for document in kept)
    assert kept == asyncio.run(compressing.ainvoke(QUESTION))


def test_a_chain_takes_the_compressor_as_a_step(retriever, compressor):
    gather = RunnableParallel(documents=retriever, query=RunnablePassthrough())
    prompt = ChatPromptTemplate.from_messages([("human", "{context}")])

    def join(documents):
        return {"context": "\n\n".join(document.page_content for document in documents)}

    chain = gather | compressor.as_runnable() | join | prompt
    [message] = chain.invoke(QUESTION).messages
    assert tokenizers.build().count(message.content) <= 200
    assert "24.2%" in message.content
    assert asyncio.run(chain.ainvoke(QUESTION)).messages == [message]
    assert len(chain.batch([QUESTION, "How did revenue grow?"])) == 2


def test_documents_of_a_kind_of_their_own_stay_of_that_kind(compressor):
    class Cited(Document):
        url: str

    [kept] = compressor.compress_documents([Cited(page_content=CALL, url="https://example.com/call")], QUESTION)
    assert type(kept) is Cited
    assert kept.url == "https://example.com/call"


@pytest.mark.parametrize(
    ("budget", "settings", "message"),
    [(0, {}, "budget"), (100, {"retriver": "bm25"}, "retriver"), (100, {"max_pages": -1}, "max-pages")],
)
def test_a_wrong_setting_is_refused_when_the_compressor_is_made(budget, settings, message):
    with pytest.raises(ConfigError, match=message):
        HiercompDocumentCompressor(budget=budget, settings=settings)


def test_an_option_that_there_is_not_is_refused_and_a_budget_that_is_set_later_holds():
    with pytest.raises(ValueError, match="tokenizer"):
        HiercompDocumentCompressor(budget=200, tokenizer="gpt-4o")
    compressor = HiercompDocumentCompressor(budget=200, settings=SETTINGS)
    compressor.budget = 60
    assert _tokens(compressor.compress_documents([Document(CALL)], QUESTION)) <= 60
    with pytest.raises(ConfigError, match="budget"):
        compressor.budget = 0


def test_an_open_budget_takes_what_is_enough(retriever):
    kept = HiercompDocumentCompressor(budget="auto", settings=SETTINGS).compress_documents([Document(CALL)], QUESTION)
    assert 0 < _tokens(kept) < tokenizers.build().count(CALL)


def _planned(**options):
    return HiercompDocumentCompressor(budget=150, settings=SETTINGS, **options)


def _text(documents):
    return "\n\n".join(document.page_content for document in documents)


def test_a_plan_in_the_metadata_of_a_call_reaches_the_compressor(retriever):
    compressing = ContextualCompressionRetriever(base_compressor=_planned(), base_retriever=retriever)
    config = {"metadata": {"hiercomp_plan": PLAN}}
    assert EVIDENCE not in _text(compressing.invoke(VAGUE))
    assert EVIDENCE in _text(compressing.invoke(VAGUE, config))
    assert EVIDENCE in _text(asyncio.run(compressing.ainvoke(VAGUE, config)))


def test_a_step_of_a_chain_takes_a_plan():
    step = _planned().as_runnable()
    given = {"documents": [Document(CALL)], "query": VAGUE}
    assert EVIDENCE not in _text(step.invoke(given))
    assert EVIDENCE in _text(step.invoke(given | {"plan": PLAN}))
    assert EVIDENCE in _text(asyncio.run(step.ainvoke(given | {"plan": PLAN})))


def test_a_chat_model_plans():
    model = FakeListChatModel(responses=[f"- {PLAN[0]}"])
    assert EVIDENCE in _text(_planned(planner=model).compress_documents([Document(CALL)], VAGUE))


def test_a_chat_model_that_fails_is_warned_of_and_the_rules_plan(caplog):
    class Failing(FakeListChatModel):
        def _call(self, *_, **__):
            raise ValueError("no credit")

    kept = _planned(planner=Failing(responses=[""])).compress_documents([Document(CALL)], VAGUE)
    assert kept == _planned().compress_documents([Document(CALL)], VAGUE)
    assert "Failing: ValueError: no credit" in caplog.messages[0]


def test_the_embeddings_of_the_stack_encode_the_documents():
    class Lunch(HashedEmbeddings):
        def embed_documents(self, texts):
            return [[1.0, 0.1] if "lunch" in text else [0.0, 1.0] for text in texts]

        def embed_query(self, text):
            return [1.0, 0.0]

    texts = [f"The weather in {place} was mild." for place in ("Oslo", "Bergen", "Fargo", "Duluth")]
    texts.insert(2, "We had soup for lunch.")
    compressor = HiercompDocumentCompressor(budget=10, settings={"cache": False}, embedding=Lunch(), ranked=False)
    [kept] = compressor.compress_documents([Document(text) for text in texts], "What is there to eat?")
    assert kept.page_content == texts[2]


def test_the_models_are_no_part_of_a_serialized_compressor():
    made = _planned(planner=lambda query: PLAN, embedding=HashedEmbeddings())
    assert made.model_dump() == {"budget": 150, "settings": SETTINGS, "ranked": True}
    with pytest.raises(ValueError, match="planner"):
        _planned(planner=7)
