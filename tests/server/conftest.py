"""One server, one proxy and one upstream for all tests of this folder."""

import pytest
from serving import REPORT, Upstream, serving


@pytest.fixture(scope="package")
def upstream():
    server = Upstream()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="package")
def server():
    with serving("--model", "extractive", "--max-body", 2_000_000) as started:
        yield started


@pytest.fixture(scope="package")
def proxy(upstream):
    with serving("--base-url", upstream.address, "--budget", 400) as started:
        yield started


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened


@pytest.fixture(scope="package")
def report(server):
    """The id of the uploaded annual report."""
    with server.client() as opened, REPORT.open("rb") as file:
        return opened.post("/v1/documents", files={"file": ("../report.pdf", file)}).json()["id"]
