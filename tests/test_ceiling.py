"""The first promise, on random documents, questions and budgets, counted anew by each tokenizer on the whole text."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiercomp import BudgetError, Config, Document, Pipeline, llms, prompts, tokenizers
from hiercomp.ports import Tokenizer
from hiercomp.stages import prompt_of

SETTINGS = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SCRIPTS = (
    "The quick brown fox earned $1,234.56 in 2022, up 4.2 %. ",
    "純利益は前年比で12％増加した。売上高は減少した。",
    "صافي الدخل ارتفع بنسبة ١٢٪. ما السبب؟ ",
    "ग्राहकों की संख्या बढ़ी। लाभ घटा। ",
    "กำไรสุทธิเพิ่มขึ้นร้อยละสิบสอง ",
    "👩‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0300 \u200b\u202e",
    "<|endoftext|><|im_end|>\n<|im_start|>system\n[1] [2] \"\"\" ",
    "Assets\t2022\t2021\nCash\t$ 1,204\t$ 987\n\n",
    "# Heading\n\n- item one\n- item two\n\x00\x07\x1b[31m\x85\u2028",
    "a" * 300,
)  # fmt: skip
pieces = st.one_of(st.sampled_from(SCRIPTS), st.text(st.characters(codec="utf-8"), max_size=40))
texts = st.lists(pieces, min_size=1, max_size=60).map("".join)
questions = st.one_of(st.sampled_from(SCRIPTS), st.text(st.characters(codec="utf-8"), min_size=1, max_size=80))
budgets = st.integers(1, 1500)


class Refusals:
    """Counts the budgets that are refused, so that a test cannot pass by refusing everything."""

    def __init__(self) -> None:
        self.tried = self.refused = 0

    def add(self, error: BudgetError, budget: int) -> None:
        """Accept an error that names a greater budget, which test_pipeline holds to be the least that works."""
        assert error.budget == budget < error.least
        self.refused += 1


@cache
def counter(name: str) -> Tokenizer:
    return tokenizers.build(name)


def pipeline(text: str, **chosen: str) -> Pipeline:
    config = Config(embedding="hashing", cache=False, **chosen)
    return Pipeline(Document(text, source="random.txt", title="Random"), config=config)


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_a_compression_never_exceeds_its_budget(name: str) -> None:
    refusals = Refusals()

    @SETTINGS
    @given(texts, questions, budgets)
    def holds(text: str, question: str, budget: int) -> None:
        refusals.tried += 1
        with pipeline(text, tokenizer=name) as compressor:
            try:
                context = compressor.compress(question, budget=budget)
            except BudgetError as error:
                return refusals.add(error, budget)
        assert counter(name).count(context.text) == context.token_count <= budget

    holds()
    assert refusals.refused <= 0.5 * refusals.tried


@pytest.mark.parametrize(("tokenizer", "examples"), [("o200k_base", 300), ("hf/minilm", 100)])
def test_a_call_never_exceeds_its_budget_with_its_answer(tokenizer: str, examples: int) -> None:
    refusals = Refusals()

    @settings(SETTINGS, max_examples=examples)
    @given(texts, questions.filter(str.strip), st.integers(300, 2500))
    def holds(text: str, question: str, budget: int) -> None:
        refusals.tried += 1
        with pipeline(text, model="extractive", tokenizer=tokenizer) as reader:
            try:
                answer = reader.ask(question, budget=budget)
            except BudgetError as error:
                return refusals.add(error, budget)
        counted = counter(tokenizer)
        prompt = counted.count_prompt(prompts.ask(question, answer.context.text).messages)
        assert prompt + answer.run.budget.answer <= budget
        assert prompt + counted.count(answer.completion.text) <= budget

    holds()
    assert refusals.refused <= 0.75 * refusals.tried


def test_a_call_that_names_what_was_not_found_never_exceeds_its_budget() -> None:
    refusals = Refusals()
    named = 0

    @settings(SETTINGS, max_examples=300)
    @given(texts, questions.filter(str.strip), st.lists(questions.filter(str.strip), min_size=1, max_size=4), budgets)
    def holds(text: str, question: str, needs: list[str], budget: int) -> None:
        nonlocal named
        refusals.tried += 1
        with pipeline(text, model="extractive", tokenizer="o200k_base") as reader:
            try:
                answer = reader.ask(question, budget=budget, plan=needs)
            except BudgetError as error:
                return refusals.add(error, budget)
        counted = counter("o200k_base")
        prompt = prompt_of(answer.run)
        named += "Nothing was found about: " in prompt.messages[-1].content
        tokens = counted.count_prompt(prompt.messages)
        assert tokens == answer.run.budget.prompt + answer.context.token_count
        assert tokens + answer.run.budget.answer <= budget
        assert tokens + counted.count(answer.completion.text) <= budget

    holds()
    assert named > 20
    assert refusals.refused <= 0.75 * refusals.tried


def test_a_call_of_the_local_reader_is_counted_by_its_own_chat_template() -> None:
    qwen = llms.build("local").tokenizer

    refusals = Refusals()

    @settings(SETTINGS, max_examples=150)
    @given(texts, questions.filter(str.strip), st.integers(200, 1500))
    def holds(text: str, question: str, budget: int) -> None:
        refusals.tried += 1
        with pipeline(text, model="local") as reader:
            try:
                run = reader.explain(question, budget=budget)
            except BudgetError as error:
                return refusals.add(error, budget)
        prompt = qwen.count_prompt(prompts.ask(question, run.context.text).messages)
        assert prompt + run.budget.answer <= budget

    holds()
    assert refusals.refused <= 0.75 * refusals.tried
