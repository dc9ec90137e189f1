"""The server in its own process, as users run it, and an upstream that records its requests."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "data/tarnholt_2025_annual_report.pdf"
LISTENING = re.compile(r"listening on (http://\S+)")


class Serving:
    """A running server: its address, its process, and the lines that it writes to stderr."""

    def __init__(self, process, address):
        self.process = process
        self.address = address
        self.log = []
        self._reading = threading.Thread(target=lambda: self.log.extend(process.stderr), daemon=True)
        self._reading.start()

    def client(self, **options):
        return httpx.Client(base_url=self.address, timeout=60, **options)

    def metric(self, name, **headers):
        """Return the number in one line of `/metrics`."""
        page = httpx.get(f"{self.address}/metrics", headers=headers, timeout=60).text
        return next((float(line.split()[-1]) for line in page.splitlines() if line.startswith(name + " ")), 0.0)

    def stop(self):
        """Stop the server as a user does (Ctrl-C), and return its log."""
        self.process.send_signal(2)
        self.process.wait(20)
        self._reading.join(5)
        self.process.stderr.close()
        return "".join(self.log)


def environment(folder, **variables):
    """Return an environment with its own cache and without a user's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "HIERCOMP_CACHE_DIR": str(folder / "cache"),
        "PYTHONWARNINGS": "error",
        **variables,
    }


@contextlib.contextmanager
def serving(*arguments, **variables):
    """Run `hiercomp serve` on a free port, with an encoder that needs no model."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hiercomp.cli", "serve", "--port", "0"]
        process = subprocess.Popen(
            [*command, "--embedding", "hashing", *map(str, arguments)],
            cwd=folder,
            env=environment(Path(folder), **{"PYTHONPATH": str(ROOT)} | variables),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        first = process.stderr.readline()
        found = LISTENING.search(first)
        if not found:
            process.wait(20)
            raise AssertionError(first + process.stderr.read())
        server = Serving(process, found[1])
        try:
            yield server
        finally:
            log = server.stop()
        assert "Traceback" not in log, log


class Upstream(ThreadingHTTPServer):
    """An upstream that records requests. The model's name selects the response: `slow`, `broken`, `cut`, or an echo."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answering)
        self.calls = []
        self.left = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


PIECES = [b'data: {"n": 1}\n\n', b": a comment, \xe2\x82\xac\n\n", b'data:{"n":2}\r\n\r\n', b"data: [DONE]\n\n"]


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.calls.append({"path": self.path})
        self._answer(200, b'{"object": "list", "data": []}')

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append({"path": self.path, "headers": dict(self.headers.items()), "body": body})
        call = json.loads(body)
        if call["model"] == "broken":
            self._answer(429, b'{"error": {"message": "slow down"}}', {"Retry-After": "7"})
        elif call["model"] == "slow":
            self._wait_until_disconnected()
        elif call["model"] == "cut":
            self._answer(200, b'{"choices": [', {"Content-Length": "1000"})
            self.close_connection = True
        elif call.get("stream"):
            self._stream()
        else:
            self._answer(200, body)

    def _answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **dict(headers)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in PIECES:
            self.wfile.write(piece)
            self.wfile.flush()

    def _wait_until_disconnected(self):
        self.connection.settimeout(30)
        with contextlib.suppress(ConnectionError):
            if self.connection.recv(1) == b"":
                self.server.left.set()
        self.close_connection = True

    def log_message(self, *arguments):
        """Log nothing."""
