"""The page of the MCP server shows its example file and its output, and a command that runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mcp")

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrations" / "mcp.md").read_text(encoding="utf-8")


def _block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_example_prints_what_the_page_shows(tmp_path):
    file = ROOT / "examples" / "mcp_client.py"
    assert _block("python") == file.read_text(encoding="utf-8")
    # A client passes on little of its environment. The server stores its files in this home folder.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    ran = subprocess.run(
        [sys.executable, str(file)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"HOME": str(tmp_path), "PATH": path},
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == _block("text")


def test_what_clients_are_told_to_start_is_a_command_that_runs(tmp_path):
    server = json.loads(_block("json"))["mcpServers"]["hiercomp"]
    program = Path(sys.executable).parent / server["command"]
    arguments = [str(tmp_path) if argument.startswith("/") else argument for argument in server["args"]]
    request = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
    ran = subprocess.run([program, *arguments], input=request, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["id"] == 1
