"""`--offline` blocks connections to other machines.

The audit hook cannot be removed, so these tests run in new processes.
"""

import subprocess
import sys

import pytest
from command_line import QUESTION

from hiercomp.cli.offline import is_own_machine

PROBE = """
import socket, sys
from hiercomp.cli.offline import forbid_network
from hiercomp.errors import ModelError
forbid_network()
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
    socket.create_connection(("localhost", server.getsockname()[1])).close()
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), 1),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
):
    try:
        attempt()
    except ModelError as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("192.0.2.1", False),
        ("example.org", False),
        ("localhost.example.org", False),
        ("2001:db8::1", False),
    ],
)
def test_only_this_machine_is_its_own(host, own):
    assert is_own_machine(host) is own


def test_only_this_machine_can_be_reached():
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, check=True, timeout=60)
    lines = done.stdout.decode().splitlines()
    assert [line.split(" to connect to ")[1].split(";")[0] for line in lines] == [
        "192.0.2.1",
        "example.org",
        "2001:db8::1",
    ]


def test_a_run_without_a_network_works(hiercomp):
    assert (
        b"21.3 percent"
        in hiercomp.process("ask", "report.md", QUESTION, "--offline", HIERCOMP_EMBEDDING="minilm").stdout
    )


def test_a_server_on_this_machine_still_answers(hiercomp, serve):
    server = serve()
    arguments = ["--offline", "--model", "test-model", "--base-url", server.base_url]
    assert b"21.3 percent" in hiercomp.process("ask", "report.md", QUESTION, *arguments).stdout


def test_a_hosted_reader_is_an_error_that_says_why(hiercomp):
    done = hiercomp.process(
        "ask",
        "report.md",
        QUESTION,
        "--offline",
        "-m",
        "openai/gpt-4o",
        "--retries",
        "0",
        check=5,
        OPENAI_API_KEY="canary",
    )
    assert b"canary" not in done.stderr
    assert done.stdout == b""
