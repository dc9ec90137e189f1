"""The contract of planners."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outlines import Words

from hiercomp import planning
from hiercomp.llms import scripted
from hiercomp.registry import names
from hiercomp.text.question import is_overview, strip_instructions

QUESTIONS = [
    "What was the effective tax rate?",
    "Compare the quick ratio and the current ratio of 2021, 2022 and 2023.",
    "Please round your answer to one decimal place. What was the operating margin?",
    "Which is right?\nA. The rate rose.\nB. The rate fell.",
    "  What are the main risks?\n",
    "Summarise what the board says about the rates.",
    "税率是多少？",
    "?",
    "Answer briefly.",
]
OUTLINE = Words(["fiscal", "liabilities", "earnings", "revenues", "securities", "consolidated", "dividends", "rate"])
ANSWER = "Income taxes note: effective tax rate\nConsolidated statements of operations: income before income taxes\n"


@pytest.fixture(scope="module", params=names("planning"))
def planner(request, tmp_path_factory):
    name = request.param
    if name == "recorded":
        path = tmp_path_factory.mktemp("plans") / "plans.jsonl"
        lines = ["income taxes", " ", "income taxes", QUESTIONS[0]]
        path.write_text("\n".join(json.dumps({"question": each, "plan": lines}) for each in QUESTIONS[::2]))
        name = f"recorded/{path}"
    return planning.build(name, reader=lambda: scripted.build(answers=[ANSWER]))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_first_need_is_the_question_without_instructions(planner, question):
    first = planner.plan(question, OUTLINE).needs[0]
    assert first.text.strip() == strip_instructions(question).strip()
    assert (first.node_ids, first.reason) == ((), "")


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_need_is_blank_and_none_repeats_another(planner, question):
    texts = [text.strip() for text in planner.plan(question, OUTLINE).texts]
    assert all(texts)
    assert len(set(texts)) == len(texts)


@settings(deadline=None, max_examples=40)
@given(question=st.one_of(st.sampled_from(QUESTIONS), st.text(min_size=1, max_size=60).filter(str.strip)))
def test_the_same_question_gets_the_same_plan(planner, question):
    plan = planner.plan(question, OUTLINE)
    assert planner.plan(question, OUTLINE) == plan
    assert plan.author
    # Only a request for a summary of everything has nothing to look for.
    assert plan.needs or (plan.is_global and is_overview(question))


def test_a_plan_says_who_wrote_it_and_what_it_cost(planner):
    plan = planner.plan(QUESTIONS[0], OUTLINE)
    assert plan.author
    assert (plan.prompt_tokens > 0) == (plan.completion_tokens > 0) == (plan.author == "scripted")
    assert plan.warnings == ()
    assert len(plan.needs) > 1


def test_a_summary_of_everything_is_a_global_question(planner):
    assert planner.plan("Summarise the document.", OUTLINE).is_global


def test_a_planner_reads_a_document_without_sections_and_without_words(planner):
    assert planner.plan(QUESTIONS[0], Words()).needs[0].text == QUESTIONS[0]
