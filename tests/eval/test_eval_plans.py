"""Runs with and without plans in one report: they are never compared with each other, only each method with itself."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from eval_runs import RISING, curve, record, run

from eval import report
from eval.summary.comparison import entries
from eval.summary.pages import pages_shown
from eval.summary.plans import grouped, with_plans
from eval.types import Record, Run

LOWER, HIGHER = (0.0, 0.4, 0.8), (0.4, 0.7, 1.0)
"""Areas of (0.2 + 0.6) / 2 = 0.4 and (0.55 + 0.85) / 2 = 0.7. That of `RISING` is 0.5."""


def planned(method: str, *records: Record, plans: str = "ef" * 32, **fields: object) -> Run:
    """Make a run whose questions had plans."""
    sets = {record.set for record in records} or {"papers"}
    settings = {"plans": dict.fromkeys(sorted(sets), plans)}
    return run(method, *records, settings=settings, title=f"{method}+plans", **fields)


def section(text: str, title: str) -> str:
    return re.split(r"^## ", text.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def titles(groups: list[list[Run]]) -> list[list[str]]:
    return [[each.title for each in group] for group in groups]


def test_runs_are_grouped_by_the_plans_of_the_sets_that_they_share() -> None:
    both = planned("hiercomp", *curve(), *curve(set="filings"))
    runs = [both, planned("bm25", *curve()), run("bm25", *curve()), planned("dense", *curve(), plans="00" * 32)]
    assert titles(grouped(runs)) == [["bm25"], ["hiercomp+plans", "bm25+plans"], ["dense+plans"]]
    # The third run has other plans for filings only.
    other = planned("raptor", *curve(set="filings"), plans="00" * 32)
    assert titles(grouped([both, runs[1], other])) == [["hiercomp+plans", "bm25+plans"], ["raptor+plans"]]
    assert grouped([]) == []


def test_the_gain_of_plans_is_that_of_a_method_over_itself_on_the_same_questions() -> None:
    plain = [run("hiercomp", *curve()), run("bm25", *curve(LOWER)), run("dense", *curve())]
    found = with_plans(plain, [planned("hiercomp", *curve(HIGHER, range(4))), planned("bm25", *curve(RISING))])
    assert [(each.name, each.gain.questions) for each in found.gains] == [("hiercomp", 4), ("bm25", 10)]
    assert (found.gains[0].area, found.gains[0].area_with_plans) == (pytest.approx(0.5), pytest.approx(0.7))
    assert found.gains[1].gain.mean == pytest.approx(0.1)
    # Only the runs with plans are compared with each other.
    assert found.summary.main.names == ("hiercomp", "bm25")
    assert found.summary.main.gains["bm25"].mean == pytest.approx(0.2)


def test_a_method_without_a_shared_question_has_no_gain() -> None:
    plain = [run("hiercomp", *curve(questions=range(4)))]
    assert with_plans(plain, [planned("hiercomp", *curve(questions=range(4, 8)))]).gains == ()


def _runs() -> list[Run]:
    pages = {"page_recall": 0.5}
    return [
        run("hiercomp", *(replace(each, scores={**each.scores, "page_recall": 0.0}) for each in curve())),
        run("bm25", *curve(LOWER)),
        planned("hiercomp", *(replace(each, scores={**each.scores, **pages}) for each in curve(HIGHER))),
        planned("bm25", *curve(RISING), *curve(RISING, set="filings")),
        planned("dense", *curve((1.0, 1.0, 1.0)), plans="00" * 32),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("reports") / "new"
    report.write(_runs(), output)
    return output


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "report.md").read_text(encoding="utf-8")


def test_the_report_has_a_table_without_and_a_table_with_plans(text: str) -> None:
    areas = section(text, "Area under the curve")
    assert "| hiercomp | **0.500** | **0.500** |" in areas
    assert "| bm25 | 0.400 | 0.400 |" in areas
    assert "dense" not in areas
    within = section(text, "With plans")
    assert "All methods had the same plans." in within
    assert "| hiercomp | **0.700** | **0.700** |" in within
    assert "| bm25 | 0.500 | 0.500 |" in within
    assert "| papers | **ahead** | 0.700 | bm25 0.500 | +0.200 [+0.200, +0.200] |" in within
    assert "dense" not in within
    assert text.index("\n## Area under the curve") < text.index("\n## With plans")


def test_findings_of_each_part_are_of_its_own_runs(text: str) -> None:
    opening = text.partition("\n\n")[2].partition("\n## ")[0]
    assert "**hiercomp** has the largest mean area under recall over budget: **0.500** of 1." in opening
    assert "0.700" not in opening
    assert "**hiercomp** has the largest mean area under recall over budget: **0.700** of 1." in section(
        text, "With plans"
    )


def test_what_plans_bring_is_listed_for_each_method(text: str) -> None:
    gains = section(text, "With plans").partition("### The gain of the plans")[2]
    assert "| hiercomp | 0.500 | 0.700 | +0.200 [+0.200, +0.200] | 1 / 0 | 10 in 1 |" in gains
    assert "| bm25 | 0.400 | 0.500 | +0.100 [+0.100, +0.100] | 1 / 0 | 10 in 1 |" in gains


def test_runs_with_other_plans_have_their_own_section(text: str) -> None:
    other = section(text, "With other plans (2)")
    assert "| dense | **1.000** | **1.000** |" in other
    assert "bm25" not in other


def test_gold_pages_are_listed_without_and_with_plans(text: str) -> None:
    rows = section(text, "Gold pages")
    assert "| set | method | questions | touched / recall at 100 |" in rows
    assert "| papers | hiercomp | 10 | 0.000 / 0.000 | 0.000 / 0.000 |" in rows
    assert "| papers | hiercomp with plans (1) | 10 | 1.000 / 0.500 | 1.000 / 0.500 |" in rows


def test_the_numbers_of_each_set_stand_under_their_condition(text: str) -> None:
    numbers = section(text, "The numbers behind the curves")
    assert re.findall(r"^### (.*)$", numbers, re.MULTILINE) == [
        "papers",
        "papers, with plans",
        "papers, with other plans (2)",
    ]
    assert "| hiercomp | **0.400 [0.400, 0.400]** |" in numbers.partition("### papers, with plans\n")[2]


def test_the_plans_are_among_the_facts_of_the_report(text: str) -> None:
    made = section(text, "How the report was made")
    assert "--plans PLANS" in made
    assert f"| papers | `{'ab' * 6}` | `{'00' * 6} / {'ef' * 6}` |" in made
    assert f"| filings | `{'cd' * 6}` | `{'ef' * 6}` |" in made
    assert made.count("python -m eval run") == 2


def test_every_picture_is_linked_and_old_ones_are_deleted(folder: Path, text: str, tmp_path: Path) -> None:
    linked = set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text))
    assert linked == {path.name for path in folder.iterdir() if path.suffix == ".png"}
    assert {"mean.png", "plans-1-mean.png", "plans-2-mean.png"} <= linked
    (tmp_path / "plans-7-sets.png").write_bytes(b"of before")
    report.write(_runs()[:2], tmp_path)
    assert not list(tmp_path.glob("plans-*"))


def test_the_numbers_can_be_read_by_a_program(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["main"]["mean_areas"]["hiercomp"]["mean"] == pytest.approx(0.5)
    first, second = summary["with_plans"]
    assert first["summary"]["main"]["mean_areas"]["hiercomp"]["mean"] == pytest.approx(0.7)
    assert first["gains"][0]["gain"]["mean"] == pytest.approx(0.2)
    assert second["gains"] == []


def test_a_report_on_runs_with_plans_alone_says_so_at_its_beginning(tmp_path: Path) -> None:
    report.write([planned("hiercomp", *curve(HIGHER)), planned("bm25", *curve())], tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.split("\n\n")[1].startswith("Every question has a plan")
    assert "| hiercomp | **0.700** | **0.700** |" in section(text, "Area under the curve")
    assert "## With plans" not in text


def test_questions_without_a_plan_are_counted(tmp_path: Path) -> None:
    left_out = {"papers": {"fitted": 0, "unanswerable": 0, "unplanned": 7}}
    sample = {"questions": None, "documents": None, "left_out": left_out}
    settings = {"plans": {"papers": "ef" * 32}, "sample": sample}
    report.write([run("hiercomp", *curve()), run("hiercomp", *curve(), settings=settings)], tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "Questions without a plan are left out: papers 7." in section(text, "With plans")
    assert "without a plan are left out: papers" not in section(text, "Limits of the comparison")


def test_methods_on_a_sample_with_plans_have_their_table(tmp_path: Path) -> None:
    slow = planned("slow", *curve(LOWER, range(2)))
    report.write([run("hiercomp", *curve()), planned("hiercomp", *curve()), slow], tmp_path)
    within = section((tmp_path / "report.md").read_text(encoding="utf-8"), "With plans")
    assert "**slow** on 2 questions of papers." in within
    assert "(plans-1-sample-1.png)" in within
    assert (tmp_path / "plans-1-sample-1.png").is_file()


def _pages(*shares: float | None, questions: int = 2) -> list[Record]:
    """Make records with these shares of gold pages at 1,000, 2,000 … tokens."""
    return [
        record(each, 1000 * place, 0.5, scores={} if share is None else {"page_recall": share})
        for each in range(questions)
        for place, share in enumerate(shares, start=1)
    ]


def test_gold_pages_are_counted_on_the_questions_and_budgets_that_all_have() -> None:
    (plain,) = entries([run("hiercomp", *_pages(0.5, 0.0, 1.0, questions=3))])
    (other,) = entries([planned("hiercomp", *_pages(1.0, 0.25))])
    found = pages_shown({"alone": plain, "with plans": other})
    assert [(each.set, each.name, each.questions) for each in found] == [
        ("papers", "alone", 2),
        ("papers", "with plans", 2),
    ]
    assert (found[0].touched, found[0].recall) == ({1000: 1.0, 2000: 0.0}, {1000: 0.5, 2000: 0.0})
    assert (found[1].touched, found[1].recall) == ({1000: 1.0, 2000: 1.0}, {1000: 1.0, 2000: 0.25})


def test_sets_without_gold_pages_are_left_out() -> None:
    (entry,) = entries([run("hiercomp", *_pages(None, None), *curve(set="filings"))])
    assert pages_shown({"alone": entry}) == ()
    assert pages_shown({}) == ()
