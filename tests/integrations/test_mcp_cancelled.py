"""A client cancels a call of the MCP server: the work stops, over both transports."""

import asyncio
import itertools
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from integrations.mcp_clients import CALL, DATA, over_http, over_stdio


class EndlessReader(ThreadingHTTPServer):
    """An OpenAI-compatible server whose answer ends when its client disconnects, or after a minute."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Endless)
        self.started, self.left = Event(), Event()

    def handle_error(self, request, client_address):
        """Record that the client has disconnected."""
        self.left.set()


class _Endless(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        end = time.monotonic() + 60
        for number in itertools.count():
            delta = {"role": "assistant", "content": f"Revenue rose {number} times. "}
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            piece = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(b"data: " + json.dumps(piece).encode() + b"\n\n")
            self.wfile.flush()
            self.server.started.set()
            time.sleep(0.02)
            if time.monotonic() > end:
                return

    def log_message(self, *arguments):
        """Log nothing."""


@pytest.fixture
def reader():
    with EndlessReader() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("connect", [over_stdio, over_http])
def test_a_call_that_its_client_gives_up_stops_reading_the_answer(connect, reader, tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / CALL).write_bytes((DATA / CALL).read_bytes())
    model = ("--model", "m", "--base-url", f"http://127.0.0.1:{reader.server_port}/v1")

    async def work():
        async with connect(folder, reader=model) as client:
            asking = asyncio.create_task(client.call_tool("ask", {"path": CALL, "question": "Why did revenue rise?"}))
            assert await asyncio.to_thread(reader.started.wait, 30)
            assert not reader.left.is_set()
            asking.cancel()
            assert await asyncio.to_thread(reader.left.wait, 5)
            # The server still works: the next call is answered.
            context = await client.call_tool("compress", {"path": CALL, "question": "Why did revenue rise?"})
            assert not context.is_error
            return asking

    assert asyncio.run(work()).cancelled()
