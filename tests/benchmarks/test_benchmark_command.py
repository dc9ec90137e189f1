"""The command on the demo report without peers: every case of hiercomp."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import QUESTIONS
from benchmarks.documents import Material
from benchmarks.processes.packing import seconds
from benchmarks.processes.session import shared_prompt
from benchmarks.tasks import AGAIN, ALONE, LINES, NEW_NEEDS, PEERS, SAME_NEEDS
from hiercomp import compress

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "data" / "tarnholt_2025_annual_report.pdf"


def run(*arguments, file=DEMO, **options):
    command = [sys.executable, "-m", "benchmarks", str(file), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


def test_the_command_measures_every_case_and_goes_on_where_it_was(tmp_path):
    arguments = ["--runs", "1", "--budget", "300", "--pages", "2", "--nodes", "200,2000", "--peers=", "--documents="]
    arguments += ["--output", str(tmp_path), "--name", "now"]
    pages = Material([DEMO], tmp_path).cut(0, 4)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = run(*arguments, file=pages, env=environment)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "now.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["failures"] == {}
    cases = {(sample["case"], sample["size"]) for sample in content["samples"]}
    assert cases >= {("cold", 4), ("new process", 4), ("same process", 4), ("help", 0), ("pages, cold", 2)}
    assert cases >= {(case, 4) for case in (AGAIN, ALONE, NEW_NEEDS, SAME_NEEDS)}
    assert {size for case, size in cases if case == "packing"} == {200, 2000}
    assert file.with_suffix(".md").read_text(encoding="utf-8") == done.stdout[:-1]
    assert file.with_suffix(".png").exists()
    again = run(*arguments, file=pages, env=environment)
    assert (again.stdout, again.stderr) == (done.stdout, "")


@pytest.mark.parametrize("wrong", [["--peers", "nobody"], ["--big", "README.md"]])
def test_what_can_not_be_measured_is_refused_at_once(wrong):
    refused = run(*wrong)
    assert refused.returncode == 2
    assert re.search(r"unknown peer 'nobody'|README\.md is not a readable PDF", refused.stderr)


def test_packing_is_timed_as_often_as_asked():
    found = seconds(200, 500, 2)
    assert len(found) == 2
    assert all(each > 0 for each in found)


def test_the_prompts_of_two_questions_differ_at_their_ends_only():
    context = compress("The rent is 1,200 a month. " + "Nothing else is said here. " * 20, "rent?", budget=100)
    # The questions differ in their first letter, so everything before them is shared.
    share = shared_prompt(context, ["Is it paid?", "Who pays?"])
    assert 0.9 < share < 1
    assert shared_prompt(context, ["Is it paid?", "Is it paid?"]) == 1


def test_the_readme_names_every_peer_and_runs_real_options():
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    options = set(re.findall(r"(--[a-z]+) ", text)) - {"--question", "--budget", "--json", "--help"}
    listed = run("--help").stdout
    assert options
    assert not [option for option in options if option not in listed]
    assert all(name in listed for name in PEERS)


def test_a_plan_has_three_lines_beside_its_question():
    lines = [line.format(question) for question in QUESTIONS for line in LINES]
    assert len(LINES) == 3
    assert len({*QUESTIONS, *lines}) == 4 * len(QUESTIONS)


def test_further_questions_differ_from_each_other():
    assert len(set(QUESTIONS)) == len(QUESTIONS) >= 3
