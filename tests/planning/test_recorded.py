import json

import pytest
from outlines import Words

from hiercomp import planning
from hiercomp.errors import ConfigError
from hiercomp.planning import rules
from hiercomp.planning.recorded import build, read
from hiercomp.types import Need

QUESTION = "What was the quick ratio?"
LINES = ["total current assets, inventories", "total current liabilities"]
FINANCE = Words(["fiscal", "liabilities", "earnings", "revenues", "securities", "consolidated", "dividends"])


@pytest.fixture
def recorded(tmp_path):
    """Write plans to a file and return its path."""

    def write(*rows):
        path = tmp_path / "plans.jsonl"
        path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
        return path

    return write


def test_a_recorded_plan_is_given_for_its_question(recorded):
    path = recorded({"question": "Why?", "plan": ["reasons for"]}, {"question": QUESTION, "plan": [*LINES, " "]})
    plan = build(str(path)).plan(f" {QUESTION}\n", Words())
    assert [need.text.strip() for need in plan.needs] == [QUESTION, *LINES]
    assert (plan.author, plan.warnings, plan.is_global) == ("recorded", (), False)
    assert (plan.prompt_tokens, plan.completion_tokens) == (0, 0)


def test_the_first_need_is_the_question_without_instructions(recorded):
    question = f"{QUESTION} Please round your answer to one decimal place."
    plan = build(str(recorded({"question": question, "plan": LINES}))).plan(question, Words())
    assert plan.texts == (QUESTION, *LINES)


def test_the_needs_of_the_playbooks_follow_the_recorded_lines(recorded):
    plan = build(str(recorded({"question": QUESTION, "plan": LINES}))).plan(QUESTION, FINANCE)
    known = rules.build().known_needs(QUESTION, FINANCE)
    assert known
    assert plan.needs == (Need(QUESTION), *map(Need, LINES), *known)
    assert plan.author == "recorded"


def test_a_line_that_repeats_the_question_is_left_out(recorded):
    plan = build(str(recorded({"question": QUESTION, "plan": [LINES[0], QUESTION, LINES[0]]}))).plan(QUESTION, Words())
    assert plan.texts == (QUESTION, LINES[0])


def test_a_question_without_a_recorded_plan_gets_the_plan_of_the_rules_with_a_warning(recorded):
    path = recorded({"question": "Why?", "plan": LINES})
    plan, expected = build(str(path)).plan(QUESTION, FINANCE), rules.build().plan(QUESTION, FINANCE)
    assert len(expected.needs) > 1
    assert (plan.needs, plan.author) == (expected.needs, "rules")
    assert plan.warnings == (f"{path} has no plan for this question",)


def test_the_family_builds_the_planner_from_the_path_of_a_file(recorded):
    path = recorded({"question": QUESTION, "plan": LINES})
    planner = planning.build(f"recorded/{path}", reader=_no_reader)
    assert planner.plan(QUESTION, Words()).author == "recorded"


def test_a_users_playbook_plans_the_questions_that_are_not_recorded(recorded, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[[entry]]\nname = "A"\nasked = ["quick ratio"]\nneeds = ["own words"]\nsource = "us"\n')
    planner = planning.build(f"recorded/{recorded()}", reader=_no_reader, playbook=own)
    assert planner.plan(QUESTION, Words()).texts == (QUESTION, "own words")


def _no_reader():
    raise AssertionError("no reader is needed")


def test_blank_rows_and_other_line_breaks_do_not_end_a_plan(tmp_path):
    path = tmp_path / "plans.jsonl"
    path.write_text('\n{"question": "Why\u2028so?", "plan": ["a\u0085b"]}\r\n \n', encoding="utf-8")
    assert read(path) == {"Why\u2028so?": ["a\u0085b"]}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", 'not {"question": …, "plan": [lines]}: JSONDecodeError'),
        ({"question": "Why?"}, 'not {"question": …, "plan": [lines]}: KeyError(\'plan\')'),
        (["Why?"], 'not {"question": …, "plan": [lines]}: TypeError'),
        ({"question": 3, "plan": []}, "the question is a text and the plan a list of texts"),
        ({"question": "Why?", "plan": "a line"}, "the question is a text and the plan a list of texts"),
        ({"question": "Why?", "plan": ["a line", 3]}, "the question is a text and the plan a list of texts"),
    ],
)
def test_a_row_that_is_no_plan_is_refused_in_one_line_with_its_number(recorded, row, message):
    path = recorded({"question": "When?", "plan": ["date"]}, row)
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, line 2: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "plans.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"plans\.jsonl: the plans cannot be read: "):
        build(str(path))


def test_a_file_must_be_named():
    with pytest.raises(ConfigError, match="recorded needs a file of plans, such as recorded/"):
        build()
