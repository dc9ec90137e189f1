"""`hiercomp compress`: it prints exactly the context, within the budget."""

import json
import subprocess

import pytest
from command_line import QUESTION, REPORT

from hiercomp import tokenizers

LONG = REPORT + "\n".join(
    f"## Note {number}\n\nWarehouse {number} holds {number * 17} pallets of cable. It was painted in {1950 + number}.\n"
    for number in range(1, 60)
)


@pytest.fixture
def long(hiercomp):
    (hiercomp.folder / "long.md").write_text(LONG, encoding="utf-8")
    return "long.md"


@pytest.mark.parametrize("budget", [60, 200, 1000])
@pytest.mark.parametrize("tokenizer", ["o200k_base", "cl100k_base"])
def test_the_bytes_on_stdout_stay_within_the_budget(hiercomp, long, budget, tokenizer):
    done = hiercomp("compress", long, QUESTION, "-b", budget, "--tokenizer", tokenizer)
    text = done.stdout.decode()
    assert tokenizers.build(tokenizer).count(text) <= budget
    assert "21.3 percent" in text


def test_stdout_is_the_text_of_the_json(hiercomp, long):
    text = hiercomp("compress", long, QUESTION, "-b", "300").stdout.decode()
    done = hiercomp("compress", long, QUESTION, "-b", "300", "--json")
    run = json.loads(done.stdout)
    assert done.stderr == b""
    assert run["context"]["text"] == text
    assert "answer" not in run
    assert run["budget"]["total"] == 300


def test_without_a_question_the_document_is_summed_up(hiercomp, long):
    done = hiercomp("compress", long, "--budget", "400")
    assert 0 < tokenizers.build("o200k_base").count(done.stdout.decode()) <= 400


def test_what_fits_is_passed_through(hiercomp):
    assert hiercomp("compress", "report.md", QUESTION).stdout.decode() == REPORT


def test_the_ledger_is_on_stderr_and_can_be_left_out(hiercomp, long):
    assert "x shorter)" in hiercomp("compress", long, QUESTION, "-b", "300").stderr.decode()
    assert hiercomp("compress", long, QUESTION, "-b", "300", "--no-usage").stderr == b""
    assert hiercomp("compress", long, QUESTION, "-b", "300", "--quiet").stderr == b""


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_escape_byte_leaves_a_plain_stream(hiercomp, long, variables):
    done = hiercomp("compress", long, QUESTION, "-b", "300", **variables)
    assert b"\x1b" not in done.stdout + done.stderr


def test_the_project_file_sets_the_budget_and_a_flag_wins(hiercomp, long):
    (hiercomp.folder / "hiercomp.toml").write_text("budget = 250\n", encoding="utf-8")
    assert json.loads(hiercomp("compress", long, QUESTION, "--json").stdout)["budget"]["total"] == 250
    assert json.loads(hiercomp("compress", long, QUESTION, "--json", "-b", "500").stdout)["budget"]["total"] == 500


def test_the_same_call_gives_the_same_bytes(hiercomp, long):
    runs = {hiercomp.process("compress", long, QUESTION, "-b", "300", PYTHONHASHSEED=seed).stdout for seed in "12"}
    assert len(runs) == 1


def test_a_pipe_that_closes_is_silent(hiercomp, long):
    command = " ".join(f"'{word}'" for word in hiercomp.arguments("compress", long, QUESTION, "--no-usage"))
    done = subprocess.run(
        ["sh", "-c", f"{command} | true"], cwd=hiercomp.folder, env=hiercomp.environment, capture_output=True
    )
    assert done.stderr == b""


@pytest.mark.parametrize("name", ["tree", "none"])
def test_a_component_that_is_not_known_is_exit_2_and_lists_the_known_ones(hiercomp, long, name):
    done = hiercomp("compress", long, QUESTION, "--allocator", name, check=2)
    assert f"'{name}'" in done.stderr.decode()
    assert "tree_cut" in done.stderr.decode()


def test_an_open_budget_is_chosen_and_its_reason_is_shown(hiercomp, long):
    command = ["compress", long, QUESTION, "--budget", "auto", "--evidence-share", "0.5"]
    done = hiercomp(*command)
    assert "budget: an estimated " in done.stderr.decode()
    assert "50% was asked for" in done.stderr.decode()
    run = json.loads(hiercomp(*command, "--json").stdout)
    assert run["budget"]["choice"]["ended"] == "share"
    assert run["budget"]["total"] == tokenizers.build("o200k_base").count(done.stdout.decode())
    assert run["allocation"]["value"] >= 0.5 * run["budget"]["choice"]["expected"]


def test_a_budget_is_a_number_or_auto(hiercomp, long):
    done = hiercomp("compress", long, QUESTION, "--budget", "some", check=2)
    assert done.stderr.decode().startswith("error: --budget: ")
    assert "'auto', not 'some'" in done.stderr.decode()


def test_needs_steer_the_context_and_are_listed_on_stderr(hiercomp):
    need = "Risks: price of steel, strike, deliveries stopped"
    plain = hiercomp("compress", "report.md", "Who leads the company?", "-b", "90").stdout.decode()
    done = hiercomp("compress", "report.md", "Who leads the company?", "-b", "90", "--need", need)
    assert "price of steel" not in plain
    assert "price of steel" in done.stdout.decode()
    assert "needs  given by the caller" in done.stderr.decode()
    assert b"needs" not in hiercomp("compress", "report.md", "Who leads?", "--need", need, "--quiet").stderr


def test_a_document_that_fits_is_shown_whole_and_nothing_is_searched_for(hiercomp):
    done = hiercomp("compress", "report.md", "Who leads the company?", "--need", "People: chief executive")
    assert "  needs  the whole input fits, so that nothing was searched for\n" in done.stderr.decode()


def test_a_blank_need_is_refused(hiercomp):
    done = hiercomp("compress", "report.md", "Who leads the company?", "--need", " ", check=2)
    assert b"a plan is a list of one or more lines" in done.stderr
