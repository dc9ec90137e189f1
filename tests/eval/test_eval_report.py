import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from eval_runs import ENVIRONMENT, SETTINGS, curve, reading, record, run, whole

from eval import report
from eval.report.findings import caveats
from eval.summary import summarise
from eval.types import Run

SECRET = "the-words-of-a-document"
FILES = {"report.md", "report.html", "summary.json", "mean.png", "sets.png", "time.png", "sample-1.png", "answers.png"}


def _runs() -> list[Run]:
    filings = curve((0.2, 0.6, 0.9), range(100, 106), set="filings")
    over = [record(each, budget, 0.2, tokens=budget + 7, overrun=7) for each in (0, 1) for budget in (100, 1000, 10000)]
    answers = [
        record(each, 100, 1.0, answer=SECRET, scores={"exact_match": 1.0, "token_f1": 0.5}, reading_tokens={"in": 130})
        for each in range(4)
    ]
    named = [
        replace(each, question=f"{SECRET} {each.question}", document=f"{SECRET} {each.document}") for each in curve()
    ]
    return [
        run("full", *whole(63096)),
        run("gold", *curve((0.9, 1.0, 1.0))),
        run("hiercomp", *curve(), *filings),
        run("bm25", *curve((0.0, 0.4, 0.8)), *curve((0.3, 0.7, 0.9), range(100, 106), set="filings")),
        run("hiercomp/no-bm25", *curve((0.0, 0.3, 1.0))),
        run("hurried", *over),
        run("foreign", *named),
        run("absent", unavailable="needs a <script>model</script> | of its own"),
        reading("hiercomp", "direct", *answers),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("reports") / "new"
    report.write(_runs(), output)
    return output


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "report.md").read_text(encoding="utf-8")


def _section(text: str, title: str) -> str:
    return re.split(r"^## ", text.partition(f"## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_same_records_give_the_same_bytes_in_whatever_order(folder: Path, tmp_path: Path) -> None:
    report.write([replace(each, records=each.records[::-1]) for each in _runs()[::-1]], tmp_path)
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }


def test_other_times_change_the_section_of_times_alone(text: str, tmp_path: Path) -> None:
    slower = [
        replace(
            each,
            peak_memory=9 * 10**8,
            records=tuple(replace(one, seconds={"index": 77.0, "query": 7.0}) for one in each.records),
        )
        for each in _runs()
    ]
    report.write(slower, tmp_path)
    other = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert _section(other, report.TIMES) != _section(text, report.TIMES)
    assert other.replace(_section(other, report.TIMES), "") == text.replace(_section(text, report.TIMES), "")


def test_it_opens_with_the_findings_in_numbers(text: str) -> None:
    opening = text.split("\n\n")[1]
    # (0.5 + 0.575) / 2 against (0.4 + 0.65) / 2: filings are (0.2 + 2 · 0.6 + 0.9) / 4 and (0.3 + 2 · 0.7 + 0.9) / 4.
    assert "**hiercomp** has the largest mean area" in opening
    assert "On 2 sets (16 questions on 8 documents) at 100 to 10,000 tokens" in opening
    assert "**0.538**" in opening
    assert "bm25, has 0.525" in opening
    assert "**+0.013 [" in opening
    assert "ahead in 1, level in 0 and behind in 1: filings (−0.075 against bm25)" in opening
    assert text.split("\n\n")[2] == "![Recall over budget](mean.png)"


def test_tables_say_where_the_subject_wins_and_loses(text: str) -> None:
    rows = _section(text, "Where hiercomp wins and where it loses")
    assert "| papers | **ahead** | 0.500 | bm25 0.400 | +0.100 [+0.100, +0.100] |" in rows
    assert "| filings | **behind** | 0.575 | bm25 0.650 | −0.075 [−0.075, −0.075] |" in rows


def test_the_best_of_each_set_is_bold_and_references_stand_apart(text: str) -> None:
    rows = _section(text, "Area under the curve").splitlines()
    assert "| hiercomp | **0.538** | 0.575 | **0.500** |" in rows
    assert "| bm25 | 0.525 | **0.650** | 0.400 |" in rows
    assert "| *gold* | *0.975* | – | *0.975* |" in rows
    assert "| *full* | – | – | *1.000* |" in rows


def test_variants_samples_overruns_and_absences_are_reported(text: str) -> None:
    assert "| hiercomp/no-bm25 | 0.400 | 0.500 | −0.100" in _section(text, "The effect of each part")
    assert "**hurried** on 2 questions of papers." in _section(text, "Methods on a sample")
    assert "| hurried | **100\u00a0%** | 6 of 6 | 7 (7\u00a0%) |" in _section(text, "Overruns")
    caveats = _section(text, "Limits of the comparison")
    assert "**hurried** exceeds the budget in 100\u00a0% of its contexts" in caveats
    assert "**absent** could not run on this machine: needs a \\<script\\>model" in caveats
    assert "**foreign** shares no question" in caveats
    assert "fitted on are left out: papers 3." in caveats
    assert "filings: fewer than 5 documents" in caveats


def test_tokens_for_nearly_full_recall_stand_with_their_ratio(text: str) -> None:
    rows = _section(text, "Tokens for 90 % of full-context recall")
    assert "| **hiercomp** | 6,310 | 1 of 1 | – | 6,310 (10×) |" in rows
    assert "| bm25 | > 10,000 | 0 of 1 | – | > 10,000 |" in rows


def test_answers_are_listed_with_all_their_tokens(text: str) -> None:
    rows = _section(text, "Answers and their cost")
    # The reader's tokens are 130, the question's 10, and half of the 1,000 tokens of indexing.
    assert "| hiercomp+local/0.5b+direct | 100 | 0.500 [0.500, 0.500] | 1.000 | 0.500 | 640 | 130 | 10 | 500 |" in rows
    assert "| unknown | unknown | 4 |" in rows


def test_it_describes_how_it_was_made(text: str) -> None:
    made = _section(text, "How the report was made")
    assert "--methods absent,bm25,foreign,full,gold,hiercomp,hiercomp/no-bm25,hurried" in made
    assert "--budgets 100,1000,10000" in made
    assert "--reader local/0.5b" in made
    assert f"| papers | `{'ab' * 6}` |" in made
    assert "| commit | abc1234 |" in made


def test_runs_that_differ_are_named() -> None:
    other = {**SETTINGS, "datasets": {"papers": "ef" * 32}, "seed": 1}
    newer = {**ENVIRONMENT, "packages": {"numpy": "2.1"}}
    runs = [
        run("hiercomp", *curve()),
        run("bm25", *curve()),
        run("dense", *curve(), settings=other, environment=newer, commit="fff0000"),
    ]
    lines = "\n".join(caveats(summarise(runs), runs))
    for what in ("the seed", "the files of papers", "the commit", "numpy"):
        assert f"Not the same in all runs: {what}. " in lines
    assert "Mostly abc1234; but fff0000 (dense)." in lines
    assert not [line for line in caveats(summarise(runs[:2]), runs[:2]) if "Not the same" in line]


def test_the_page_needs_no_other_file(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    sources = re.findall(r"(?:src|href|action|data)\s*=\s*\"([^\"]{0,40})", page)
    assert len(sources) == len([name for name in FILES if name.endswith(".png")])
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert not re.search(r"https?:|@import|url\(|<script|<link", page)
    assert page.count("<table>") == page.count("</table>") > 10


def test_every_picture_is_linked(folder: Path, text: str) -> None:
    linked = set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text))
    assert linked == {path.name for path in folder.iterdir() if path.suffix == ".png"}


def test_pictures_of_an_earlier_report_are_deleted(tmp_path: Path) -> None:
    for name in ("sets.png", "sample-3.png", "own.png"):
        (tmp_path / name).write_bytes(b"of before")
    report.write([run("full", *whole(100))], tmp_path)
    assert {path.name for path in tmp_path.glob("*.png")} == {"own.png"}


def test_no_text_of_a_set_is_in_it(folder: Path) -> None:
    assert [path.name for path in folder.iterdir() if SECRET.encode() in path.read_bytes()] == []


def test_the_numbers_can_be_read_by_a_program(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["main"]["mean_areas"]["hiercomp"]["mean"] == pytest.approx(0.5375)
    assert summary["main"]["grounds"][1] == {
        "set": "papers", "metric": "evidence_recall", "budgets": [100, 1000, 10000], "questions": 10, "documents": 5,
    }  # fmt: skip
    assert summary["needs"]["hiercomp"]["papers"]["tokens"] == pytest.approx(6309.573445)


@pytest.mark.parametrize(
    "runs",
    [
        [],
        [run("absent", unavailable="no model")],
        [run("full", *whole(100))],
        [run("bm25", *curve())],
        [run("bm25", *curve()), run("dense", *curve())],
        [run("hiercomp", *(each for each in curve() if each.budget == 100))],
    ],
)
def test_few_runs_give_a_short_report(runs: list[Run], tmp_path: Path) -> None:
    report.write(runs, tmp_path)
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# Recall within a token budget\n\n")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").endswith("</html>\n")
