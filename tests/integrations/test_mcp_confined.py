"""The files that an MCP server may read, and the clients that may connect to it."""

import socket

import pytest
from integrations.mcp_clients import (
    CALL,
    DATA,
    QUESTION,
    QUICK,
    REPORT,
    environment,
    in_process,
    refusal_of,
    run,
    text_of,
)

from hiercomp.cli.app import run as command_line
from hiercomp.errors import ConfigError
from hiercomp.integrations.mcp import Library

ELSEWHERE = (
    "../secret.md", "calls/../../secret.md", f"calls/../{REPORT}", "link.md", "outside/secret.md", ".hidden.md",
    "/etc/hostname", "{root}/secret.md", "~/secret.md", "file:///etc/hostname", "file:/etc/hostname",
    "http://127.0.0.1:1/secret.md", "HTTPS://example.org/report.pdf", "data:text/plain,secret", "secret\0.md",
    "s" * 5000, "no/such.md",
)  # fmt: skip


@pytest.mark.parametrize("tool", ["compress", "ask", "outline", "expand"])
def test_what_is_not_below_the_directories_is_refused_in_one_line(tool, folder):
    more = {"ask": {"question": QUESTION}, "expand": {"part": "9f2c1a7b:1-2"}}.get(tool, {})
    paths = [path.replace("{root}", str(folder.parent)) for path in ELSEWHERE]

    async def work():
        async with in_process(folder) as client:
            return [refusal_of(await client.call_tool(tool, {"path": path, **more})) for path in paths]

    for path, line in zip(paths, run(work), strict=True):
        said = ("is outside of this server", "does not fetch URLs", "there is no document", "cannot be the name")
        assert any(reason in line for reason in said), path
        assert "\n" not in line
        assert len(line) < 400
        assert "tangerine" not in line


def test_nothing_outside_is_listed_and_absolute_paths_inside_are_understood(folder):
    async def work():
        async with in_process(folder) as client:
            listed = (await client.call_tool("documents", {})).structured_content
            outline = await client.call_tool("outline", {"path": str(folder / REPORT), "depth": 0})
            everything = await client.call_tool("outline", {"path": ".", "depth": 0})
            return listed, text_of(outline), text_of(everything)

    listed, outline, everything = run(work)
    assert listed == {
        "documents": [
            {"path": f"calls/{CALL}", "bytes": (DATA / CALL).stat().st_size},
            {"path": REPORT, "bytes": (DATA / REPORT).stat().st_size},
        ],
        "more": 0,
    }
    assert outline.startswith(REPORT)
    assert [line.split(" ")[0] for line in everything.splitlines()] == [f"calls/{CALL}", REPORT]


def test_documents_of_several_directories_are_led_by_their_names(folder, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("The effective tax rate was 3%.\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()

    async def work():
        async with in_process(folder, tmp_path / "notes", tmp_path / "empty") as client:
            listed = (await client.call_tool("documents", {})).structured_content["documents"]
            found = await client.call_tool("compress", {"path": "notes/a.md", "question": QUESTION})
            empty = await client.call_tool("compress", {"path": "empty"})
            other = await client.call_tool("compress", {"path": "a.md"})
            return [each["path"] for each in listed], text_of(found), refusal_of(empty), refusal_of(other)

    listed, found, empty, other = run(work)
    assert listed == [f"served/calls/{CALL}", f"served/{REPORT}", "notes/a.md"]
    assert "rate was 3%" in found
    assert empty.endswith("there is no document in 'empty'")
    assert other.endswith("'a.md' must start with a directory: served, notes, empty")


def test_directories_that_cannot_be_told_apart_or_are_none_are_refused(folder, tmp_path):
    (tmp_path / "served").mkdir()
    with pytest.raises(ConfigError, match="two directories are called 'served'"):
        Library([folder, tmp_path / "served"], QUICK)
    with pytest.raises(ConfigError, match=r"report\.pdf is not a directory"):
        Library([folder / REPORT], QUICK)


@pytest.fixture
def refused(folder, monkeypatch, capsys):
    """Run the command line with arguments that it refuses, and return its line on stderr."""
    for name, value in environment(folder).items():
        monkeypatch.setenv(name, value)

    def refusal(*arguments):
        assert command_line(["mcp", *map(str, arguments)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        return err.strip()

    return refusal


def test_only_this_machine_may_connect(folder, refused):
    for host in ("0.0.0.0", "192.168.0.1", "::", "example.org"):
        line = refused(folder, "--http", "--host", host)
        assert line.startswith(f"error: --host {host} is open to others")


def test_a_taken_port_and_a_missing_directory_are_told_in_a_line(folder, refused):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken_port = refused(folder, "--http", "--port", port)
    assert taken_port.startswith(f"error: cannot listen on 127.0.0.1 port {port}")
    assert refused(folder / "none").startswith(f"error: {folder / 'none'} is not a directory")
    assert refused() == "error: no directory: name the folders whose documents may be read"
    assert refused(folder, "--config", folder / "none.toml").startswith(f"error: {folder / 'none.toml'}")
