"""The planners of a user's stack, without a framework."""

import asyncio

import pytest
from outlines import Words

from hiercomp import AsyncPipeline, Config, Document, Pipeline
from hiercomp.cancellation import GivenUpError
from hiercomp.errors import ModelError
from hiercomp.integrations._planning import (
    MAX_PLANS,
    RememberedPlans,
    StackReader,
    function_planner,
    model_planner,
    tokenizer_of,
)
from hiercomp.planning.rules import build as build_rules
from hiercomp.types import CALLER, Message, Prompt

QUESTION = "Answer briefly. What is the quick ratio?"
LINES = "Balance sheet: cash, receivables\nBalance sheet: current liabilities"
CONFIG = Config(cache=False)
OUTLINE = Words()
BY_RULES = build_rules().plan(QUESTION, OUTLINE)


def reader(*answers, config=CONFIG):
    """Return a reader over a model that gives these answers; an exception among them is raised."""
    given = iter(answers)

    def call(messages):
        calls.append(messages)
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    calls = []
    return StackReader("some-model", call, config), calls


def test_a_function_plans_for_the_question_without_its_instructions():
    plan = function_planner(lambda question: [*LINES.splitlines(), " "], CONFIG).plan(QUESTION, OUTLINE)
    assert plan.texts == ("What is the quick ratio?", *LINES.splitlines())
    assert (plan.author, plan.warnings) == (CALLER, ())


def test_a_model_of_the_stack_plans_by_the_prompt_and_the_parser_of_the_planner_reader():
    model, calls = reader(f"1. {LINES}")
    plan = model_planner(lambda: model, CONFIG).plan(QUESTION, OUTLINE)
    assert plan.texts == ("What is the quick ratio?", *LINES.splitlines())
    assert plan.author == plan.reader == "some-model"
    assert plan.prompt_tokens > plan.completion_tokens > 0
    [messages] = calls
    assert messages[-1].content.endswith(QUESTION)


def test_a_model_that_writes_no_plan_is_asked_once_more_and_then_the_rules_plan(caplog):
    model, calls = reader("Here it is:", "Of course:")
    plan = model_planner(lambda: model, CONFIG).plan(QUESTION, OUTLINE)
    assert plan.texts == BY_RULES.texts
    assert len(calls) == 2
    assert list(plan.warnings) == caplog.messages
    assert "some-model wrote no plan" in plan.warnings[0]


@pytest.mark.parametrize("error", [ValueError("no key"), RuntimeError("busy"), ModelError("gone")])
def test_a_model_that_fails_is_warned_of_and_the_rules_plan(error, caplog):
    model, _ = reader(error)
    plan = model_planner(lambda: model, CONFIG).plan(QUESTION, OUTLINE)
    assert plan.texts == BY_RULES.texts
    [warning] = caplog.messages
    assert str(error) in warning


def test_a_stack_without_a_model_is_warned_of_and_the_rules_plan(caplog):
    def absent():
        raise ImportError("no module named openai")

    plan = model_planner(absent, CONFIG).plan(QUESTION, OUTLINE)
    assert plan.texts == BY_RULES.texts
    assert plan.warnings == ("the planner failed with ImportError: no module named openai; the rules planned instead",)
    assert list(plan.warnings) == caplog.messages


def test_a_plan_takes_only_what_the_budget_leaves_of_the_total(caplog):
    config = CONFIG.model_copy(update={"budget": 1000, "total": 1100})
    model, calls = reader(LINES)
    plan = model_planner(lambda: model, config).plan(QUESTION, OUTLINE)
    assert calls == []
    assert plan.texts == BY_RULES.texts
    assert "leaves 100" in caplog.messages[0]
    enough = config.model_copy(update={"total": 3000})
    assert model_planner(lambda: model, enough).plan(QUESTION, OUTLINE).author == "some-model"


def test_an_agent_asks_its_planner_once_for_a_question_of_the_last_ones():
    questions = []

    def planner(question):
        questions.append(question)
        return LINES.splitlines()

    plans = RememberedPlans(function_planner(planner, CONFIG))
    first = plans.plan("Question 0?", OUTLINE)
    assert plans.plan("Question 0?", OUTLINE) is first
    for number in range(1, MAX_PLANS + 1):
        plans.plan(f"Question {number}?", OUTLINE)
    assert questions == [f"Question {number}?" for number in range(MAX_PLANS + 1)]
    plans.plan("Question 0?", OUTLINE)
    assert questions[-1] == "Question 0?"


def test_work_that_its_caller_gave_up_ends():
    def given_up(question):
        raise GivenUpError

    with pytest.raises(GivenUpError):
        function_planner(given_up, CONFIG).plan(QUESTION, OUTLINE)


def test_the_text_of_a_model_is_handed_on_and_counted():
    model, _ = reader("Two words.")
    pieces = []
    prompt = Prompt((Message("user", "Which words?"),))
    completion = model.complete(prompt, max_tokens=9, on_text=pieces.append)
    assert pieces == [completion.text] == ["Two words."]
    assert completion.completion_tokens == model.tokenizer.count("Two words.") == 3
    assert completion.prompt_tokens == model.tokenizer.count_prompt(prompt.messages)


def test_tokens_are_counted_by_the_settings_else_by_the_models_own_tokenizer_else_by_an_approximation():
    assert tokenizer_of("gpt-4", CONFIG).name == "cl100k_base"
    assert tokenizer_of("gpt-4", CONFIG.model_copy(update={"tokenizer": "o200k_base"})).name == "o200k_base"
    assert tokenizer_of("some-model", CONFIG).name == "o200k_base (approximates some-model)"


def test_a_pipeline_plans_with_it_instead_of_the_planner_of_the_settings():
    texts = ["The rent is 1,200 a month. It rises each May.", "Soup was served at noon. The cook was ill."]
    documents = [Document(text, source=text[:4], title="") for text in texts]
    planner = function_planner(lambda question: ["soup served at noon"], CONFIG)
    config = CONFIG.model_copy(update={"embedding": "hashing", "planner": "reader", "model": "extractive"})
    with Pipeline(documents, config=config, planner=planner) as pipeline:
        plan = pipeline.plan("Who was there?")
        assert plan.texts == ("Who was there?", "soup served at noon")
        assert pipeline.fit("Who was there?", budget=20, addressed=True).plan == plan
        assert pipeline.rank("Who was there?") == pipeline.rank("Who was there?", plan=plan)
        assert pipeline.plan(" ").texts == ()
    asynchronous = AsyncPipeline(documents, config=config, planner=planner)
    assert asyncio.run(asynchronous.plan("Who was there?")) == plan
