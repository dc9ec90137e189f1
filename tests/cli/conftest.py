"""The fixtures of the command line's tests."""

from threading import Thread

import pytest
from command_line import REPORT, CommandLine, ReaderServer, make_pdf


@pytest.fixture
def hiercomp(tmp_path, monkeypatch):
    """Return the command line in a folder that holds report.md."""
    (tmp_path / "report.md").write_text(REPORT, encoding="utf-8")
    return CommandLine(tmp_path, monkeypatch)


@pytest.fixture
def pdf(hiercomp):
    """Write a PDF of two pages with one section each."""
    return make_pdf(hiercomp.folder / "report.pdf")


@pytest.fixture
def serve():
    """Start reader servers, and stop them at the end of the test."""
    servers = []

    def start(**options):
        server = ReaderServer(**options)
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
