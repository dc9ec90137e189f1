"""The DSPy modules in programs with a scripted model."""

import asyncio
import logging
from copy import deepcopy
from inspect import signature
from pathlib import Path

import pytest

from hiercomp import tokenizers
from hiercomp.errors import BudgetError, ConfigError

pytest.importorskip("dspy")
import dspy
from dspy.utils import DummyLM

from hiercomp.integrations.dspy import HiercompCompressor, HiercompRetriever

DATA = Path(__file__).parents[2] / "data"
CALL = DATA / "tarnholt_q4_2025_call.md"
QUESTION = "What was the effective tax rate?"
VAGUE = "Is the company safe?"
PLAN = ["range of loss, Orrin lawsuit, reserve, patents"]
EVIDENCE = "A reserve needs a probable loss"
SETTINGS = {"embedding": "hashing", "cache": False}


@pytest.fixture
def retriever():
    return HiercompRetriever(CALL, budget=300, settings=SETTINGS)


def _field(declared, passages):
    """Count the tokens of the field `context` in a prompt."""
    prompt = dspy.ChatAdapter().format(dspy.Signature(declared), [], {"context": passages, "question": ""})
    field = prompt[-1]["content"].partition("[[ ## context ## ]]\n")[2].partition("\n\n[[ ## question ## ]]")[0]
    return tokenizers.build().count(field)


@pytest.mark.parametrize("declared", ["context, question -> answer", "context: list[str], question -> answer"])
@pytest.mark.parametrize("budget", [80, 300, 900])
def test_the_budget_bounds_the_passages_as_a_prompt_writes_them(declared, budget):
    found = HiercompRetriever(CALL, budget=budget, settings=SETTINGS)(QUESTION).passages
    assert budget / 2 < _field(declared, found) <= budget
    text = CALL.read_text(encoding="utf-8")
    kept = HiercompCompressor(budget=budget, settings=SETTINGS)(text.split("\n\n"), QUESTION).passages
    assert budget / 2 < _field(declared, kept) <= budget


def test_passages_have_the_pages_and_the_sources_that_they_stand_on():
    retriever = HiercompRetriever(DATA / "tarnholt_2025_annual_report.pdf", budget=300, settings=SETTINGS)
    found = retriever(QUESTION)
    assert any("24.2%" in passage for passage in found.passages)
    assert set(found.sources) == {"tarnholt_2025_annual_report.pdf"}
    assert len(found.pages) == len(found.passages)
    assert found.pages == sorted(found.pages)


def test_of_more_than_k_passages_the_best_are_kept_in_their_order(retriever):
    every, best = retriever(QUESTION).passages, retriever(QUESTION, k=2).passages
    assert len(best) == 2 < len(every)
    assert best == [passage for passage in every if passage in best]
    assert any("24.2%" in passage for passage in best)


def test_a_program_answers_from_what_is_kept(retriever):
    class Program(dspy.Module):
        def __init__(self):
            super().__init__()
            self.retrieve = retriever
            self.answer = dspy.Predict("context, question -> answer")

        def forward(self, question):
            return self.answer(context=self.retrieve(question).passages, question=question)

    model = DummyLM([{"answer": "24.2%"}] * 2)
    with dspy.context(lm=model):
        assert Program()(question=QUESTION).answer == "24.2%"
        assert Program().deepcopy()(question=QUESTION).answer == "24.2%"  # as optimizers do
    assert "The rate was 24.2% after 18.4%." in str(model.history[0]["messages"])
    assert model.history[0]["messages"] == model.history[1]["messages"]


def test_retrievals_of_dspy_ask_it(retriever):
    with dspy.context(rm=retriever.rm):
        assert dspy.Retrieve(k=2)(QUESTION).passages == retriever(QUESTION, k=2).passages


def test_the_asynchronous_call_gives_the_same(retriever):
    assert asyncio.run(retriever.acall(QUESTION, k=2)) == retriever(QUESTION, k=2)
    assert deepcopy(retriever)(QUESTION) == retriever(QUESTION)


def test_the_asynchronous_call_warns_of_nothing(retriever, caplog):
    caplog.set_level(logging.WARNING)
    logging.getLogger("dspy").addHandler(caplog.handler)
    try:
        asyncio.run(retriever.acall(QUESTION))
        asyncio.run(HiercompCompressor(budget=100, settings=SETTINGS).acall([CALL.read_text("utf-8")], QUESTION))
    finally:
        logging.getLogger("dspy").removeHandler(caplog.handler)
    assert caplog.messages == []


def test_a_program_that_is_saved_whole_is_read_back_and_finds_the_same(retriever, tmp_path):
    found = retriever(QUESTION)
    retriever.save(tmp_path / "program", save_program=True)
    trusted = {"allow_pickle": True} if "allow_pickle" in signature(dspy.load).parameters else {}
    assert dspy.load(tmp_path / "program", **trusted)(QUESTION) == found


def test_without_a_query_an_overview_is_found(retriever):
    assert retriever().passages


def test_wrong_settings_are_refused_when_a_module_is_made_and_small_budgets_when_it_is_called():
    with pytest.raises(ConfigError, match="retriver"):
        HiercompCompressor(budget=100, settings={"retriver": "bm25"})
    with pytest.raises(ConfigError, match="budget"):
        HiercompRetriever(CALL, budget=0)
    with pytest.raises(BudgetError, match="the least that works is"):
        HiercompRetriever(CALL, budget=2, settings=SETTINGS)(QUESTION)


def test_passages_are_the_documents_own_text_whatever_the_compressor():
    # The scripted model has no answer, so that a request for a summary would fail.
    settings = SETTINGS | {"compressor": "llm", "model": "scripted"}
    found = HiercompRetriever(CALL, budget=300, settings=settings)(QUESTION)
    text = CALL.read_text(encoding="utf-8")
    assert found.passages
    assert all(passage in text for passage in found.passages)


class Planning(dspy.BaseLM):
    """A model that answers every prompt with one text."""

    def __init__(self, answer):
        super().__init__(model="planner")
        self.answer = answer
        self.asked = []

    def __call__(self, prompt=None, messages=None, **_):
        self.asked.append(messages)
        if isinstance(self.answer, Exception):
            raise self.answer
        return [self.answer]


def _kept(plan=None, **options):
    pieces = CALL.read_text("utf-8").split("\n\n")
    return " ".join(HiercompCompressor(budget=150, settings=SETTINGS, **options)(pieces, VAGUE, plan).passages)


def test_a_plan_is_an_argument_of_the_call():
    assert EVIDENCE not in _kept()
    assert EVIDENCE in _kept(PLAN)
    retriever = HiercompRetriever(CALL, budget=150, settings=SETTINGS)
    assert EVIDENCE not in " ".join(retriever(VAGUE).passages)
    assert EVIDENCE in " ".join(retriever(VAGUE, plan=PLAN).passages)
    assert asyncio.run(retriever.acall(VAGUE, plan=PLAN)) == retriever(VAGUE, plan=PLAN)


def test_the_model_that_dspy_is_configured_with_plans():
    with dspy.context(lm=Planning(PLAN[0])):
        assert EVIDENCE in _kept(planner="llm")
        retriever = HiercompRetriever(CALL, budget=150, settings=SETTINGS, planner="llm")
        assert EVIDENCE in " ".join(retriever(VAGUE).passages)
        assert EVIDENCE in " ".join(asyncio.run(retriever.acall(VAGUE)).passages)
    assert EVIDENCE in _kept(planner=Planning(PLAN[0]))


@pytest.mark.parametrize("model", [None, Planning(ValueError("no credit"))])
def test_a_model_that_is_absent_or_fails_is_warned_of_and_the_rules_plan(model, caplog):
    with dspy.context(lm=model):
        assert _kept(planner="llm") == _kept()
    assert "the rules planned instead" in caplog.messages[0]


def test_an_embedder_of_dspy_encodes_the_passages():
    def embed(texts):
        return [[1.0, 0.1] if "lunch" in text or "eat?" in text else [0.0, 1.0] for text in texts]

    texts = [f"The weather in {place} was mild." for place in ("Oslo", "Bergen", "Fargo", "Duluth")]
    texts.insert(2, "We had soup for lunch.")
    compress = HiercompCompressor(budget=20, settings={"cache": False}, embedding=dspy.Embedder(embed), ranked=False)
    assert texts[2] in compress(texts, "What is there to eat?").passages


def test_a_program_that_is_saved_whole_keeps_its_models(tmp_path):
    made = HiercompCompressor(budget=150, settings=SETTINGS, planner=_plan, embedding=dspy.Embedder(_embed))
    pieces = CALL.read_text("utf-8").split("\n\n")
    made.save(tmp_path / "program", save_program=True)
    trusted = {"allow_pickle": True} if "allow_pickle" in signature(dspy.load).parameters else {}
    assert dspy.load(tmp_path / "program", **trusted)(pieces, VAGUE) == made(pieces, VAGUE)
    assert deepcopy(made)(pieces, VAGUE) == made(pieces, VAGUE)


def _plan(query):
    return PLAN


def _embed(texts):
    return [[1.0, float(len(text))] for text in texts]


def test_an_option_that_there_is_not_is_refused():
    with pytest.raises(TypeError, match="embeding"):
        HiercompCompressor(budget=150, embeding=None)
