import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiercomp.allocation.budget import ANSWER_FLOOR, ANSWER_TOKENS, AnswerReserve, divide, least_total, reason
from hiercomp.types import Choice


def divide_with(prompt, kind, answer=None):
    return lambda total: divided(total, prompt, kind, answer)


def divided(total, prompt, kind, answer=None, tokenizer="t"):
    reserve = AnswerReserve.for_kind(kind) if answer is None else AnswerReserve.exactly(answer)
    return divide(total, prompt=prompt, reserve=reserve, tokenizer=tokenizer)


def test_a_plan_by_hand():
    # The prompt leaves 4000 - 200 = 3800 tokens. A quarter of them, 950, is more than the 320 of an explanation.
    budget = divided(4000, 200, "explanation", tokenizer="o200k_base")
    assert (budget.total, budget.prompt, budget.answer, budget.context) == (4000, 200, 320, 3480)
    assert budget.tokenizer == "o200k_base"


def test_a_small_budget_reserves_a_quarter_and_never_less_than_the_floor():
    # (600 - 200) / 4 = 100 is less than 320; (300 - 200) / 4 = 25 is less than the floor of 64.
    assert divided(600, 200, "explanation").answer == 100
    small = divided(300, 200, "explanation")
    assert (small.answer, small.context) == (64, 36)


def test_a_budget_below_the_prompt_leaves_less_than_nothing():
    assert divided(100, 200, "name").context == 100 - 200 - ANSWER_FLOOR


def test_a_reserve_that_is_set_is_taken_as_it_is():
    assert divided(4000, 200, "name", 900).answer == 900
    assert divided(4000, 200, "name", 10).answer == 10


def test_the_least_total_by_hand():
    # 264 = 100 for the prompt + 64 for the answer + 100 for the context. A quarter of 164 is 41, below the floor of 64.
    assert least_total(divide_with(100, "number"), 50, 100) == 264
    # The answer takes a quarter of the tokens after the prompt, rounded down: (499 - 100) // 4 = 99.
    # So 499 - 100 - 99 = 300 tokens are left for the context.
    assert least_total(divide_with(100, "number"), 50, 300) == 499


@given(
    prompt=st.integers(0, 3000),
    kind=st.sampled_from(sorted(ANSWER_TOKENS)),
    total=st.integers(1, 3000),
    context=st.integers(1, 3000),
    answer=st.none() | st.integers(1, 500),
)
def test_the_least_total_works_and_one_less_does_not(prompt, kind, total, context, answer):
    divide = divide_with(prompt, kind, answer)
    least = least_total(divide, total, context)
    assert divide(least).context >= context
    assert least == total or divide(least - 1).context < context


@given(total=st.integers(1, 10**6), prompt=st.integers(0, 10**4), kind=st.sampled_from(sorted(ANSWER_TOKENS)))
def test_the_three_shares_add_up_and_a_greater_total_never_leaves_less(total, prompt, kind):
    budget, greater = (divided(size, prompt, kind) for size in (total, total + 1))
    assert budget.prompt + budget.answer + budget.context == total
    assert budget.context <= greater.context <= budget.context + 1
    assert ANSWER_FLOOR <= budget.answer <= ANSWER_TOKENS[kind]


@pytest.mark.parametrize(
    ("ended", "explanation"),
    [
        ("share", "an estimated 75.0% of the evidence; 90% was asked for"),
        ("value", "an estimated 75.0% of the evidence; one more token is worth less than 0.02"),
        (
            "most",
            "an estimated 75.0% of the evidence; 90% was asked for, but this is the largest budget that is chosen",
        ),
        ("whole", "the whole document fits"),
    ],
)
def test_the_reason_of_a_chosen_budget_is_explained(ended, explanation):
    # 30 of 40 is 75 %
    assert reason(Choice(ended, 0.9, 0.02, 40.0), 30.0) == explanation


def test_where_no_evidence_is_expected_all_of_it_is_there():
    assert reason(Choice("share", 0.9, 0.0, 0.0), 0.0).startswith("an estimated 100.0%")
