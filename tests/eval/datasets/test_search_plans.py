"""Tests of recorded search plans: which questions get one, and errors of a line."""

import json

import pytest

from eval.datasets import plans
from eval.types import Question
from hiercomp.errors import ConfigError

QUESTIONS = [Question(name, "lease", f"What is {name}?") for name in ("rent", "term", "deposit")]


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes the plans of the set `leases` and returns the folder of plans."""

    def written(*lines):
        text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
        (tmp_path / "leases.jsonl").write_text(text, encoding="utf-8")
        return tmp_path

    return written


def test_only_questions_with_a_plan_are_kept_and_each_has_its_lines(folder):
    given = folder(
        {"id": "deposit", "plan": ["security deposit held by the landlord"]},
        {"id": "rent", "plan": ["  annual base rent ", "rent commencement date"]},
        {"id": "elsewhere", "plan": ["a question of another document"]},
    )
    found = plans.planned(QUESTIONS, given, "leases")
    assert [(question.id, question.plan) for question in found] == [
        ("rent", ("annual base rent", "rent commencement date")),
        ("deposit", ("security deposit held by the landlord",)),
    ]
    assert found[0].text == "What is rent?"
    assert found[0].query == "What is rent?\nannual base rent\nrent commencement date"


def test_a_question_without_a_plan_is_its_own_query():
    assert QUESTIONS[0].query == "What is rent?"


def test_the_digest_is_that_of_the_set_alone(folder, tmp_path):
    first = plans.digest(folder({"id": "rent", "plan": ["base rent"]}), "leases")
    (tmp_path / "others.jsonl").write_text("", encoding="utf-8")
    assert plans.digest(tmp_path, "leases") == first
    assert plans.digest(folder({"id": "rent", "plan": ["base rents"]}), "leases") != first


def test_sets_with_plans_are_named_in_their_order(folder):
    given = folder({"id": "rent", "plan": ["base rent"]})
    assert list(plans.names(given, ["others", "leases", "more"])) == ["leases"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"id": "rent", "plan": []}, r"leases\.jsonl:1: plan: "),
        ({"id": "rent", "plan": [" "]}, r"leases\.jsonl:1: plan\.0: "),
        ({"id": "rent"}, r"leases\.jsonl:1: plan: Field required"),
        ("{\n", r"leases\.jsonl:1: Invalid JSON"),
        ({"id": "other", "plan": ["base rent"]}, "has no plan for a question of leases"),
    ],
)
def test_a_line_that_is_no_plan_is_named(folder, line, message):
    with pytest.raises(ConfigError, match=message):
        plans.planned(QUESTIONS, folder(line), "leases")


def test_a_set_without_plans_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"leases\.jsonl cannot be read"):
        plans.planned(QUESTIONS, tmp_path, "leases")
