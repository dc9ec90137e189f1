import pytest

from hiercomp import planning
from hiercomp.errors import ConfigError
from hiercomp.planning.recorded import Recorded
from hiercomp.planning.rules import Rules
from hiercomp.ports import Planner


def no_reader():
    raise AssertionError("no reader is needed")


@pytest.mark.parametrize(
    ("model", "base_url", "name"),
    [
        ("openai/gpt-5", None, "reader"),
        ("gpt-5", None, "reader"),
        ("gpt-5", "http://localhost:8000/v1", "rules"),
        ("local/1.5b", None, "rules"),
        ("hf/gpt2", None, "rules"),
        ("extractive", None, "rules"),
        ("scripted", None, "rules"),
        (None, None, "rules"),
    ],
)
def test_a_hosted_reader_plans_itself_and_the_rules_plan_for_the_others(model, base_url, name):
    assert planning.default(model, base_url=base_url) == name


def test_a_planner_is_built_by_its_name(tmp_path):
    (tmp_path / "plans.jsonl").write_text("")
    assert isinstance(planning.build("rules", reader=no_reader), Rules)
    assert isinstance(planning.build(f"recorded/{tmp_path}/plans.jsonl", reader=no_reader), Recorded)
    assert isinstance(planning.build("rules", reader=no_reader), Planner)


@pytest.mark.parametrize("name", ["no-such", "", "_playbook"])
def test_an_unknown_planner_is_refused_with_those_there_are(name):
    with pytest.raises(ConfigError, match=f"planning is called '{name}'; choose from .*rules"):
        planning.build(name, reader=no_reader)
