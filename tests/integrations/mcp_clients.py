"""Clients of an MCP server over stdio, over HTTP and in the same process, and helpers that read its results."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from mcp import Client, StdioServerParameters

from hiercomp.config import Config
from hiercomp.integrations.mcp import Library, build_server

DATA = Path(__file__).parents[2] / "data"
REPORT, CALL = "tarnholt_2025_annual_report.pdf", "tarnholt_q4_2025_call.md"
QUESTION = "What was the effective tax rate of 2025?"
QUICK = Config(embedding="hashing", model="extractive", cache=False)


def command(folder, *arguments):
    return ["-m", "hiercomp.cli", "mcp", str(folder), "--embedding", "hashing", *arguments]


def environment(folder):
    return {"HIERCOMP_CACHE_DIR": str(folder.parent / "cache"), "XDG_CONFIG_HOME": str(folder.parent), "NO_COLOR": "1"}


def over_stdio(folder, *arguments, reader=("--model", "extractive")):
    return Client(
        StdioServerParameters(
            command=sys.executable, args=command(folder, *reader, *arguments), env=environment(folder), cwd=folder
        )
    )


@asynccontextmanager
async def over_http(folder, *arguments, reader=("--model", "extractive")):
    process = subprocess.Popen(
        [sys.executable, *command(folder, "--http", "--port", "0", *reader, *arguments)],
        env=os.environ | environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = await asyncio.to_thread(process.stderr.readline)
        assert line.startswith("listening on http://127.0.0.1:"), line + process.stderr.read()
        async with Client(line.split()[2]) as client:
            client.url = line.split()[2]
            yield client
    finally:
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.to_thread(process.communicate)
    assert (process.returncode, out, err) == (0, "", "")


@asynccontextmanager
async def in_process(*folders, budget=4000, config=None):
    config = config or QUICK.model_copy(update={"cache": True, "cache_dir": folders[0].parent / "cache"})
    async with Library(folders, config) as library, Client(build_server(library, budget=budget)) as client:
        client.library = library
        yield client


def run(work):
    return asyncio.run(work())


def text_of(result):
    assert not result.is_error, result.content[0].text
    return "\n".join(block.text for block in result.content)


def refusal_of(result):
    assert result.is_error
    return result.content[0].text
