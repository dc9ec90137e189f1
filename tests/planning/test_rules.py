import pytest
from outlines import Words
from playbooks import playbook

from hiercomp import planning
from hiercomp.errors import ConfigError
from hiercomp.planning.rules import MAX_ENTRIES, build
from hiercomp.types import Need, Plan

FINANCE = Words(["fiscal", "liabilities", "earnings", "revenues", "securities", "consolidated", "dividends"])
CONTRACT = Words(["hereto", "herein", "hereunder", "hereof", "thereof", "agreement", "parties", "terminate"])


@pytest.fixture
def own(tmp_path):
    """Write a user's playbook and return its path."""

    def write(*entries, documents=None):
        path = tmp_path / "own.toml"
        path.write_text(playbook(*entries, documents=documents), encoding="utf-8")
        return path

    return write


def reasons(plan):
    """The reason of each need after the question, without repeats."""
    return list(dict.fromkeys(need.reason for need in plan.needs[1:]))


def test_a_plan_starts_with_the_question_without_its_instructions():
    plan = build().plan("Please round your answer to one decimal place. What was the quick ratio?", FINANCE)
    assert plan.needs[0] == Need("What was the quick ratio?")
    assert (plan.author, plan.warnings) == ("rules", ())
    assert (plan.prompt_tokens, plan.completion_tokens) == (0, 0)


def test_a_question_that_names_nothing_of_a_playbook_stands_alone():
    question = "What did the dog of the lighthouse keeper eat?"
    assert build().plan(question, FINANCE).texts == (question,)


def test_the_options_of_a_multiple_choice_question_are_needs():
    plan = build().plan("Why did he go?\nA. The rain ended.\nB. He was late.", Words())
    assert plan.texts[1:] == ("The rain ended.", "He was late.")
    assert {need.reason for need in plan.needs} == {""}


def test_the_sides_of_a_comparison_are_needs():
    plan = build().plan("What is the difference between the sea level and the ground level?", Words())
    assert plan.texts[1:] == ("the sea level", "the ground level")


@pytest.mark.parametrize(
    ("question", "is_global"),
    [("Summarise what is said about the strike.", False), ("List all risks.", True), ("When did it end?", False)],
)
def test_a_question_about_the_whole_input_is_global(question, is_global):
    plan = build().plan(question, Words())
    assert (plan.texts, plan.is_global) == ((question,), is_global)


@pytest.mark.parametrize("question", ["Summarize this document.", "Please give an overview of the whole report."])
def test_a_request_for_a_summary_of_everything_has_no_needs(question):
    assert build().plan(question, FINANCE) == Plan((), "rules", is_global=True)


def test_a_measure_brings_what_it_is_computed_from():
    plan = build().plan("Is the operating margin improving?", FINANCE)
    assert reasons(plan) == ["Operating margin and EBIT"]
    words = " ".join(plan.texts[1:]).lower()
    assert all(word in words for word in ("statements of operations", "net revenues", "income from operations"))


def test_a_clause_brings_the_words_that_it_is_written_in():
    plan = build().plan("Who must indemnify the other party?", CONTRACT)
    assert any("hold harmless" in need.text for need in plan.needs[1:])


def test_a_playbook_serves_documents_of_its_kind_only():
    question = "Is the operating margin improving?"
    assert build().plan(question, CONTRACT).texts == (question,)
    assert build().plan(question, Words()).texts == (question,)


def test_a_plan_has_the_needs_of_few_entries():
    question = "Compare the quick ratio, the current ratio, the gross margin, the effective tax rate and the dividends."
    plan = build().plan(question, FINANCE)
    assert len(reasons(plan)) == MAX_ENTRIES
    assert reasons(plan)[:2] == ["Quick ratio", "Current ratio"]


def test_the_users_playbook_comes_first(own):
    path = own(("House view", ["quick ratio"]), ("Covenants", ["covenant"]))
    plan = build(playbook=path).plan("Do the covenants ask for a quick ratio?", FINANCE)
    assert reasons(plan)[:2] == ["Covenants", "House view"]
    assert "Quick ratio" in reasons(plan)
    assert plan.texts[1] == "the rows of covenants in the statements"
    # A user's playbook without a kind of document serves all documents.
    assert reasons(build(playbook=path).plan("Is there a quick ratio?", Words())) == ["House view"]


def test_a_users_playbook_may_be_for_a_kind_of_document(own):
    planner = build(playbook=own(("House view", ["quick ratio"]), documents=(["invoice", "delivery"], 2)))
    assert reasons(planner.plan("Which quick ratio?", Words(["invoice"]))) == []
    assert reasons(planner.plan("Which quick ratio?", Words(["invoice", "delivery"]))) == ["House view"]


def test_instructions_to_the_reader_name_nothing(own):
    planner = build(playbook=own(("Rounding", ["decimal place"])))
    assert reasons(planner.plan("What was the rate? Round the answer to one decimal place.", Words())) == []


def test_a_wrong_playbook_is_refused_when_the_planner_is_built(own):
    path = own(("Nothing", ["of the"]))
    with pytest.raises(ConfigError, match=r"own\.toml, entry 1: each phrase of asked needs a word"):
        planning.build("rules", reader=lambda: pytest.fail("no reader is needed"), playbook=path)


def test_the_rules_take_no_argument():
    with pytest.raises(ConfigError, match="takes no argument, not 'fast'"):
        build("fast")
