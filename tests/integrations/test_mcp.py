"""The tools of the MCP server, called by the official client: over stdio, over HTTP, and in the same process."""

import asyncio
import os
import subprocess
import sys
from itertools import chain

import httpx
import pytest
from integrations.mcp_clients import (
    CALL,
    DATA,
    QUESTION,
    QUICK,
    REPORT,
    command,
    environment,
    in_process,
    over_http,
    over_stdio,
    refusal_of,
    run,
    text_of,
)

from hiercomp import tokenizers
from hiercomp.loaders import load
from hiercomp.types import Document

TOKENIZER = tokenizers.build(tokenizers.DEFAULT)


async def answers_to_web_pages(url):
    """The status codes for a page of another host, and for a host name that was pointed at this machine."""
    body, headers = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, {"Accept": "application/json"}
    async with httpx.AsyncClient() as web:
        return [
            (await web.post(url, json=body, headers=headers | wrong)).status_code
            for wrong in ({"Origin": "http://evil.example"}, {"Host": "evil.example"})
        ]


def parts_of(text):
    """The part ids below a context, in order."""
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
    assert not any("  " in tool.description for tool in tools)  # indentation would cost tokens
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

    assert text_of(outline).splitlines()[0].startswith(f"{REPORT} · pp. 1-33 · 17,625 tokens · {document.id[:8]}:0-")
    assert "Note 8. Income taxes · p. 27 · " in text_of(outline)

    where, given = (block.text for block in around.content)
    name, p, page, window = where.split()
    assert (name, p, page) == (REPORT, "p.", "11")
    start, end = map(int, window.partition(":")[2].split("-"))
    inner, outer = map(int, first.partition(":")[2].split("-"))
    assert given == document.text[start:end]
    assert start < inner < outer < end
    assert 300 < TOKENIZER.count(f"{where}\n{given}") <= 400
    assert refusal_of(wrong).endswith("there is no document 'no-such.pdf'; the tool documents lists the documents")


def test_the_calling_model_is_asked_for_the_needs_and_told_what_was_not_found(folder):
    needs = ["Reconciliation of the effective tax rate: federal statutory rate", "zebras, giraffes, antelopes"]
    line = f"Nothing was found about: {needs[1]}."

    async def work():
        async with in_process(folder) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            call = {"path": REPORT, "question": QUESTION, "needs": needs}
            contexts = [
                text_of(await client.call_tool("compress", call | {"budget": budget})) for budget in (150, 400, 4000)
            ]
            answer = await client.call_tool("ask", call | {"budget": 1500})
            plain = text_of(await client.call_tool("compress", {"path": REPORT, "question": QUESTION, "budget": 400}))
            wrong = [
                refusal_of(await client.call_tool("compress", call | {"needs": lines}))
                for lines in ([], [" "], ["a"] * 9, ["a" * 1001])
            ]
            return tools, contexts, answer, plain, wrong

    tools, contexts, answer, plain, wrong = run(work)
    for name in ("compress", "ask"):
        assert "Write `needs`: what you would look for" in tools[name].description
        described = tools[name].input_schema["properties"]["needs"]["description"]
        assert "1 to 4 lines" in described
        assert "Consolidated balance sheets: total current assets" in described
    for written, budget in zip(contexts, (150, 400, 4000), strict=True):
        assert written.splitlines()[-2] == line
        assert TOKENIZER.count(written) <= budget
        assert parts_of(written)
    assert "Tax at the federal statutory rate" in contexts[1]
    assert "Nothing was found" not in plain
    assert answer.structured_content["not_found"] == [needs[1]]
    assert text_of(answer).splitlines()[-1] == line
    assert all(wrong)


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
    out, err = process.communicate()  # closes stdin
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
    start = document.text.index("Note 8. Income taxes\n")
    end = start + 1950

    async def work():
        async with in_process(folder) as client:
            rest, texts = f"{document.id[:8]}:{start}-{end}", []
            while rest:
                where, given = (
                    block.text for block in (await client.call_tool("expand", {"part": rest, "budget": 200})).content
                )
                assert TOKENIZER.count(f"{where}\n{given}") <= 200
                texts.append(given)
                rest = where.partition("; continues with ")[2]
            return texts

    texts = run(work)
    # The text starts below the page's header. The last window has room for text after the part.
    whole = document.text[start:end]
    assert len(texts) > 3
    assert "".join(whole.split()).startswith("".join("".join(texts[:-1]).split()))
    assert "".join(whole.split()[-9:]) in "".join(texts[-1].split())


def test_errors_of_ours_are_told_in_their_line(folder, document):
    calls = [
        ("compress", {"path": REPORT, "budget": 5}, "a budget of 5 tokens is too small"),
        ("compress", {}, "give either the path of a document or a text"),
        ("compress", {"path": REPORT, "text": "t"}, "give either the path of a document or a text"),
        ("compress", {"text": " "}, "the text is blank"),
        ("ask", {"path": REPORT, "question": " "}, "the question is blank"),
        ("outline", {"path": ".", "budget": 9}, "the documents alone do not fit"),
        ("expand", {"part": "nonsense"}, "'nonsense' is not a part id"),
        ("expand", {"part": f"{document.id[:8]}:9-9"}, "is not a part id"),
        ("expand", {"part": f"{document.id[:8]}:9-99999999"}, "the document has no part"),
        ("expand", {"part": "00000000:9-99"}, "no document has the part"),
        ("expand", {"part": f"{document.id[:8]}:9-99", "path": f"calls/{CALL}"}, "the document has no part"),
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
    assert "the document has no part" in old


def test_calls_side_by_side_share_an_index_and_only_some_are_held(tmp_path):
    names = [f"{number}.md" for number in range(20)]
    for number, name in enumerate(names):
        text = f"The effective tax rate of company {number} was {number} percent.\n"
        (tmp_path / name).write_text(text, encoding="utf-8")

    async def work():
        async with in_process(tmp_path) as client:
            calls = [client.call_tool("compress", {"path": name, "question": QUESTION}) for name in names * 4]
            results = await asyncio.gather(*calls)
            return [text_of(result) for result in results], len(client.library._open)

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


def test_a_bad_document_of_a_folder_is_skipped_and_named(tmp_path):
    (tmp_path / "crane.txt").write_text("The crane lifts nine containers an hour.\n")
    (tmp_path / "blank.txt").write_text(" \n")
    line = "blank.txt was skipped: the file holds no text, only white space"

    async def work():
        async with in_process(tmp_path) as client:
            call = {"path": ".", "question": "How many containers does the crane lift?"}
            context = text_of(await client.call_tool("compress", call | {"budget": 120}))
            answer = await client.call_tool("ask", call | {"budget": 1000})
            outline = text_of(await client.call_tool("outline", {"path": "."}))
            return context, answer, outline

    context, answer, outline = run(work)
    assert "nine containers" in context
    assert line in context.splitlines()
    assert TOKENIZER.count(context) <= 120
    assert answer.structured_content["not_read"] == [line]
    assert line in outline.splitlines()


def test_an_attachment_is_a_part_of_its_file(tmp_path, monkeypatch):
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails/offer.txt").write_text("An offer.\n")
    inner = Document("The crane lifts nine containers an hour.\n" * 3, "crane.txt", "")
    mail = Document("Please find our offer.\n", "offer.txt", "Offer", attachments=(inner,))
    monkeypatch.setattr("hiercomp.loaders.load", lambda path, **options: mail)

    async def work():
        async with in_process(tmp_path) as client:
            call = {"path": "mails/offer.txt", "question": "How many containers does the crane lift?", "budget": 200}
            context = text_of(await client.call_tool("compress", call))
            part = parts_of(context)[0]
            return context, text_of(await client.call_tool("expand", {"part": part}))

    context, around = run(work)
    assert "Parts of mails/offer.txt › crane.txt:" in context
    assert around.startswith("mails/offer.txt › crane.txt ")
