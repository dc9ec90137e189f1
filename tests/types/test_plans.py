import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiercomp.types import CALLER, Need, Plan

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
