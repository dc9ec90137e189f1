import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiercomp.types import CALLER, Need, Plan
from hiercomp.types.plans import TOKENS_PER_NEED

LINES = st.lists(st.sampled_from(["tax rate", " tax rate", "debt", "goodwill\n", "leases"]), max_size=8)


@pytest.mark.parametrize("text", ["", " \n", "\u2003"])
def test_a_need_without_a_text_is_refused(text):
    with pytest.raises(ValueError, match="a need has a text"):
        Need(text)


def test_a_plan_that_names_a_need_twice_is_refused():
    with pytest.raises(ValueError, match="names a need twice"):
        Plan((Need("tax rate"), Need("tax rate", reason="Effective tax rate")), CALLER)


def test_a_plan_is_frozen_and_may_be_empty():
    plan = Plan((), "rules")
    assert (plan.texts, plan.warnings, plan.is_global, plan.reader) == ((), (), False, None)
    assert (plan.prompt_tokens, plan.completion_tokens) == (0, 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.author = "caller"


def test_the_question_comes_first_and_repeats_are_left_out():
    needs = [Need("debt", reason="Debt"), Need("Why?", reason="Reasons"), Need("debt ", reason="Loans"), Need("rate")]
    plan = Plan.of("Why?", needs, CALLER)
    assert plan.needs == (Need("Why?"), Need("debt", reason="Debt"), Need("rate"))
    assert plan.author == CALLER


@pytest.mark.parametrize("question", ["", " \n"])
def test_a_plan_without_a_question_has_only_its_needs(question):
    assert Plan.of(question, [Need("debt")], CALLER).texts == ("debt",)
    assert Plan.of(question, [], CALLER) == Plan((), CALLER)


@given(question=st.sampled_from(["Why?", "debt", "", " tax rate "]), lines=LINES)
def test_needs_keep_their_order(question, lines):
    texts = [text.strip() for text in Plan.of(question, [Need(line) for line in lines], CALLER).texts]
    assert texts == list(dict.fromkeys(line.strip() for line in (question, *lines) if line.strip()))


def test_warnings_are_added_at_the_end():
    plan = Plan((Need("debt"),), "rules", prompt_tokens=7)
    warned = plan.warned("the reader failed").warned("again")
    assert warned.warnings == ("the reader failed", "again")
    assert dataclasses.replace(warned, warnings=()) == plan


def test_few_tokens_drop_the_uncertain_needs_and_keep_the_certain_ones():
    guesses = [Need(f"guess {number}", certainty=0.6) for number in range(3)]
    plan = Plan.of("Why?", [Need("a certain line"), *guesses], "rules")
    kept = {tokens: len(plan.within(tokens).needs) for tokens in (0, 239, 240, 359, 360, 480, 599, 600, 10_000)}
    # Two needs are certain. Each of the others needs room for one more at 120 tokens a need.
    assert TOKENS_PER_NEED == 120
    assert kept == {0: 2, 239: 2, 240: 2, 359: 2, 360: 3, 480: 4, 599: 4, 600: 5, 10_000: 5}
    assert plan.within(360).needs == plan.needs[:3]


@pytest.mark.parametrize("certainty", [0.0, -0.1, 1.5])
def test_a_certainty_is_a_probability_above_nothing(certainty):
    with pytest.raises(ValueError, match="a certainty is above 0 and at most 1"):
        Need("rows", certainty=certainty)
