"""The command line as a whole: streams, exit codes, JSON errors, and the start-up time."""

import json
import subprocess
import sys
import time

import pytest

HEAVY = ("numpy", "torch", "transformers", "tiktoken", "llama_index", "onnxruntime", "faiss", "pydantic", "rank_bm25")
COMMANDS = (
    ["ask"],
    ["compress"],
    ["index"],
    ["inspect"],
    ["models"],
    ["models", "list"],
    ["models", "pull"],
    ["models", "verify"],
    ["cache"],
    ["cache", "info"],
    ["cache", "clear"],
    ["config"],
    ["doctor"],
)


@pytest.mark.timing
def test_help_loads_nothing_heavy_and_is_quick(hiercomp):
    code = (
        "import sys\nfrom hiercomp.cli.app import run\nrun(['--help'])\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=hiercomp.environment, check=True)
    assert done.stderr.decode().strip() == "[]"
    started = time.perf_counter()
    hiercomp.process("--help")
    # It takes half a second on an idle machine, but a machine that runs tests is busy.
    assert time.perf_counter() - started < 4


def test_no_arguments_is_help(hiercomp):
    assert hiercomp().stdout == hiercomp("--help").stdout


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_on_stdout_alone(hiercomp, command):
    done = hiercomp(*command, "--help")
    assert done.stdout.startswith(b"Usage: hiercomp " + " ".join(command).encode())
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""


def test_version(hiercomp):
    from hiercomp import __version__

    assert hiercomp("--version").stdout.decode() == f"hiercomp {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "kind", "words"),
    [
        (["ask", "report.md", "q", "--bogus"], 2, "UsageError", "No such option: --bogus"),
        (["bogus"], 2, "UsageError", "No such command 'bogus'"),
        (["ask", "report.md"], 2, "ConfigError", "no question"),
        (["ask", "report.md", "q", "--budget", "many"], 2, "ConfigError", "not 'many'"),
        (["ask", "report.md", "q", "--budget", "-3"], 2, "ConfigError", "--budget: "),
        (["ask", "report.md", "q", "--config", "missing.toml"], 2, "ConfigError", "missing.toml"),
        (["ask", "https://example.org/a.pdf", "q"], 3, "DocumentError", "not fetched"),
    ],
)
def test_a_failure_is_one_line_and_with_json_one_document(hiercomp, arguments, code, kind, words):
    plain = hiercomp(*arguments, check=code)
    assert plain.stdout == b""
    (line,) = plain.stderr.decode().splitlines()
    assert line.startswith("error: ")
    assert words in line
    document = json.loads(hiercomp(*arguments, "--json", check=code).stdout)
    assert document["schema"] == "hiercomp/1"
    assert document["error"] == {"code": code, "type": kind, "message": line.removeprefix("error: ")}


def test_a_failure_in_quiet_mode_still_says_why(hiercomp):
    done = hiercomp("ask", "report.md", "--quiet", check=2)
    assert done.stderr.startswith(b"error: no question")


def test_a_traceback_is_shown_only_when_asked_for(hiercomp):
    assert b"Traceback" not in hiercomp("ask", "report.md", check=2).stderr
    assert b"Traceback" in hiercomp.process("ask", "report.md", "-v", check=2).stderr


def test_a_question_after_two_dashes_may_look_like_an_option(hiercomp):
    done = hiercomp("ask", "--", "report.md", "--json", check=None)
    assert not done.stdout.startswith(b"{")


def test_an_unknown_key_of_the_project_file_stops_every_command(hiercomp):
    (hiercomp.folder / "hiercomp.toml").write_text("[allocator]\nfoo = 1\n", encoding="utf-8")
    for command in (["ask", "report.md", "q"], ["config"], ["models", "list"], ["doctor"]):
        done = hiercomp(*command, check=2)
        assert b"error: hiercomp.toml: unknown key 'allocator.foo'; did you mean 'allocator'?" in done.stderr


def test_completion_is_offered(hiercomp):
    # Typer looks for a shell among the parent processes. A test may run without one, so this variable replaces it.
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = hiercomp.process("--show-completion", "bash", check=None, **named).stdout
    assert b"_HIERCOMP_COMPLETE" in script
