"""The proxy, tested with OpenAI's own client and with an upstream that records its requests."""

import base64
import json
import os
import subprocess
import sys

import httpx
import openai
import pytest
from serving import PIECES, REPORT, ROOT, serving

from hiercomp import models, tokenizers
from hiercomp.llms._llama_cpp import LlamaModel
from hiercomp.loaders import has_ocr

PAGE = (ROOT / "docs/integrations/server.md").read_text(encoding="utf-8")
QUESTION = "What was the effective tax rate in 2025?"
HISTORY = "The harbour has nine cranes. " + "It rained again in Gdansk that day. " * 300
LONG = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": HISTORY},
    {"role": "assistant", "content": "Noted."},
    {"role": "user", "content": "How many cranes does the harbour have?"},
]


def _attached(question=QUESTION, name="report.pdf", data=None):
    data = REPORT.read_bytes() if data is None else data
    file = {"filename": name, "file_data": "data:application/pdf;base64," + base64.b64encode(data).decode()}
    return [{"role": "user", "content": [{"type": "file", "file": file}, {"type": "text", "text": question}]}]


def _post(proxy, body, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **headers}
    return httpx.post(f"{proxy.address}/v1/chat/completions", content=content, headers=headers, timeout=60)


def _said(message):
    content = message["content"]
    return content if isinstance(content, str) else "\n".join(part["text"] for part in content)


def _count(messages):
    return sum(tokenizers.build().count(_said(message)) for message in messages)


def test_what_fits_reaches_the_upstream_byte_for_byte(proxy, upstream):
    body = b'{ "messages":[{"role":"user" , "content":"h\\u00e9, 1.0e3?"}],"model" :"m","x":1.50, "tools":[] }'
    answer = _post(proxy, body, Authorization="Bearer client's own", **{"X-Custom": "kept"})
    assert answer.content == body
    sent = upstream.calls[-1]
    assert sent["body"] == body
    assert sent["path"] == "/v1/chat/completions"
    headers = {name.lower(): value for name, value in sent["headers"].items()}
    assert headers["authorization"] == "Bearer client's own"
    assert headers["x-custom"] == "kept"
    before, after = answer.headers["x-hiercomp-tokens"].split("->")
    assert before == after


def test_what_is_too_long_reaches_the_upstream_within_the_budget(proxy, upstream):
    call = {"model": "m", "messages": LONG, "temperature": 0.5, "metadata": {"a": "b"}}
    answer = _post(proxy, call)
    sent = json.loads(upstream.calls[-1]["body"])
    assert {name: value for name, value in sent.items() if name != "messages"} == {
        name: value for name, value in call.items() if name != "messages"
    }
    assert "nine cranes" in json.dumps(sent["messages"])
    assert sent["messages"][-1] == LONG[-1]
    assert _count(sent["messages"]) <= 400
    before, after = map(int, answer.headers["x-hiercomp-tokens"].split("->"))
    assert after <= 400 < 2000 < before


def test_a_request_has_a_budget_of_its_own(proxy, upstream):
    call = {"model": "m", "messages": LONG}
    small = _post(proxy, call, **{"X-Hiercomp-Budget": "120"})
    assert int(small.headers["x-hiercomp-tokens"].split("->")[1]) <= 120
    for off in ("0", "off", "OFF"):
        passed = _post(proxy, call, **{"X-Hiercomp-Budget": off})
        assert json.loads(passed.content) == call
        assert "x-hiercomp-tokens" not in passed.headers
    assert "x-hiercomp-budget" not in {name.lower() for name in upstream.calls[-1]["headers"]}
    wrong = _post(proxy, call, **{"X-Hiercomp-Budget": "-5"})
    assert wrong.status_code == 400
    assert "-5" in wrong.json()["error"]["message"]


def test_a_budget_that_cannot_be_kept_never_reaches_the_upstream(proxy, upstream):
    calls = len(upstream.calls)
    for messages in (LONG, _attached()):
        refused = _post(proxy, {"model": "m", "messages": messages}, **{"X-Hiercomp-Budget": "5"})
        assert refused.status_code == 422
        assert len(upstream.calls) == calls
        least = str(refused.json()["error"]["least"])
        assert _post(proxy, {"model": "m", "messages": messages}, **{"X-Hiercomp-Budget": least}).status_code == 200
        calls += 1


@pytest.mark.parametrize("budget", [250, 1000, 40_000])
def test_an_attached_document_is_replaced_by_what_the_question_needs_with_its_pages(proxy, upstream, budget):
    answer = _post(proxy, {"model": "m", "messages": _attached()}, **{"X-Hiercomp-Budget": str(budget)})
    before, after = map(int, answer.headers["x-hiercomp-tokens"].split("->"))
    [message] = json.loads(upstream.calls[-1]["body"])["messages"]
    assert [part["type"] for part in message["content"]] == ["text"] * 3
    said = _said(message)
    assert "24.2%" in said
    assert "report.pdf" in said
    assert any(f" p. {page} " in said for page in (6, 11, 13, 15, 27))
    assert said.endswith(QUESTION)
    assert _count([message]) <= after <= budget
    assert before > 17_000
    if budget > before:
        assert "p. 33" in said


def test_a_long_conversation_keeps_its_share_beside_an_attached_document(proxy, upstream):
    messages = [*LONG[:3], *_attached("How many cranes does the harbour have, and what was the effective tax rate?")]
    _post(proxy, {"model": "m", "messages": messages}, **{"X-Hiercomp-Budget": "700"})
    sent = json.loads(upstream.calls[-1]["body"])["messages"]
    assert "nine cranes" in json.dumps(sent)
    assert "24.2%" in json.dumps(sent)
    assert _count(sent) <= 700


def test_an_uploaded_document_is_attached_by_its_id(proxy, upstream):
    with proxy.client() as client, REPORT.open("rb") as file:
        document = client.post("/v1/documents", files={"file": ("report.pdf", file)}).json()["id"]
    parts = [{"type": "file", "file": {"file_id": document}}, {"type": "file", "file": {"file_id": "file-of-theirs"}}]
    call = {"model": "m", "messages": [{"role": "user", "content": [parts[0], {"type": "text", "text": QUESTION}]}]}
    _post(proxy, call)
    [message] = json.loads(upstream.calls[-1]["body"])["messages"]
    assert "24.2%" in json.dumps(message)
    call["messages"][0]["content"].insert(0, parts[1])
    refused = _post(proxy, call)
    assert refused.status_code == 400
    assert "part of type 'file' cannot be counted" in refused.json()["error"]["message"]
    assert json.loads(_post(proxy, call, **{"X-Hiercomp-Budget": "off"}).content) == call


def test_definitions_of_tools_count_and_are_never_shortened(proxy, upstream):
    function = {"name": "crane", "description": "Lifts a container. " * 10, "parameters": {"type": "object"}}
    call = {"model": "m", "messages": LONG, "tools": [{"type": "function", "function": function}] * 4}
    counted = tokenizers.build().count(json.dumps(call["tools"]))
    alone = _post(proxy, {"model": "m", "messages": LONG}).headers["x-hiercomp-tokens"].split("->")[0]
    answer = _post(proxy, call)
    before, after = map(int, answer.headers["x-hiercomp-tokens"].split("->"))
    sent = json.loads(upstream.calls[-1]["body"])
    assert before >= int(alone) + counted
    assert counted + _count(sent["messages"]) <= after <= 400
    assert sent["tools"] == call["tools"]
    assert "nine cranes" in json.dumps(sent["messages"])
    refused = _post(proxy, call, **{"X-Hiercomp-Budget": "150"})
    assert refused.status_code == 422
    assert refused.json()["error"]["least"] > counted
    with_file = call | {"messages": _attached()}
    answer = _post(proxy, with_file, **{"X-Hiercomp-Budget": "700"})
    assert int(answer.headers["x-hiercomp-tokens"].split("->")[1]) <= 700
    assert "24.2%" in json.dumps(json.loads(upstream.calls[-1]["body"])["messages"])


def test_an_attachment_that_cannot_be_read_is_refused(proxy):
    for data, reason in ((b"\x89PNG\r\n\x1a\n", "image"), (b"", "empty"), (b"%PDF-1.7 nothing", "broken.pdf")):
        refused = _post(proxy, {"model": "m", "messages": _attached(name="../broken.pdf", data=data)})
        assert refused.status_code == (501 if reason == "image" and not has_ocr() else 422)
        assert reason in refused.json()["error"]["message"]
    messages = _attached()
    messages[0]["content"][0]["file"]["file_data"] = "data:application/pdf;base64,!!!"
    assert _post(proxy, {"model": "m", "messages": messages}).status_code == 422


def test_a_stream_and_an_error_of_the_upstream_come_through_as_they_are(proxy):
    streamed = _post(proxy, {"model": "m", "messages": LONG, "stream": True})
    assert streamed.content == b"".join(PIECES)
    assert streamed.headers["content-type"] == "text/event-stream"
    broken = _post(proxy, {"model": "broken", "messages": LONG})
    assert broken.status_code == 429
    assert broken.headers["retry-after"] == "7"
    assert broken.json() == {"error": {"message": "slow down"}}


def test_the_upstream_is_left_when_the_client_leaves(proxy, upstream):
    upstream.left.clear()
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{proxy.address}/v1/chat/completions", json={"model": "slow", "messages": LONG[-1:]}, timeout=3)
    assert upstream.left.wait(10)


def test_an_upstream_that_breaks_off_its_answer_is_one_line_in_the_log_and_no_end_for_the_client(upstream):
    with serving("--base-url", upstream.address) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            _post(server, {"model": "cut", "messages": LONG[-1:]})
        server.stop()
    assert len(server.log) == 1
    assert "the upstream broke off its answer (RemoteProtocolError: peer closed connection" in server.log[0]


def test_an_upstream_that_is_silent_too_long_is_said_to_be(upstream):
    with serving("--base-url", upstream.address, "--timeout", 0.5) as server:
        answer = _post(server, {"model": "slow", "messages": LONG[-1:]})
    assert answer.status_code == 502
    assert "was silent for 0.5 seconds; set a longer --timeout" in answer.json()["error"]["message"]


def test_what_needs_no_budget_and_what_an_address_asks_for_are_passed_on(proxy, upstream):
    httpx.get(f"{proxy.address}/v1/models?limit=3&after=%2Fx")
    assert upstream.calls[-1]["path"] == "/v1/models?limit=3&after=%2Fx"
    body = b'{"model": "m",  "input": ["Rain falls."]}'
    assert httpx.post(f"{proxy.address}/v1/embeddings", content=body).content == body
    assert upstream.calls[-1]["path"] == "/v1/embeddings"
    call = {"model": "m", "messages": LONG}
    httpx.post(f"{proxy.address}/v1/chat/completions?api-version=2024-10-21", json=call, timeout=60)
    assert upstream.calls[-1]["path"] == "/v1/chat/completions?api-version=2024-10-21"


def test_the_server_s_token_is_never_sent_to_the_upstream(upstream):
    variables = {"HIERCOMP_SERVER_TOKEN": "of this server", "HIERCOMP_API_KEY": "of the upstream"}
    with serving("--base-url", upstream.address, **variables) as server:
        answer = _post(server, {"model": "m", "messages": LONG[-1:]}, Authorization="Bearer of this server")
        assert answer.status_code == 200
        headers = {name.lower(): value for name, value in upstream.calls[-1]["headers"].items()}
        assert headers["authorization"] == "Bearer of the upstream"


def test_an_upstream_that_is_away_is_said_to_be():
    with serving("--base-url", "http://127.0.0.1:9/v1") as server:
        answer = _post(server, {"model": "m", "messages": LONG[-1:]})
        assert answer.status_code == 502
        assert "http://127.0.0.1:9/v1" in answer.json()["error"]["message"]


def test_a_server_without_an_upstream_says_how_to_give_it_one(client):
    for answer in (
        client.get("/v1/models"),
        client.post("/v1/chat/completions", json={"model": "m", "messages": LONG}),
    ):
        assert answer.status_code == 400
        assert "--base-url" in answer.json()["error"]["message"]


def test_openai_s_client_gains_a_budget_by_its_base_url_as_the_example_shows():
    """The upstream is the packaged local model behind llama.cpp's server."""
    model = LlamaModel(models.assemble("local"), 4096)
    address = model._loaded(4096).listening_address
    example = (ROOT / "examples/openai_proxy.py").read_text(encoding="utf-8")
    with serving("--base-url", f"{address}/v1", "--budget", 250) as server:
        variables = {"OPENAI_BASE_URL": f"{server.address}/v1", "OPENAI_API_KEY": model._key}
        command = [sys.executable, "examples/openai_proxy.py"]
        run = subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        assert f"```python\n{example}```" in PAGE
        assert f"```text\n{run.stdout}```" in PAGE
        client = openai.OpenAI(base_url=f"{server.address}/v1", api_key=model._key, max_retries=0)
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="wrong").models.list()
        assert len(client.models.list().data) == 1
        call = {"model": "local", "messages": LONG[1:], "max_tokens": 16, "temperature": 0}
        with client.chat.completions.create(**call, stream=True, extra_headers={"X-Hiercomp-Budget": "80"}) as stream:
            pieces = [piece.choices[0].delta.content or "" for piece in stream if piece.choices]
        assert "nine" in "".join(pieces).lower() or "9" in "".join(pieces)
        assert len(pieces) > 2
        with pytest.raises(openai.UnprocessableEntityError, match="least that works") as refused:
            client.chat.completions.create(**call, extra_headers={"X-Hiercomp-Budget": "3"})
        assert refused.value.body["least"] > 3
        client.close()
