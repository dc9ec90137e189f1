"""The MCP server, spoken to by the protocol's own client: over stdio, over HTTP, and within the process."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

import httpx
import pytest

from hiercomp import tokenizers
from hiercomp.cli.app import run as command_line
from hiercomp.config import Config
from hiercomp.errors import ConfigError
from hiercomp.loaders import load

pytest.importorskip("mcp")

from mcp import Client, StdioServerParameters

from hiercomp.integrations.mcp import Library, build_server

DATA = Path(__file__).parents[2] / "data"
REPORT, CALL = "tarnholt_2025_annual_report.pdf", "tarnholt_q4_2025_call.md"
QUESTION = "What was the effective tax rate of 2025?"
QUICK = Config(embedding="hashing", model="extractive", cache=False)
TOKENIZER = tokenizers.build(tokenizers.DEFAULT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two documents, one in a folder below, and what must not be read."""
    root = tmp_path_factory.mktemp("served")
    served = root / "served"
    (served / "calls").mkdir(parents=True)
    shutil.copy(DATA / REPORT, served)
    shutil.copy(DATA / CALL, served / "calls")
    (root / "secret.md").write_text("The password of the vault is tangerine.\n", encoding="utf-8")
    (served / ".hidden.md").write_text("The password of the vault is tangerine.\n", encoding="utf-8")
    (served / "link.md").symlink_to(root / "secret.md")
    (served / "outside").symlink_to(root)
    return served


@pytest.fixture(scope="module")
def document(folder):
    return load(folder / REPORT)


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


async def answers_to_web_pages(url):
    """The status codes that the page of another host gets, and one whose host's name was pointed at this machine."""
    body, headers = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, {"Accept": "application/json"}
    async with httpx.AsyncClient() as web:
        return [
            (await web.post(url, json=body, headers=headers | wrong)).status_code
            for wrong in ({"Origin": "http://evil.example"}, {"Host": "evil.example"})
        ]


def text_of(result):
    assert not result.is_error, result.content[0].text
    return "\n".join(block.text for block in result.content)


def refusal_of(result):
    assert result.is_error
    return result.content[0].text


def parts_of(text):
    """The ids under a context, in order."""
    return [word for word in text.rpartition("\n")[2].split() if word.count(":") == 1 and "-" in word]


@pytest.mark.parametrize("connect", [over_stdio, over_http])
def test_each_tool_answers_a_client_in_another_process(connect, folder, document):
    async def work():
        async with connect(folder, "--budget", "600") as client:
            tools = (await client.list_tools()).tools
            listed = await client.call_tool("documents", {})
            context = await client.call_tool("compress", {"path": REPORT, "question": QUESTION})
            answer = await client.call_tool("ask", {"path": REPORT, "question": QUESTION, "budget": 1500})
            outline = await client.call_tool("outline", {"path": REPORT, "budget": 5000})
            first = parts_of(text_of(context))[1]
            around = await client.call_tool("expand", {"part": first, "path": REPORT, "budget": 400})
            wrong = await client.call_tool("compress", {"path": "no-such.pdf"})
            if connect is over_http:
                assert await answers_to_web_pages(client.url) == [403, 421]
            return tools, listed, context, answer, outline, first, around, wrong

    tools, listed, context, answer, outline, first, around, wrong = run(work)
    assert {tool.name for tool in tools} == {"documents", "compress", "ask", "outline", "expand"}
    assert all(tool.annotations.read_only_hint and not tool.annotations.open_world_hint for tool in tools)
    assert not any("  " in tool.description for tool in tools)  # models pay for the indentation of a docstring
    assert [each["path"] for each in listed.structured_content["documents"]] == ["calls/" + CALL, REPORT]

    written = text_of(context)
    assert TOKENIZER.count(written) <= 600
    assert "[2] p. 11 Risk factors" in written
    assert "The effective tax rate was 24.2% in 2025." in written

    sources = answer.structured_content["sources"]
    assert "24.2%" in answer.structured_content["answer"]
    assert text_of(answer).startswith(answer.structured_content["answer"])
    for source in sources:
        page = next(page for page in document.pages if page.number == source["page"])
        assert source["quote"] in page.span.of(document.text)
        assert source["document"] == REPORT
    assert 11 in [source["page"] for source in sources]

    assert text_of(outline).splitlines()[0].startswith(f"{REPORT} · pp. 1-33 · 17,554 tokens · {document.id[:8]}:0-")
    assert "Note 8. Income taxes · p. 27 · " in text_of(outline)

    where, given = (block.text for block in around.content)
    name, p, page, window = where.split()
    assert (name, p, page) == (REPORT, "p.", "11")
    start, end = map(int, window.partition(":")[2].split("-"))
    inner, outer = map(int, first.partition(":")[2].split("-"))
    assert given == document.text[start:end]
    assert start < inner < outer < end
    assert 300 < TOKENIZER.count(f"{where}\n{given}") <= 400
    assert refusal_of(wrong).endswith("there is no document 'no-such.pdf'; the tool documents lists what there is")


def test_stdout_has_nothing_but_the_protocol_and_the_server_ends_with_stdin(folder):
    request = (
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",'
        b'"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n'
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
        b'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"compress","arguments":'
        b'{"path":"calls/%s","question":"tax","budget":300}}}\nno JSON\n' % CALL.encode()
    )
    process = subprocess.Popen(
        [sys.executable, *command(folder)],
        env=os.environ | environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdin.write(request)
    process.stdin.flush()
    lines = [process.stdout.readline() for _ in range(2)]
    out, err = process.communicate()  # which closes stdin
    assert process.returncode == 0, err
    assert all(line.startswith(b'{"jsonrpc":"2.0","id":') for line in lines), lines
    assert all(line.startswith(b'{"jsonrpc":"2.0"') for line in out.splitlines()), out
    assert err == b""


def test_a_part_is_found_by_its_id_alone_in_a_new_process(folder, document):
    async def named():
        async with in_process(folder) as client:
            context = text_of(await client.call_tool("compress", {"path": ".", "question": QUESTION, "budget": 4000}))
            assert {line.split()[2] for line in context.splitlines() if line.startswith("Parts of")} == {
                f"{REPORT}:",
                f"calls/{CALL}:",
            }
            return parts_of(context)

    async def expanded():
        async with in_process(folder) as client:
            return [await client.call_tool("expand", {"part": part, "budget": 500}) for part in parts]

    parts = run(named)
    call = load(folder / "calls" / CALL)
    texts = {document.id[:8]: document.text, call.id[:8]: call.text}
    for part, result in zip(parts, run(expanded), strict=True):
        text_of(result)
        where, given = (block.text for block in result.content)
        digest, _, span = where.partition(";")[0].rpartition(" ")[2].partition(":")
        assert digest == part.partition(":")[0]
        start, end = map(int, span.split("-"))
        assert given == texts[digest][start:end]


def test_a_part_of_a_given_text_is_expanded_in_a_new_process(tmp_path):
    text = (DATA / CALL).read_text(encoding="utf-8")
    config = QUICK.model_copy(update={"cache": True, "cache_dir": tmp_path / "cache"})

    async def named():
        async with in_process(tmp_path, config=config) as client:
            written = text_of(await client.call_tool("compress", {"text": text, "question": QUESTION, "budget": 300}))
            assert TOKENIZER.count(written) <= 300
            return parts_of(written)[0]

    async def expanded():
        async with in_process(tmp_path, config=config) as client:
            return await client.call_tool("expand", {"part": part, "budget": 600})

    part = run(named)
    where, given = (block.text for block in run(expanded).content)
    assert where.startswith(f"text {part.partition(':')[0]}:")
    assert given in text
    assert len(given) > 1000


def test_a_part_that_is_longer_than_the_budget_is_read_on_and_on(folder, document):
    async def work():
        async with in_process(folder) as client:
            rest, texts = f"{document.id[:8]}:49398-51352", []
            while rest:
                where, given = (
                    block.text for block in (await client.call_tool("expand", {"part": rest, "budget": 200})).content
                )
                assert TOKENIZER.count(f"{where}\n{given}") <= 200
                texts.append(given)
                rest = where.partition("; goes on with ")[2]
            return texts

    texts = run(work)
    # From the first line below the page's header; the last of them has room left for what stands around it.
    whole = document.text[document.text.index("Note 8. Income taxes", 49398) : 51352]
    assert len(texts) > 3
    assert "".join(whole.split()).startswith("".join("".join(texts[:-1]).split()))
    assert "".join(whole.split()[-9:]) in "".join(texts[-1].split())


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
        said = ("is outside of the", "addresses are not fetched", "there is no document", "cannot be the name")
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
    assert other.endswith("'a.md' does not begin with one of served, notes, empty")


def test_directories_that_cannot_be_told_apart_or_are_none_are_refused(folder, tmp_path):
    (tmp_path / "served").mkdir()
    with pytest.raises(ConfigError, match="two directories are called 'served'"):
        Library([folder, tmp_path / "served"], QUICK)
    with pytest.raises(ConfigError, match=r"report\.pdf is no directory"):
        Library([folder / REPORT], QUICK)


def test_errors_of_ours_are_told_in_their_line(folder, document):
    calls = [
        ("compress", {"path": REPORT, "budget": 5}, "a budget of 5 tokens is too small"),
        ("compress", {}, "give either the path of a document or a text"),
        ("compress", {"path": REPORT, "text": "t"}, "give either the path of a document or a text"),
        ("compress", {"text": " "}, "the text is blank"),
        ("ask", {"path": REPORT, "question": " "}, "the question is blank"),
        ("outline", {"path": ".", "budget": 9}, "the documents alone do not fit"),
        ("expand", {"part": "nonsense"}, "'nonsense' is no part"),
        ("expand", {"part": f"{document.id[:8]}:9-9"}, "is no part"),
        ("expand", {"part": f"{document.id[:8]}:9-99999999"}, "is no part of what the document holds now"),
        ("expand", {"part": "00000000:9-99"}, "no document here has the part"),
        ("expand", {"part": f"{document.id[:8]}:9-99", "path": f"calls/{CALL}"}, "is no part of what the document"),
        ("expand", {"part": f"{document.id[:8]}:23058-23751", "budget": 9}, "one sentence does not fit"),
    ]

    async def work():
        async with in_process(folder) as client:
            return [refusal_of(await client.call_tool(tool, arguments)) for tool, arguments, _ in calls]

    for line, (tool, _, said) in zip(run(work), calls, strict=True):
        assert line.startswith(f"Error executing tool {tool}: ")
        assert said in line
        assert "\n" not in line


def test_an_outline_that_is_too_long_has_fewer_levels_and_tells_what_all_take(folder):
    async def work():
        async with in_process(folder) as client:
            calls = [{"path": ".", "depth": 2, "budget": budget} for budget in (100_000, 4000, 200)]
            return [text_of(await client.call_tool("outline", call)) for call in calls]

    passages, sections, documents = run(work)
    depths = [
        max(len(line) - len(line.lstrip()) for line in text.splitlines()) // 2
        for text in (passages, sections, documents)
    ]
    assert depths == [2, 1, 0]
    assert documents.splitlines()[2] == f"(depth 2 takes {TOKENIZER.count(passages):,} tokens)"
    assert TOKENIZER.count(documents) <= 200


def test_a_document_that_has_changed_is_read_anew_and_its_old_parts_are_refused(tmp_path):
    file = tmp_path / "report.md"
    file.write_text("The effective tax rate was 14%.\n", encoding="utf-8")

    async def work():
        async with in_process(tmp_path) as client:
            before = text_of(await client.call_tool("compress", {"path": "report.md"}))
            file.write_text("The effective tax rate was 17 percent.\n", encoding="utf-8")
            after = text_of(await client.call_tool("compress", {"path": "report.md"}))
            old = await client.call_tool("expand", {"part": parts_of(before)[0]})
            return before, after, refusal_of(old)

    before, after, old = run(work)
    assert "14%" in before
    assert "17 percent" in after
    assert "is no part of what the document holds now" in old


def test_calls_side_by_side_share_an_index_and_only_some_are_held(tmp_path):
    names = [f"{number}.md" for number in range(20)]
    for number, name in enumerate(names):
        text = f"The effective tax rate of company {number} was {number} percent.\n"
        (tmp_path / name).write_text(text, encoding="utf-8")

    async def work():
        async with in_process(tmp_path) as client:
            calls = [client.call_tool("compress", {"path": name, "question": QUESTION}) for name in names * 4]
            results = await asyncio.gather(*calls)
            return [text_of(result) for result in results], len(client.library._held)

    texts, held = run(work)
    assert held == 8
    for name, text in zip(names * 4, texts, strict=True):
        assert f"company {name.removesuffix('.md')} was" in text


def test_texts_that_are_given_side_by_side_are_each_answered_though_only_some_are_held(tmp_path):
    async def work():
        async with in_process(tmp_path) as client:

            async def ask(number):
                text = f"The rate of company {number} was {number} percent. " + "It rained again that day. " * 300
                return text_of(await client.call_tool("compress", {"text": text, "question": QUESTION, "budget": 80}))

            return [await asyncio.gather(*(ask(number) for number in range(start, start + 20))) for start in (0, 20)]

    for number, text in enumerate(chain.from_iterable(run(work))):
        assert f"company {number} was" in text


@pytest.fixture
def refused(folder, monkeypatch, capsys):
    """Runs the command line with arguments that it refuses: its one line on stderr."""
    for name, value in environment(folder).items():
        monkeypatch.setenv(name, value)

    def told(*arguments):
        assert command_line(["mcp", *map(str, arguments)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        return err.strip()

    return told


def test_only_this_machine_may_connect(folder, refused):
    for host in ("0.0.0.0", "192.168.0.1", "::", "example.org"):
        line = refused(folder, "--http", "--host", host)
        assert line.startswith(f"error: --host {host} is open to others")


def test_a_taken_port_and_a_missing_directory_are_told_in_a_line(folder, refused):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken_port = refused(folder, "--http", "--port", port)
    assert taken_port.startswith(f"error: cannot listen on 127.0.0.1 port {port}")
    assert refused(folder / "none").startswith(f"error: {folder / 'none'} is no directory")
    assert refused() == "error: no directory: name the folders whose documents may be read"
    assert refused(folder, "--config", folder / "none.toml").startswith(f"error: {folder / 'none.toml'}")
