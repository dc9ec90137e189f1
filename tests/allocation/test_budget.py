import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiercomp.allocation.budget import ANSWER_FLOOR, ANSWER_TOKENS, least_total, plan, reason
from hiercomp.types import Choice


def divide_with(prompt, kind, answer=None):
    return lambda total: plan(total, prompt=prompt, kind=kind, tokenizer="t", answer=answer)


def test_a_plan_by_hand():
    # 4000 - 200 = 3800 left, a quarter of it 950, which is more than the 320 that an explanation takes.
    budget = plan(4000, prompt=200, kind="explanation", tokenizer="o200k_base")
    assert (budget.total, budget.prompt, budget.answer, budget.context) == (4000, 200, 320, 3480)
    assert budget.tokenizer == "o200k_base"


def test_a_small_budget_reserves_a_quarter_and_never_less_than_the_floor():
    # (600 - 200) / 4 = 100 is less than 320; (300 - 200) / 4 = 25 is less than the floor of 64.
    assert plan(600, prompt=200, kind="explanation", tokenizer="t").answer == 100
    small = plan(300, prompt=200, kind="explanation", tokenizer="t")
    assert (small.answer, small.context) == (64, 36)


def test_a_budget_below_the_prompt_leaves_less_than_nothing():
    assert plan(100, prompt=200, kind="name", tokenizer="t").context == 100 - 200 - ANSWER_FLOOR


def test_a_reserve_that_is_set_is_taken_as_it_is():
    assert plan(4000, prompt=200, kind="name", tokenizer="t", answer=900).answer == 900
    assert plan(4000, prompt=200, kind="name", tokenizer="t", answer=10).answer == 10


def test_the_least_total_by_hand():
    # 100 of prompt and 64 of answer; at 264 a quarter of the rest, 41, is below the floor, so 100 are left.
    assert least_total(divide_with(100, "number"), 50, 100) == 264
    # 300 of context need 400 after the prompt, a quarter of which is the reserve, one less by rounding:
    # (499 - 100) // 4 = 99, and 499 - 100 - 99 = 300.
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
    budget, greater = (plan(size, prompt=prompt, kind=kind, tokenizer="t") for size in (total, total + 1))
    assert budget.prompt + budget.answer + budget.context == total
    assert budget.context <= greater.context <= budget.context + 1
    assert ANSWER_FLOOR <= budget.answer <= ANSWER_TOKENS[kind]


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ("share", "75.0% of all expected evidence (40.00); 90% were asked for"),
        ("value", "75.0% of all expected evidence (40.00); a further token is worth less than 0.02"),
        ("most", "75.0% of all expected evidence (40.00); 90% were asked for, and no more is chosen"),
        ("whole", "the whole document takes no more"),
    ],
)
def test_the_reason_of_a_chosen_budget_is_told(ended, told):
    # 30 of 40 is three quarters
    assert reason(Choice(ended, 0.9, 0.02, 40.0), 30.0) == told


def test_where_no_evidence_is_expected_all_of_it_is_there():
    assert reason(Choice("share", 0.9, 0.0, 0.0), 0.0).startswith("100.0% of all")
