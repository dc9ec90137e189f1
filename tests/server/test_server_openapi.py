"""The OpenAPI description, and the responses to generated requests, valid and invalid."""

import subprocess
import sys

import pytest

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


# The server without an upstream gets all requests except the proxy's. The server with one gets the proxy's.
@pytest.mark.parametrize(
    ("started", "chosen"),
    [("server", ("--exclude-tag", "proxy")), ("proxy", ("--include-path", "/v1/chat/completions"))],
)
def test_generated_requests_never_break_the_server(started, chosen, request, tmp_path):
    address = request.getfixturevalue(started).address
    options = ["--max-examples", "5", "--seed", "7", "--phases", "coverage,fuzzing", "--checks", ",".join(CHECKS)]
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", *options, *chosen]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 generated" not in run.stdout


def test_every_route_says_what_it_takes_and_gives(client):
    description = client.get("/openapi.json").json()
    assert set(description["paths"]) == {
        "/v1/compress", "/v1/ask", "/v1/documents", "/v1/documents/{document_id}", "/v1/chat/completions", "/v1/models",
        "/v1/embeddings", "/healthz", "/metrics",
    }  # fmt: skip
    for path, methods in description["paths"].items():
        for route in methods.values():
            assert route["description"]
            if path.startswith("/v1"):
                refusals = [answer for status, answer in route["responses"].items() if status[0] in "45"]
                schemas = {refusal["content"]["application/json"]["schema"]["$ref"] for refusal in refusals}
                assert schemas == {"#/components/schemas/ErrorResponse"}


def test_a_plan_is_described_with_its_limits(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for request in ("CompressRequest", "AskRequest"):
        plan = schemas[request]["properties"]["plan"]
        assert plan["anyOf"][0] == {
            "type": "array", "minItems": 1, "maxItems": 8, "items": {"type": "string", "maxLength": 1000},
        }  # fmt: skip
        assert "in the words that a document would use" in plan["description"]
    assert {"text", "tokens", "marks", "found", "probability"} <= set(schemas["Need"]["properties"])
