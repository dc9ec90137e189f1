"""The contract of every method of the evaluation, including the peers' methods."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from eval_parts import asked

from eval import methods
from eval.encoding import WholeTextEncoder
from eval.ports import Parts
from eval.types import Evidence
from hiercomp import encoders, loaders, tokenizers
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.types import Document

CALL = Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md"
TOKENIZER = tokenizers.build("o200k_base")
QUESTION = asked(
    "What was the tax rate of the year, and what should be used for 2026?",
    evidence=(Evidence("The rate was 24.2% after 18.4%."), Evidence("For 2026 please use 23 to 25 percent.")),
)
BUDGETS = (40, 200, 600)
OVERRUNS = {
    "llmlingua": "it drops tokens below a threshold, and counts them by its own tokenizer",
    "longllmlingua": "as llmlingua",
}
"""Methods that may exceed a budget, with the reason. Reports show it."""
REFUSED = {
    ("llmlingua", "special tokens"): "LLMLingua counts with a tokenizer that refuses what looks like a special token",
    ("longllmlingua", "special tokens"): "as llmlingua",
}
"""Inputs that a peer refuses, with the reason."""
SILENT = {
    "gold": "it has no evidence there",
    "jev-select": "the citation and the sentence are more than 30 tokens together",
    "jev-select/paragraphs": "as jev-select",
}
"""Methods that may show nothing of a single sentence, with the reason."""
SLOW = {"llmlingua", "longllmlingua", "raptor"}
"""Methods that are slow. They get a few sentences and one budget."""
RATES = "The rate was 24.2% in the year. The debt falls due in 2031.\n" * 5
SCRIPTS = (
    "税率为百分之十四。为什么？",
    "ما هو معدل الضريبة؟",
    "कर की दर चौदह प्रतिशत थी।",
    "👩‍👩‍👧‍👦🇩🇪✊🏿 e\u0301a\u0308",
)
ODD = {
    "one sentence": ("The effective tax rate of the company was 24.2% in the year.\n", "What was the tax rate?"),
    "a line break": ("\n", "What was the tax rate?"),
    "no question": (RATES, " "),
    "no hit": (RATES, "zyzzyva"),
    "scripts": ("\n".join(SCRIPTS * 4), "税率 معدل الضريبة 👩‍👩‍👧‍👦?"),
    "special tokens": ("The model ends with <|endoftext|> and <s>[INST] begins.\n" * 4, "What is <|endoftext|>?"),
}
ODD_FOR_SLOW = {"one sentence", "special tokens"}


@cache
def parts():
    """Share one encoder with stored vectors, so that each text is encoded once."""
    encoder = StoredEncoder(
        lambda: WholeTextEncoder(encoders.build("minilm")), Store.memory(), lambda done, total: None
    )
    return Parts(TOKENIZER, encoder)


@cache
def built(name):
    return methods.build(name, parts())


@pytest.fixture(params=methods.names())
def name(request):
    return request.param


@pytest.fixture
def method(name):
    """Every method can run here, because the extra installs its packages."""
    return built(name)


def document(name):
    """A part of a call: 700 tokens, or 100 for a slow method."""
    call = loaders.load(CALL, source="call.md")
    start = call.text.index("For the year, revenue grew")
    return Document(call.text[start : start + (480 if name in SLOW else 3600)], "call.md", call.title)


def budgets(name, method):
    if not method.budgeted:
        return (0,)
    return (70,) if name in SLOW else BUDGETS


def test_a_text_keeps_to_the_budget_and_is_the_same_each_time(name, method):
    first, second = (method.index(document(name)).find(QUESTION) for _ in range(2))
    for budget in budgets(name, method):
        text = first(budget)
        assert second(budget) == text
        if method.budgeted and name not in OVERRUNS:
            assert TOKENIZER.count(text) <= budget
    assert text.strip()


PLAN = ("rate for 2026", "cash flow from operations")


@pytest.mark.parametrize("name", [name for name in methods.names() if not name.startswith("hiercomp")])
def test_a_question_and_its_plan_are_one_query(name, method):
    index = method.index(document(name))
    budget = budgets(name, method)[0]
    one_query = replace(QUESTION, text="\n".join((QUESTION.text, *PLAN)))
    assert index.find(replace(QUESTION, plan=PLAN))(budget) == index.find(one_query)(budget)


@pytest.mark.parametrize("name", [name for name in methods.names() if name not in SLOW])
def test_budgets_are_independent_of_their_order(name, method):
    index = method.index(document(name))
    rising = {budget: index.find(QUESTION)(budget) for budget in budgets(name, method)}
    select = index.find(QUESTION)
    assert {budget: select(budget) for budget in reversed(budgets(name, method))} == rising


@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name in methods.names() for case in ODD if name not in SLOW or case in ODD_FOR_SLOW],
)
def test_odd_documents_and_questions_are_taken(name, method, case):
    text, question = ODD[case]
    select = method.index(Document(text, "text", "")).find(asked(question))
    budget = 30 if method.budgeted else 0
    if (name, case) in REFUSED:
        with pytest.raises(ValueError, match="special token"):
            select(budget)
        return
    shown = select(budget)
    assert isinstance(shown, str)
    if method.budgeted and name not in OVERRUNS:
        assert TOKENIZER.count(shown) <= budget
    if case == "one sentence" and name not in SILENT:
        assert "24.2%" in shown


def test_settings_are_the_same_when_they_are_read_again(method):
    assert json.loads(json.dumps(method.settings)) == method.settings


def test_names_are_distinct_and_listed_without_being_made():
    assert len(set(methods.names())) == len(methods.names())
    assert {"head", "bm25", "dense", "fusion", "full", "gold", "hiercomp"} <= set(methods.names())
