"""The limits of the server: token, host name, body size, concurrency, and cancellation on disconnect."""

import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from serving import ROOT, environment, serving

LONG = " ".join(
    f"Crane {number * 7919 % 10_007} is at berth {number}, says sentence {number}." for number in range(25_000)
)
"""A text that takes seconds to compress."""
TOKEN = {"Authorization": "Bearer open sesame"}


def test_only_who_shows_the_token_is_served():
    with serving("--model", "extractive", HIERCOMP_SERVER_TOKEN="open sesame") as server, server.client() as client:
        assert client.get("/healthz").json()["status"] == "ok"
        for headers in ({}, {"Authorization": "Bearer open"}, {"Authorization": "Bearer ünsame".encode()}):
            for path in ("/v1/documents", "/metrics", "/v1/models"):
                refused = client.get(path, headers=headers)
                assert refused.status_code == 401
                assert refused.headers["www-authenticate"] == "Bearer"
                assert refused.json()["error"]["type"] == "authentication_error"
        assert client.get("/v1/documents", headers=TOKEN).json() == {"documents": []}
        assert server.metric('hiercomp_requests_total{path="other",status="401"}', **TOKEN) == 9
        assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 200


def test_a_page_in_a_browser_cannot_reach_the_server_under_another_name(client):
    for host in ("evil.example", "evil.example:8000", "localhost.evil.example", "", "127.0.0.1:x"):
        refused = client.get("/v1/documents", headers={"Host": host})
        assert refused.status_code == 400
        assert "the server is called localhost" in refused.json()["error"]["message"]
    for host in ("localhost:8000", "LOCALHOST", "127.0.0.1", "[::1]:8000"):
        assert client.get("/v1/documents", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
def test_other_machines_are_not_let_in_without_a_token(host, tmp_path):
    command = [sys.executable, "-m", "hiercomp.cli", "serve", "--host", host]
    run = subprocess.run(command, env=environment(tmp_path, PYTHONPATH=str(ROOT)), capture_output=True, text=True)
    assert run.returncode == 2
    assert "HIERCOMP_SERVER_TOKEN" in run.stderr


def test_a_port_that_is_taken_is_said_to_be(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "hiercomp.cli", "serve", "--port", port]
        run = subprocess.run(command, env=environment(tmp_path, PYTHONPATH=str(ROOT)), capture_output=True, text=True)
    assert run.returncode == 2
    assert f"port {port}" in run.stderr
    assert "--port" in run.stderr


def test_a_body_that_is_too_large_is_refused_whether_its_size_is_told_or_not(client):
    large = b'{"text": "' + b"a" * 2_100_000 + b'"}'
    pieces = (large[start : start + 100_000] for start in range(0, len(large), 100_000))
    for content in (large, pieces):
        refused = client.post("/v1/compress", content=content, headers={"Content-Type": "application/json"})
        assert refused.status_code == 413
        assert refused.json()["error"]["type"] == "request_too_large"
    assert client.post("/v1/documents", files={"file": ("a.txt", large)}).status_code == 413


def test_a_client_that_does_not_send_all_of_its_request_gives_its_turn_back():
    with serving("--model", "extractive", "--timeout", "0.5", "--concurrency", "1") as server:
        host, port = server.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(b"POST /v1/compress HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{")
            assert client.recv(1000).startswith(b"HTTP/1.1 408 ")
            assert httpx.post(f"{server.address}/v1/compress", json={"text": "Rain falls."}).status_code == 200


def test_what_waits_too_long_for_its_turn_is_told_to_come_again():
    options = ("--model", "extractive", "--concurrency", "1", "--patience", "0.3")
    with serving(*options) as server, ThreadPoolExecutor() as threads:
        running = threads.submit(httpx.post, f"{server.address}/v1/compress", json={"text": LONG[:500_000]}, timeout=60)
        _wait_until(lambda: server.metric("hiercomp_requests_running") >= 2)
        refused = httpx.get(f"{server.address}/v1/documents")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert httpx.get(f"{server.address}/healthz").status_code == 200
        assert running.result().status_code == 200
        assert httpx.get(f"{server.address}/v1/documents").status_code == 200


@pytest.mark.timing
@pytest.mark.parametrize("more", [{}, {"stream": True}], ids=["whole", "streamed"])
def test_work_ends_when_its_client_leaves(server, more):
    asked = {"text": LONG, "question": f"Which crane is at berth 777? {more}"} | more
    left = 'hiercomp_requests_total{path="/v1/ask",status="left"}'
    before = server.metric(left)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{server.address}/v1/ask", json=asked, timeout=0.5)
    _wait_until(lambda: server.metric(left) == before + 1)
    # The step that runs at this moment, reading the text, takes up to 2 seconds. The whole work would take 5.
    _wait_until(lambda: _cpu_seconds(server, during=0.5) < 0.3, seconds=4)


def test_an_interrupt_ends_the_server_quietly():
    with serving("--model", "extractive") as server:
        httpx.get(f"{server.address}/healthz")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        assert server.log == []


def test_calls_that_the_server_s_end_cuts_short_are_one_line_in_its_log(upstream):
    call = {"model": "slow", "messages": [{"role": "user", "content": "Who is there?"}]}
    with serving("--base-url", upstream.address) as server, ThreadPoolExecutor() as threads:
        running = threads.submit(httpx.post, f"{server.address}/v1/chat/completions", json=call, timeout=60)
        _wait_until(lambda: server.metric("hiercomp_requests_running") >= 2)
        server.stop()
        assert running.result().status_code == 500
        assert len(server.log) == 1
        assert "Cancel 1 running task(s)" in server.log[0]


def _cpu_seconds(server, during):
    before = server.metric("process_cpu_seconds_total")
    time.sleep(during)
    return server.metric("process_cpu_seconds_total") - before


def _wait_until(reached, seconds=20):
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.02)
