"""`hiercomp ask`: streams, JSON, dry run, interrupts, exit codes."""

import json
import re
import signal
import time

import jsonschema
import pytest
from command_line import QUESTION, make_pdf

from hiercomp import tokenizers
from hiercomp.types import Message


def at(server, *arguments):
    return ["--model", "test-model", "--base-url", server.base_url, *arguments]


def test_the_answer_alone_is_on_stdout_and_the_ledger_on_stderr(hiercomp, pdf):
    done = hiercomp.process("ask", pdf, QUESTION)
    answer, ledger = done.stdout.decode(), done.stderr.decode()
    assert "21.3 percent" in answer
    assert "[report.pdf p. 1]" in answer
    assert answer.endswith("\n")
    assert "tokens" not in answer
    assert ledger.splitlines()[0] == "reader: extractive (environment)"
    assert "✓ report.pdf p. 1" in ledger
    assert "4,000 █" in ledger
    assert re.search(r"\d+ → \d+ tokens.* from p", ledger)
    assert b"\x1b" not in done.stdout + done.stderr


def test_the_segments_of_the_bar_add_up_to_the_budget(hiercomp):
    lines = hiercomp("ask", "report.md", QUESTION, "--budget", "400").stderr.decode().splitlines()
    (legend,) = (line for line in lines if "█ prompt" in line)
    assert sum(map(int, re.findall(r"\d+", legend))) == 400


def test_quiet_leaves_stderr_empty(hiercomp):
    done = hiercomp.process("ask", "report.md", QUESTION, "--quiet")
    assert done.stderr == b""
    assert b"21.3 percent" in done.stdout


def test_no_usage_keeps_the_citations(hiercomp, pdf):
    shown = hiercomp("ask", pdf, QUESTION, "--no-usage").stderr.decode()
    assert "✓ report.pdf p. 1" in shown
    assert " → " not in shown


def test_streaming_and_waiting_give_the_same_answer(hiercomp):
    streamed = hiercomp("ask", "report.md", QUESTION, "--stream")
    waited = hiercomp("ask", "report.md", QUESTION, "--no-stream")
    assert streamed.stdout == waited.stdout


def test_json_is_one_document_and_nothing_else(hiercomp, pdf):
    done = hiercomp("ask", pdf, QUESTION, "--json")
    assert done.stderr == b""
    run = json.loads(done.stdout)
    assert run["schema"] == "hiercomp/1"
    assert run["model"] == "extractive"
    assert run["citations"][0]["page"] == 1
    assert run["citations"][0]["supported"] is True
    for part in run["context"]["parts"]:
        assert part["text"] in run["context"]["text"]


def test_json_of_a_run_follows_the_published_schema(hiercomp, request):
    schema = json.loads((request.config.rootpath / "docs/run.schema.json").read_text(encoding="utf-8"))
    for command in (["ask", "report.md", QUESTION], ["compress", "report.md", QUESTION]):
        jsonschema.validate(json.loads(hiercomp(*command, "--json").stdout), schema)


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_stdin_is_a_document(hiercomp, arguments):
    text = (hiercomp.folder / "report.md").read_bytes()
    done = hiercomp("ask", *arguments, QUESTION, stdin=text)
    assert b"21.3 percent" in done.stdout
    assert b"[stdin]" in done.stdout


def test_globs_and_folders_are_one_corpus(hiercomp):
    other = hiercomp.folder / "more"
    other.mkdir()
    (other / "crane.md").write_text("# Cranes\n\nThe Gdansk crane lifts 1,250 tonnes at once.\n", encoding="utf-8")
    run = json.loads(hiercomp("ask", "*.md", "more", "How many tonnes does the Gdansk crane lift?", "--json").stdout)
    assert "1,250 tonnes" in run["answer"]
    assert "crane.md" in {citation["document"] for citation in run["citations"]}


def test_pages_limit_what_is_read(hiercomp, pdf):
    run = json.loads(
        hiercomp("ask", pdf, "What was the net income, and which risk is the largest?", "--pages", "1", "--json").stdout
    )
    assert {part["page"] for part in run["context"]["parts"]} <= {1}


def test_a_missing_empty_or_locked_document_is_exit_3(hiercomp):
    (hiercomp.folder / "empty.txt").write_bytes(b"")
    make_pdf(hiercomp.folder / "locked.pdf", password="canary-password")
    for name in ("missing.pdf", "empty.txt", "locked.pdf"):
        done = hiercomp("ask", name, QUESTION, check=3)
        assert done.stdout == b""
        (line,) = done.stderr.decode().splitlines()[-1:]
        assert line.startswith("error: ")
        assert name in line
        assert json.loads(hiercomp("ask", name, QUESTION, "--json", check=3).stdout)["error"]["code"] == 3


def test_a_password_opens_a_document_and_is_never_echoed(hiercomp):
    make_pdf(hiercomp.folder / "locked.pdf", password="canary-password")
    refused = hiercomp.process("ask", "locked.pdf", QUESTION, "-v", "--password", "canary-wrong", check=3)
    runs = [
        hiercomp("ask", "locked.pdf", QUESTION, "--no-cache", "--password", "canary-password"),
        hiercomp("ask", "locked.pdf", QUESTION, "--no-cache", HIERCOMP_PASSWORD="canary-password"),
        hiercomp("ask", "locked.pdf", QUESTION, "--json", "--password", "canary-password"),
    ]
    assert all(b"21.3 percent" in run.stdout for run in runs)
    assert not any(b"canary" in run.stdout + run.stderr for run in [refused, *runs])
    cached = [path for path in (hiercomp.folder / "cache").rglob("*") if path.is_file()]
    assert cached
    assert not any(b"canary" in path.read_bytes() for path in cached)


def test_too_small_a_budget_is_exit_4_and_names_the_least_that_works(hiercomp):
    done = hiercomp("ask", "report.md", QUESTION, "--budget", "20", "--json", check=4)
    message = json.loads(done.stdout)["error"]["message"]
    least = int(message.rpartition(" ")[2])
    assert hiercomp("ask", "report.md", QUESTION, "--budget", least).stdout
    hiercomp("ask", "report.md", QUESTION, "--budget", least - 1, check=4)


def test_a_reader_that_fails_is_exit_5(hiercomp, serve):
    server = serve(status=500)
    arguments = ["ask", "report.md", QUESTION, *at(server, "--retries", "0", "--timeout", "20")]
    done = hiercomp(*arguments, check=5, OPENAI_API_KEY="sk-canary")
    assert done.stdout == b""
    assert done.stderr.decode().splitlines()[-1].startswith("error: ")
    assert b"sk-canary" not in done.stderr
    assert json.loads(hiercomp(*arguments, "--json", check=5).stdout)["error"]["code"] == 5


def test_a_served_reader_streams_with_its_marks_as_addresses(hiercomp, serve):
    done = hiercomp("ask", "report.md", QUESTION, "--stream", *at(serve()))
    assert done.stdout.decode() == "The rate was 21.3 percent [report.md].\n"
    assert "reader: test-model at 127.0.0.1 (flag, server: flag)" in done.stderr.decode()


@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_a_figure_that_cites_nothing_and_stands_nowhere_is_marked_streamed_or_not(hiercomp, stream):
    reader = "scripted/The rate was 21.3 percent. Net income was $6,3 million and $3,756 million in 2025. It rose:"
    done = hiercomp("ask", "report.md", QUESTION, stream, "--model", reader)
    lines = done.stderr.decode().splitlines()
    assert done.stdout.decode() == (
        "The rate was 21.3 percent [report.md]. Net income was $6,3 million and $3,756 million in 2025. It rose:\n"
    )
    assert [line for line in lines if "✗" in line] == [
        "  ✗ uncited  “Net income was $6,3 million and $3,756 million in 2025.”"
    ]
    assert any("✓ report.md" in line for line in lines)
    assert any("| 1 uncited claim |" in line for line in lines)


def test_json_has_the_uncited_claims(hiercomp):
    reader = "scripted/The rate was 21.4 percent. The chief executive is Ingrid Solheim."
    run = json.loads(hiercomp("ask", "report.md", QUESTION, "--json", "--model", reader).stdout)
    assert run["uncited"] == [{"claim": "The rate was 21.4 percent."}]


def test_a_dry_run_calls_no_model_and_counts_what_a_call_sends(hiercomp, serve):
    server = serve()
    arguments = ["ask", "report.md", QUESTION, "--json", *at(server)]
    plan = json.loads(hiercomp(*arguments, "--dry-run").stdout)
    assert server.requests == []
    hiercomp(*arguments)
    (sent,) = server.requests
    messages = [Message(message["role"], message["content"]) for message in sent["messages"]]
    tokenizer = tokenizers.build("o200k_base")
    assert plan["dry_run"]["prompt_tokens"] == tokenizer.count_prompt(messages)
    assert plan["dry_run"]["prompt_tokens"] + plan["dry_run"]["most_completion_tokens"] <= 4000
    assert sent.get("max_tokens", sent.get("max_completion_tokens")) >= plan["dry_run"]["most_completion_tokens"]


def test_a_dry_run_for_people_names_reader_tokens_and_price(hiercomp):
    lines = hiercomp("ask", "report.md", QUESTION, "--dry-run").stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["reader", "prompt", "answer", "price"]
    assert lines[0].startswith("reader  extractive")
    assert lines[3] == "price   $0"


def test_a_dry_run_says_which_calls_the_run_would_add(hiercomp, serve):
    server = serve()
    options = ["--budget", "300", "--planner", "reader", "--passes", "2", "--dry-run"]
    lines = hiercomp("ask", "report.md", QUESTION, *at(server, *options)).stdout.decode().splitlines()
    assert lines[-1] == "plan    by rules; the run itself adds a call for the plan and a second look"
    given = hiercomp("ask", "report.md", QUESTION, *at(server, *options, "--need", "Results")).stdout.decode()
    assert given.splitlines()[-1] == "plan    by caller; the run itself adds a second look"
    assert server.requests == []


def test_needs_are_the_plan_and_what_was_not_found_is_sent_to_the_reader(hiercomp, serve):
    server = serve()
    needs = ["--need", "Results: effective tax rate", "--need", "zebras, giraffes, antelopes"]
    done = hiercomp("ask", "report.md", QUESTION, *at(server, *needs, "--budget", "420"))
    sent = server.requests[-1]["messages"][-1]["content"]
    assert "\n\nNothing was found about: zebras, giraffes, antelopes.\n\n" in sent
    shown = done.stderr.decode()
    assert "  needs  given by the caller\n    1  What was the effective tax rate in 2025?" in shown
    assert re.search(r"2  Results: effective tax rate +\d+ tokens", shown)
    assert re.search(r"3  zebras, giraffes, antelopes +nothing found\n", shown)
    assert "| 3 needs, 1 not found |" in shown
    planned = json.loads(
        hiercomp("ask", "report.md", QUESTION, *needs, "--budget", "420", "--dry-run", "--json").stdout
    )
    assert [need["text"] for need in planned["plan"]["needs"]] == [QUESTION, needs[1], needs[3]]
    assert [need["found"] for need in planned["plan"]["needs"]] == [True, True, False]


@pytest.mark.timing
def test_an_interrupt_keeps_what_was_written_and_is_exit_130(hiercomp, serve):
    server = serve(pieces=["The rate ", "was ", *["very slowly "] * 200], pause=0.3)
    for extra in (["--stream"], ["--no-stream"]):
        process = hiercomp.start("ask", "report.md", QUESTION, *at(server, *extra))
        wait_for(lambda: server.requests)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        server.requests.clear()
        assert process.returncode == 130, err.decode()
        assert out.decode().startswith("The rate was")
        assert err.decode().splitlines()[-1] == "error: interrupted"
        assert b"Traceback" not in err


def test_an_interrupt_with_json_is_still_one_document(hiercomp, serve):
    server = serve(pieces=["never "] * 200, pause=0.3)
    process = hiercomp.start("ask", "report.md", QUESTION, "--json", *at(server))
    wait_for(lambda: server.requests)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == 130


def test_a_reader_of_the_output_that_leaves_is_no_error(hiercomp, serve):
    server = serve(pieces=["words "] * 100, pause=0.02)
    process = hiercomp.start("ask", "report.md", QUESTION, "--stream", "--quiet", *at(server))
    with process.stderr, process.stdout:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.wait(timeout=20) == 141


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
