"""A second look: after the first context, the reader names what is still missing."""

from pathlib import Path

import pytest

from hiercomp import Config, ConfigError, Document, Pipeline, tokenizers
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.report import to_dict
from hiercomp.types import Plan

REPORT = Path(__file__).parents[1] / "data" / "tarnholt_2025_annual_report.pdf"
QUESTION = "In which town was the designer of the Arne pump born?"
FILLER = [
    f"The designer of the {thing} in the town of {place} was born there, and the council paid {number} crowns. "
    f"Its keeper wrote a letter about the {thing} to the county.\n\n"
    for number, (thing, place) in enumerate(
        [(thing, place) for thing in ("bridge", "mill", "harbour", "road", "school") for place in "abcdefgh"], start=40
    )
]
HOPS = (
    "The Arne pump was designed by Ada Lund in a shed.\n\n",
    "Ada Lund grew up as a child of Vik, far in the north.\n\n",
)
TEXT = "".join([*FILLER[:12], HOPS[0], *FILLER[12:25], HOPS[1], *FILLER[25:]])
BUDGET = 420
QUICK = {"embedding": "hashing", "cache": False, "planner": "rules"}


def scripted(*answers: str) -> ScriptedLLM:
    return ScriptedLLM(answers, tokenizers.build())


def pipeline(reader: ScriptedLLM, **settings: object) -> Pipeline:
    document = Document(TEXT, source="chronicle.txt", title="")
    return Pipeline(document, config=Config(**QUICK | settings), reader=reader)


def test_the_second_look_finds_what_only_the_first_context_names() -> None:
    reader = scripted("Ada Lund: child of, grew up", "In Vik [1].")
    with pipeline(reader) as once, pipeline(reader, passes=2) as twice:
        first = once.explain(QUESTION, budget=BUDGET)
        answer = twice.ask(QUESTION, budget=BUDGET)
    run = answer.run
    assert "Ada Lund" in first.context.text
    assert "Vik" not in first.context.text
    assert "Vik" in run.context.text
    assert "Ada Lund in a shed" in run.context.text
    assert run.plan.texts == (QUESTION, "Ada Lund: child of, grew up")
    assert run.plan.needs[1].reason == "second look"
    looked = reader.prompts[0].messages[-1].content
    assert first.context.text in looked
    assert looked.endswith(QUESTION)
    assert run.budget.prompt + run.context.token_count + run.budget.answer <= BUDGET
    assert len(run.rankings) == len(run.evidence.by_need) == 2


def test_explain_takes_the_second_look_too_and_compress_does_not() -> None:
    reader = scripted("Ada Lund: child of, grew up")
    with pipeline(reader, passes=2) as twice:
        context = twice.compress(QUESTION, budget=200)
        assert not reader.prompts
        run = twice.explain(QUESTION, budget=BUDGET)
    assert context.token_count <= 200
    assert "Vik" in run.context.text


def test_its_tokens_are_in_the_band_of_the_plan() -> None:
    reader = scripted("Ada Lund: child of, grew up", "In Vik [1].")
    with pipeline(reader, passes=2) as twice:
        answer = twice.ask(QUESTION, budget=BUDGET)
    ledger, usage = answer.ledger, to_dict(answer)["usage"]
    count = reader.tokenizer.count_prompt
    assert ledger.plan_prompt_tokens == usage["plan_prompt_tokens"] == count(reader.prompts[0].messages)
    assert ledger.plan_completion_tokens == usage["plan_completion_tokens"] > 0
    assert usage["prompt_tokens"] == count(reader.prompts[1].messages)
    calls = ("prompt", "completion", "plan_prompt", "plan_completion")
    assert usage["total_tokens"] == sum(usage[f"{name}_tokens"] for name in calls)
    assert (ledger.plan_usd, ledger.usd) == (0.0, 0.0)
    assert dict(ledger.seconds)["plan"] > 0


def test_one_pass_is_the_default_and_asks_nothing() -> None:
    reader = scripted()
    with pipeline(reader) as once:
        run = once.explain(QUESTION, budget=BUDGET)
    assert (run.plan.texts, len(reader.prompts)) == ((QUESTION,), 0)


@pytest.mark.parametrize(
    ("answer", "warnings"),
    [("NONE", 0), ("In which town was the designer of the Arne pump born?", 1)],
)
def test_if_nothing_is_missing_the_context_stays(answer: str, warnings: int) -> None:
    with pipeline(scripted()) as once, pipeline(scripted(answer), passes=2) as twice:
        first = once.explain(QUESTION, budget=BUDGET)
        run = twice.explain(QUESTION, budget=BUDGET)
    assert run.context == first.context
    assert run.plan.needs == first.plan.needs
    assert run.ledger.plan_completion_tokens > 0
    assert len(run.ledger.warnings) == warnings


def test_a_reader_that_fails_leaves_the_first_context_with_a_warning() -> None:
    with pipeline(scripted(), passes=2) as twice:
        run = twice.explain(QUESTION, budget=BUDGET)
    assert "Ada Lund" in run.context.text
    assert any("scripted took no second look" in warning for warning in run.ledger.warnings)


def test_nothing_is_asked_if_the_sources_fit_whole_or_there_is_no_question() -> None:
    reader = scripted()
    with pipeline(reader, passes=2) as twice:
        twice.explain(QUESTION, budget=20_000)
        twice.explain(" ", budget=BUDGET)
    assert not reader.prompts


def test_the_total_bounds_the_second_look() -> None:
    for total, looks in ((BUDGET, 0), (1_500, 1)):
        reader = scripted("Ada Lund: child of, grew up") if looks else scripted()
        with pipeline(reader, passes=2, total=total) as twice:
            run = twice.explain(QUESTION, budget=BUDGET)
        assert len(reader.prompts) == looks
        assert ("Vik" in run.context.text) == bool(looks)
        assert len(run.ledger.warnings) == 1 - looks
        assert run.ledger.plan_prompt_tokens + run.ledger.plan_completion_tokens + BUDGET <= total


def test_the_plan_and_the_second_look_share_one_total() -> None:
    reader = scripted("designer of the Arne pump", "unused")
    with pipeline(reader, passes=2, total=BUDGET + 900, planner="reader") as twice:
        run = twice.explain(QUESTION, budget=BUDGET)
    assert run.plan.author == "scripted"
    assert len(reader.prompts) == 1
    (warning,) = run.ledger.warnings
    assert "took no second look: a call may take" in warning


def test_a_plan_of_the_caller_is_extended() -> None:
    plan = Plan.of(QUESTION, (), "caller")
    with pipeline(scripted("Ada Lund: child of, grew up"), passes=2) as twice:
        run = twice.explain(QUESTION, budget=BUDGET, plan=plan)
    assert (run.plan.author, len(run.plan.needs)) == ("caller", 2)


def test_a_reader_that_only_quotes_takes_no_second_look() -> None:
    with (
        Pipeline(REPORT, config=Config(**QUICK | {"model": "extractive", "passes": 2})) as report,
        pytest.raises(ConfigError, match="'extractive' only quotes"),
    ):
        report.explain("What were the operating lease liabilities?", budget=800)


@pytest.mark.parametrize("passes", [0, 3])
def test_there_are_one_or_two_passes(passes: int) -> None:
    with pytest.raises(ValueError, match="passes"):
        Config(passes=passes)
