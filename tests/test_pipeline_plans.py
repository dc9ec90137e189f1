"""Plans in the pipeline: those of the settings, and those of the caller."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from hiercomp import Config, ConfigError, Pipeline
from hiercomp.allocation.ladder import offer
from hiercomp.ranking.evidence import sentence_probabilities
from hiercomp.ranking.fusion import fuse
from hiercomp.ranking.needs import shortlist
from hiercomp.text.question import strip_instructions
from hiercomp.types import CALLER, PASSAGE, Evidence, Need, Plan

DATA = Path(__file__).parents[1] / "data"
REPORT = DATA / "tarnholt_2025_annual_report.pdf"
QUESTION = "Please answer briefly. Was the business able to pay what it owed soon?"
LINES = ["consolidated balance sheets: total current assets, total current liabilities", "effective tax rate"]
QUICK = {"embedding": "hashing", "model": "extractive", "cache": False}


@pytest.fixture(scope="module")
def report() -> Pipeline:
    return Pipeline(REPORT, config=Config(**QUICK))


def test_the_lines_of_a_caller_are_the_needs_after_the_question(report: Pipeline) -> None:
    run = report.fit(QUESTION, budget=900, plan=[*LINES, " ", LINES[0]])
    assert run.plan.texts == (strip_instructions(QUESTION), *LINES)
    assert (run.plan.author, run.plan.warnings) == (CALLER, ())
    assert len(run.rankings) == len(run.evidence.by_need) == 3
    assert run.context.token_count <= 900


def test_every_call_takes_a_plan(report: Pipeline) -> None:
    run = report.fit(QUESTION, budget=900, plan=LINES)
    assert report.compress(QUESTION, budget=900, plan=LINES) == run.context
    assert report.rank(QUESTION, plan=LINES) == run.ranking
    assert report.explain(QUESTION, budget=1500, plan=LINES).plan == run.plan
    answer = report.ask(QUESTION, budget=1500, plan=LINES)
    assert answer.run.plan == run.plan
    assert answer.context == report.explain(QUESTION, budget=1500, plan=LINES).context


def test_a_need_brings_evidence_that_the_question_does_not_name(report: Pipeline) -> None:
    alone, planned = (report.compress(QUESTION, budget=700, plan=plan) for plan in (_alone(QUESTION), LINES[:1]))
    assert "Total current liabilities" in planned.text
    assert "Total current liabilities" not in alone.text


def _alone(question: str) -> Plan:
    return Plan.of(strip_instructions(question), [], CALLER)


def test_a_plan_is_taken_as_it_is(report: Pipeline) -> None:
    plan = Plan((Need(LINES[1], reason="Taxes"),), "me")
    assert report.fit(QUESTION, budget=900, plan=plan).plan is plan
    without_question = report.fit(budget=900, plan=LINES)
    assert without_question.plan.texts == tuple(LINES)


def test_one_need_is_searched_weighed_and_offered_as_the_question_alone(report: Pipeline) -> None:
    question = "Was the business able to pay what it owed soon?"  # it names no row exactly
    run = report.fit(question, budget=900, plan=_alone(question))
    hierarchy, components = run.hierarchy, report._components
    (found,) = components.index.search([question], len(hierarchy.nodes))
    ranking = fuse(hierarchy, found)
    assert (run.ranking, run.rankings) == (ranking, (ranking,))
    joint = sentence_probabilities(shortlist(hierarchy, ranking, 900), question, components.lexicon)
    assert run.evidence.joint == joint
    assert run.ladders == offer(hierarchy, Evidence(joint), components.counts(report.tokenizer))


@pytest.mark.parametrize("plan", ["total current assets", [], [" ", "\n"], ""])
def test_a_plan_that_is_no_list_of_lines_is_refused(report: Pipeline, plan: Sequence[str]) -> None:
    with pytest.raises(ConfigError, match="a plan is a list of one or more lines, each a piece of evidence to find"):
        report.compress(QUESTION, budget=900, plan=plan)


def test_the_rules_plan_by_default_and_a_users_playbook_comes_first(report: Pipeline, tmp_path: Path) -> None:
    question = "Can it pay its bills? What is the quick ratio?"
    run = report.fit(question, budget=900)
    assert (run.plan.author, run.plan.texts[0]) == ("rules", question)
    assert {need.reason for need in run.plan.needs[1:]} == {"Quick ratio"}
    own = tmp_path / "own.toml"
    own.write_text('[[entry]]\nname = "Bills"\nasked = ["pay its bills"]\nneeds = ["trade payables"]\nsource = "us"\n')
    with Pipeline(REPORT, config=Config(**QUICK | {"playbook": own})) as pipeline:
        assert pipeline.plan(question).texts[:2] == (question, "trade payables")
        assert len(pipeline.plan(question).needs) > 2


def test_a_planner_of_the_settings_plans(report: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "plans.jsonl").write_text('{"question": "Why?", "plan": ["total current assets"]}')
    with Pipeline(REPORT, config=Config(**QUICK | {"planner": f"recorded/{tmp_path}/plans.jsonl"})) as pipeline:
        run = pipeline.fit("Why?", budget=900)
        other = pipeline.fit("When?", budget=900)
    assert (run.plan.author, run.plan.texts) == ("recorded", ("Why?", "total current assets"))
    assert other.plan.author == "rules"
    assert any("has no plan for this question" in warning for warning in other.ledger.warnings)


def test_an_overview_has_no_plan_and_ranks_nothing_by_need(report: Pipeline) -> None:
    run = report.fit(budget=900)
    assert (run.plan.needs, run.rankings, run.evidence.by_need) == ((), (), ())
    assert {hit.node_id for hit in run.ranking.hits} == {node.id for node in run.hierarchy.level(PASSAGE)}


def test_a_document_that_fits_whole_needs_no_plan() -> None:
    with Pipeline("The quick ratio fell to nine.", config=Config(**QUICK)) as pipeline:
        run = pipeline.fit("What is the quick ratio?", budget=100)
    assert (run.plan.needs, run.rankings, run.ranking.hits, run.evidence.joint) == ((), (), (), {})


def test_the_same_plan_gives_the_same_bytes(report: Pipeline) -> None:
    first = report.compress(QUESTION, budget=900, plan=LINES)
    with Pipeline(REPORT, config=Config(**QUICK)) as pipeline:
        assert pipeline.compress(QUESTION, budget=900, plan=LINES).text == first.text


def test_the_outline_of_a_planner_is_the_coarse_level_within_its_limit(report: Pipeline) -> None:
    class Curious:
        """A planner that records the outline."""

        def plan(self, question, outline):
            self.shown = outline.render(600)
            self.small = outline.render(1)
            self.counts = [outline.share(word) for word in ("liabilities", "liability", "zebra")]
            return Plan.of(question, [], "curious")

    planner = Curious()
    with Pipeline(REPORT, config=Config(**QUICK), planner=planner) as pipeline:
        assert pipeline.fit("Why?", budget=900).plan.author == "curious"
        tokens, hierarchy = pipeline.tokenizer.count(planner.shown.text), pipeline.hierarchy
    assert planner.shown.token_count == tokens <= 600
    assert planner.shown.parts
    assert all(hierarchy.node(part.node_id).level != PASSAGE for part in planner.shown.parts)
    assert (planner.small.text, planner.small.parts) == ("", ())
    assert planner.counts[0] == planner.counts[1] > 0 == planner.counts[2]
