"""A test document, a fake reader server, and the command line with its own environment."""

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, TextIOWrapper
from unittest.mock import patch as patching

from hiercomp.cli.app import run

REPORT = """# Annual report of Tarnholt

Tarnholt builds harbour cranes in Oslo and Gdansk. The company was founded in 1931.

## Results

Revenue rose to 412.7 million euros in 2025, from 389.2 million euros in 2024.
Net income was 31.4 million euros in 2025. The effective tax rate was 21.3 percent in 2025 and 24.8 percent in 2024.
The change of the tax rate comes from a deduction for research in Norway.

## Risks

The price of steel is the largest risk. A strike in Gdansk stopped deliveries for nine days in March 2025.
The company hedges half of its steel for twelve months.

## People

At the end of 2025 the company had 2,114 employees, of whom 618 worked in Oslo.
The chief executive is Ingrid Solheim. She took office in May 2021.
"""
QUESTION = "What was the effective tax rate in 2025?"


class CommandLine:
    """The command `hiercomp` in its own folder, with its own cache, and without a user's settings.

    `environment_after` is the environment that the last call left behind.
    """

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self._monkeypatch = monkeypatch
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ}
        self.environment = kept | {
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home/config"),
            "HIERCOMP_CACHE_DIR": str(folder / "cache"),
            "HIERCOMP_MODEL": "extractive",
            "HIERCOMP_EMBEDDING": "hashing",
            "PYTHONWARNINGS": "error",
            "TERM": "xterm-256color",
        }
        self.environment_after = {}

    def __call__(self, *arguments, stdin=b"", check=0, **environment):
        """Run a command inside this process, which has loaded the libraries already, and check the exit code."""
        streams = {name: TextIOWrapper(BytesIO(), encoding="utf-8", newline="\n") for name in ("stdout", "stderr")}
        variables = patching.dict(os.environ, self.environment | environment, clear=True)
        with variables, self._monkeypatch.context() as patch:
            patch.chdir(self.folder)
            patch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin)))
            for name, stream in streams.items():
                patch.setattr(f"sys.{name}", stream)
            code = run(list(map(str, arguments)))
            self.environment_after = dict(os.environ)
        out, err = (stream.buffer.getvalue() for stream in streams.values() if stream.flush() is None)
        assert check is None or code == check, err.decode()
        return subprocess.CompletedProcess(arguments, code, out, err)

    def process(self, *arguments, check=0, **environment):
        """Run a command in a new process, as a user does."""
        done = subprocess.run(
            self.arguments(*arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self.folder,
            env=self.environment | environment,
            timeout=120,
        )
        assert check is None or done.returncode == check, done.stderr.decode()
        return done

    def start(self, *arguments):
        """Start a command in a new process, and do not wait for it."""
        return subprocess.Popen(
            self.arguments(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def arguments(self, *arguments):
        """Return the command line of a new process."""
        return [sys.executable, "-m", "hiercomp.cli", *map(str, arguments)]


def make_pdf(path, *, password=None):
    """Write the report as a PDF. The results are on page 1 and the risks on page 2."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4, encrypt=password, invariant=True)
    for page in (REPORT[: REPORT.index("## Risks")], REPORT[REPORT.index("## Risks") :]):
        text = canvas.beginText(50, 780)
        for line in page.splitlines():
            text.textLine(line.lstrip("# "))
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


class ReaderServer(ThreadingHTTPServer):
    """An OpenAI-compatible server that answers with fixed pieces, pauses before each, and records the requests."""

    daemon_threads = True

    def __init__(self, pieces=("The rate was ", "21.3 percent [1]."), pause=0.0, status=200):
        super().__init__(("127.0.0.1", 0), _ReaderHandler)
        self.pieces, self.pause, self.status = pieces, pause, status
        self.requests = []

    def handle_error(self, request, client_address):
        """Pass over a client that has left: its test interrupts the command, and later tests read stderr."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def base_url(self):
        """The address of the server."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _ReaderHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        self.send_response(200)
        streamed = body.get("stream", False)
        self.send_header("Content-Type", "text/event-stream" if streamed else "application/json")
        self.end_headers()
        if not streamed:
            message = {"role": "assistant", "content": "".join(self.server.pieces)}
            self._send({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}, "chat.completion")
            return
        for piece in self.server.pieces:
            time.sleep(self.server.pause)
            self.wfile.write(b"data: ")
            choice = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
            self._send({"choices": [choice]}, "chat.completion.chunk", end=b"\n\n")
        self.wfile.write(b"data: ")
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        self._send({"choices": [last]}, "chat.completion.chunk", end=b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, content, kind, end=b""):
        answer = {"id": "1", "object": kind, "created": 1, "model": "test-model", **content}
        self.wfile.write(json.dumps(answer).encode() + end)
        self.wfile.flush()

    def log_message(self, *arguments):
        """Log nothing."""
