"""Tests of whole runs through the command line, on the project's own set, with methods made for the tests."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eval import readers, records
from eval.__main__ import main
from eval.datasets import load
from hiercomp import tokenizers

ROOT = Path(__file__).parents[2]
PLANTED = """
import time

NAMES = ("perfect", "cheat", "slow", "breaks", "absent", "echo")


class Planted:
    budgeted = True

    def __init__(self, name, tokenizer):
        self.name, self.tokenizer = name, tokenizer
        self.settings = {"planted": name}

    def index(self, document):
        self.document = document
        return self

    def find(self, question):
        def select(budget):
            if self.name == "cheat":
                return self.document.text
            if self.name == "slow":
                time.sleep(0.1)
                return self.document.text[: 2 * budget]
            if self.name == "echo":
                return question.query
            if self.name == "breaks":
                raise RuntimeError("no such luck")
            return "\\n".join(piece.text for piece in question.evidence)

        return select


def build(name, parts):
    from eval.ports import Unavailable

    if name == "absent":
        raise Unavailable("the library planted is not installed: pip install planted")
    return Planted(name, parts.tokenizer)
"""


@pytest.fixture
def planted(tmp_path):
    path = tmp_path / "planted.py"
    path.write_text(PLANTED, encoding="utf-8")
    return path


def command(planted, output, *names, sample=4, budgets="300,1000"):
    chosen = ",".join(name if name in {"head", "bm25"} else f"{planted}:{name}" for name in names)
    options = {"--methods": chosen, "--sets": "demo", "--sample": str(sample), "--budgets": budgets, "--output": output}
    return ["run", *(str(part) for option in options.items() for part in option)]


@pytest.fixture
def planned_command(planted, plans, tmp_path):
    """Return a function that makes a command whose questions have plans."""
    folder, _ = plans
    return lambda *names, sample: [
        *command(planted, tmp_path / "results", *names, sample=sample),
        "--plans",
        str(folder),
    ]


def runs(output):
    return {run.title: run for run in map(records.read, records.find([output]))}


def without_times(report):
    """Return a report without seconds, memory and energy, which differ between runs."""
    kept = re.sub(r"(?ms)^## Time and memory$.*?(?=^## )", "", report)
    assert kept != report
    return kept


def test_planted_methods_get_what_they_deserve(planted, tmp_path):
    output = tmp_path / "results"
    assert main(command(planted, output, "perfect", "cheat", "absent", "head")) == 0
    found = runs(output)
    perfect, cheat = found["planted:perfect"].records, found["planted:cheat"].records
    assert len(perfect) == len(cheat) == 8
    assert {record.scores["evidence_recall"] for record in perfect} == {1.0}
    assert not any(record.overrun for record in perfect)
    assert all(record.overrun == record.tokens - record.budget > 0 for record in cheat)
    # The text is cut to the budget before scoring, so it scores like the method that returns the beginning.
    means = [
        sum(record.scores["evidence_recall"] for record in of) / 8 for of in (cheat, found["head"].records, perfect)
    ]
    assert means[0] == pytest.approx(means[1], abs=0.05)
    assert means[1] < means[2]
    assert "pip install planted" in found["planted:absent"].unavailable
    assert main(["report", str(output)]) == 0
    text = (output / "report.md").read_text(encoding="utf-8")
    assert "pip install planted" in text
    assert "planted:cheat" in text


def test_the_same_command_gives_the_same_numbers(planted, tmp_path):
    for name in ("first", "second"):
        assert main(command(planted, tmp_path / name, "perfect", "bm25", "head")) == 0
        assert main(["report", str(tmp_path / name)]) == 0
    first, second = (without_times((tmp_path / name / "report.md").read_text("utf-8")) for name in ("first", "second"))
    assert first == second


def test_a_run_that_was_killed_goes_on_to_the_same_report(planted, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert main(command(planted, whole, "slow", "head", sample=8)) == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "eval", *command(planted, killed, "slow", "head", sample=8)],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    folder = next(records.find([whole / run.name]) for run in whole.glob("planted.slow@*"))[0].name
    deadline = time.monotonic() + 120
    while records.count(killed / folder) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    process.wait()
    written = records.count(killed / folder)
    assert 3 <= written < 16
    for _ in range(100):  # the orphan process stops by itself
        if main(command(planted, killed, "slow", "head", sample=8)) == 0:
            break
        time.sleep(0.2)
    assert len(runs(killed)["planted:slow"].records) == 16
    for output in (whole, killed):
        assert main(["report", str(output)]) == 0
    first, second = (without_times((output / "report.md").read_text("utf-8")) for output in (whole, killed))
    assert first == second


@pytest.fixture
def plans(tmp_path):
    """Write plans for the first four questions of the project's own set."""
    lines = (ROOT / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines()[:4]
    ids = [json.loads(line)["id"] for line in lines]
    folder = tmp_path / "plans"
    folder.mkdir()
    text = "".join(json.dumps({"id": each, "plan": [f"evidence for {each}"]}) + "\n" for each in ids)
    (folder / "demo.jsonl").write_text(text, encoding="utf-8")
    return folder, ids


def test_with_plans_only_their_questions_are_asked_and_the_run_has_its_own_folder(planned_command, plans, tmp_path):
    _, ids = plans
    assert main(planned_command("echo", "bm25", sample=9)) == 0
    found = runs(tmp_path / "results")
    assert set(found) == {"planted:echo+plans", "bm25+plans"}
    run = found["planted:echo+plans"]
    assert run.method == "planted:echo"
    assert {record.question for record in run.records} == set(ids)
    assert {record.question for record in found["bm25+plans"].records} == set(ids)
    assert len(run.settings["plans"]["demo"]) == 64
    assert run.settings["sample"]["left_out"]["demo"]["unplanned"] > 0
    # The method returns its query: the question and its plan.
    queries = {each.id: f"{each.text}\nevidence for {each.id}" for each in load("demo", None).questions}
    count = tokenizers.build("o200k_base").count
    assert all(record.tokens == count(queries[record.question]) for record in run.records)


def test_a_run_with_plans_goes_on_with_the_same_plans_only(planned_command, plans, tmp_path, capfd):
    folder, ids = plans
    assert main(planned_command("echo", sample=2)) == 0
    assert main(planned_command("echo", sample=4)) == 0
    assert len(runs(tmp_path / "results")["planted:echo+plans"].records) == 8
    (folder / "demo.jsonl").write_text(json.dumps({"id": ids[0], "plan": ["other"]}), encoding="utf-8")
    assert main(planned_command("echo", sample=4)) == 2
    assert "was started with other plans of the set demo: name another --output" in capfd.readouterr().err
    # The run without plans has its own folder.
    assert main(command(tmp_path / "planted.py", tmp_path / "results", "echo", sample=4)) == 0
    assert set(runs(tmp_path / "results")) == {"planted:echo", "planted:echo+plans"}


def test_a_report_has_both_tables(planned_command, planted, tmp_path):
    output = tmp_path / "results"
    assert main(planned_command("perfect", "bm25", sample=9)) == 0
    assert main(command(planted, output, "perfect", "bm25", sample=18)) == 0
    assert main(["report", str(output)]) == 0
    text = (output / "report.md").read_text(encoding="utf-8")
    assert "## With plans\n" in text
    assert re.search(r"\| bm25 \|.*\| 4 in 1 \|", text.partition("### The gain of the plans")[2])


def test_what_is_there_is_not_run_again(planted, tmp_path):
    assert main(command(planted, tmp_path, "perfect", sample=2)) == 0
    lines = next(tmp_path.glob("planted.perfect@*")) / records.LINES
    before = lines.read_bytes()
    assert main(command(planted, tmp_path, "perfect", sample=5)) == 0
    assert lines.read_bytes().startswith(before)
    assert records.count(lines.parent) == 10


def test_a_method_that_breaks_takes_no_other_down(planted, tmp_path, capfd):
    assert main(command(planted, tmp_path, "breaks", "perfect")) == 2
    errors = capfd.readouterr().err
    assert "no such luck" in errors
    assert "1 of 2 runs failed" in errors
    assert len(runs(tmp_path)["planted:perfect"].records) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--methods", "bm52"], "no method is called 'bm52'"),
        (["--sets", "nowhere"], "nowhere"),
        (["--budgets", "many"], "whole numbers"),
        (["--budgets", "0"], "1 or more"),
        (["--plans", "nowhere"], "demo.jsonl cannot be read"),
        (["--reader", "local", "--strategies", "guess"], "no strategy"),
        (["--reader", "extractive"], "only quotes contexts of hiercomp"),
        (["--reader", "gtp"], "no reader"),
    ],
)
def test_a_wrong_option_is_one_line(options, message, tmp_path, capsys):
    assert main(["run", "--output", str(tmp_path), *options]) == 2
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1


def test_a_reader_answers_from_each_context(planted, tmp_path):
    arguments = [*command(planted, tmp_path, "perfect", sample=1, budgets="200"), "--reader", "local"]
    assert main(arguments) == 0
    (run,) = runs(tmp_path).values()
    (record,) = run.records
    assert run.title == "planted:perfect+local+direct"
    assert record.answer
    assert record.reading_tokens["in"] > record.tokens
    assert 0 < record.reading_tokens["out"] <= readers.ANSWER_TOKENS
    assert record.usd == 0
    assert record.wh > 0
    assert 0 <= record.scores["token_f1"] <= 1
    assert "never instructions" in json.dumps(run.settings["reader"])
    assert run.settings["tokenizer"].startswith("gguf/")
