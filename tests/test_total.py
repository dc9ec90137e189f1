"""The total of all calls of a run: the plan and a second look may take only what the budget leaves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hiercomp import Config, ConfigError, Pipeline, tokenizers
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.types import Answer, Run

REPORT = Path(__file__).parents[1] / "data" / "tarnholt_2025_annual_report.pdf"
QUESTION = "Was the business able to pay what it owed soon?"
LINE = "Consolidated balance sheets: total current assets, total current liabilities"
QUICK = {"embedding": "hashing", "cache": False, "planner": "reader"}


def scripted(*answers: str) -> ScriptedLLM:
    return ScriptedLLM(answers, tokenizers.build())


def pipeline(reader: ScriptedLLM, **settings: object) -> Pipeline:
    return Pipeline(REPORT, config=Config(**QUICK | settings), reader=reader)


def spent(answer: Answer) -> int:
    plan, completion = answer.run.plan, answer.completion
    return plan.prompt_tokens + plan.completion_tokens + completion.prompt_tokens + completion.completion_tokens


CALLS: dict[str, Callable[[Pipeline], object]] = {
    "ask": lambda pipeline: pipeline.ask(QUESTION, budget=1_500),
    "explain": lambda pipeline: pipeline.explain(QUESTION, budget=1_500),
    "compress": lambda pipeline: pipeline.compress(QUESTION, budget=1_500),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_total_below_the_budget_is_refused(call: Callable[[Pipeline], object]) -> None:
    with pipeline(scripted(), total=1_499) as report, pytest.raises(ConfigError, match="1,500 tokens is more than the"):
        call(report)


def test_a_total_that_leaves_room_lets_the_reader_plan_within_it() -> None:
    for total in (2_500, 4_000):
        reader = scripted(LINE, "Yes [1].")
        with pipeline(reader, total=total) as report:
            answer = report.ask(QUESTION, budget=1_500)
        assert answer.run.plan.texts == (QUESTION, LINE)
        assert spent(answer) <= total
        assert answer.run.budget.total == 1_500


def test_the_outline_shrinks_with_the_room_that_the_total_leaves() -> None:
    sizes = []
    for total in (None, 2_500, 2_100):
        reader = scripted(LINE, "Yes [1].")
        with pipeline(reader, total=total) as report:
            sizes.append(report.ask(QUESTION, budget=1_500).run.plan.prompt_tokens)
    assert sizes[0] > sizes[1] > sizes[2]
    assert sizes[1] + 250 <= 1_000
    assert sizes[2] + 250 <= 600


def test_without_room_for_a_plan_the_rules_plan_and_no_token_is_spent() -> None:
    for total in (1_500, 1_800):
        reader = scripted("Yes [1].")
        with pipeline(reader, total=total) as report:
            answer = report.ask(QUESTION, budget=1_500)
        assert answer.run.plan.author == "rules"
        (warning,) = answer.ledger.warnings
        assert f"the total of the run leaves {total - 1_500} for it; raise the total or lower the budget" in warning
        assert (answer.ledger.plan_prompt_tokens, len(reader.prompts)) == (0, 1)


def test_a_second_try_is_not_made_if_it_does_not_fit() -> None:
    reader = scripted("???", "Yes [1].")
    with pipeline(reader, total=2_000) as report:
        answer = report.ask(QUESTION, budget=1_500)
    assert answer.run.plan.author == "rules"
    assert answer.ledger.plan_prompt_tokens == reader.tokenizer.count_prompt(reader.prompts[0].messages)
    assert spent(answer) <= 2_000


def test_with_an_automatic_budget_its_largest_value_counts() -> None:
    reader = scripted("Yes [1].")
    with pipeline(reader, total=3_000) as report:
        answer = report.ask(QUESTION, budget="auto")
    assert answer.run.budget.total <= 3_000
    assert answer.run.plan.author == "rules"
    reader = scripted(LINE, "Yes [1].")
    with pipeline(reader, total=34_000) as report:
        answer = report.ask(QUESTION, budget="auto")
    assert answer.run.plan.author == "scripted"
    assert spent(answer) <= 34_000


def test_every_run_has_its_own_total() -> None:
    reader = scripted(*[LINE] * 4)
    with pipeline(reader, total=2_500) as report:
        runs: list[Run] = [report.explain(QUESTION, budget=1_500) for _ in range(4)]
    assert {run.plan.author for run in runs} == {"scripted"}
