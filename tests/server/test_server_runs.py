"""The routes `/v1/compress`, `/v1/ask` and `/v1/documents`."""

import json

import jsonschema
from reportlab.pdfgen.canvas import Canvas
from serving import REPORT, ROOT, serving

from hiercomp.loaders import has_ocr

SCHEMA = json.loads((ROOT / "docs/run.schema.json").read_text(encoding="utf-8"))
QUESTION = "What was the effective tax rate in 2025?"
TEXT = "Cranes lift five tons.\n\nThe mayor of Tarn is Ada Berg.\n\n" + "Rain falls in autumn on the hills. " * 40


def _events(response):
    for block in response.text.split("\n\n"):
        if block.strip():
            event, data = block.split("\n")
            yield event.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_a_text_is_compressed_to_the_run_that_the_command_prints(client):
    run = client.post("/v1/compress", json={"text": TEXT, "question": "Who is the mayor?", "budget": 60}).json()
    jsonschema.validate(run, SCHEMA)
    assert "Ada Berg" in run["context"]["text"]
    assert run["context"]["tokens"] <= 60 < run["source_tokens"]


def test_texts_are_compressed_together(client):
    texts = [TEXT, "The harbour master is Jon Vik.", TEXT]
    run = client.post("/v1/compress", json={"texts": texts, "question": "Who is the harbour master?", "budget": 80})
    assert "Jon Vik" in run.json()["context"]["text"]
    assert {part["document"] for part in run.json()["context"]["parts"]} <= {"text 1", "text 2"}


def test_a_text_that_names_a_file_is_a_text(client):
    for text in (str(REPORT), "*.py", "file:///etc/passwd", "http://127.0.0.1/x"):
        assert client.post("/v1/compress", json={"text": text}).json()["context"]["text"] == text


def test_a_document_is_uploaded_asked_and_deleted(client):
    body = b"# Harbour\n\nThe harbour master is Jon Vik.\n\nThe tide is high at noon.\n"
    stored = client.post("/v1/documents", files={"file": ("../../etc/harbour.md", body)})
    assert stored.status_code == 201
    document = stored.json()
    assert document["name"] == "harbour.md"
    assert document["bytes"] == len(body)
    assert client.post("/v1/documents", files={"file": ("again.md", body)}).json() == document
    assert document in client.get("/v1/documents").json()["documents"]
    assert client.get(f"/v1/documents/{document['id']}").json() == document
    question = {"documents": [document["id"]], "question": "Who is the harbour master?"}
    run = client.post("/v1/ask", json=question).json()
    jsonschema.validate(run, SCHEMA)
    assert "Jon Vik" in run["answer"]
    assert run["citations"][0]["document"] == "harbour.md"
    assert client.delete(f"/v1/documents/{document['id']}").status_code == 204
    for gone in (
        client.get(f"/v1/documents/{document['id']}"),
        client.delete(f"/v1/documents/{document['id']}"),
        client.post("/v1/ask", json=question),
    ):
        assert gone.status_code == 404
        assert document["id"] in gone.json()["error"]["message"]


def test_pages_of_a_pdf_are_cited(client, report):
    run = client.post("/v1/ask", json={"documents": [report], "question": QUESTION, "budget": 900}).json()
    assert "24.2%" in run["answer"]
    assert {citation["page"] for citation in run["citations"]} & {11, 15, 27}


def test_an_answer_is_streamed_piece_by_piece_and_then_given_whole(client, report):
    asked = {"documents": [report], "question": QUESTION, "budget": 900}
    response = client.post("/v1/ask", json=asked | {"stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    *pieces, (last, run) = _events(response)
    assert last == "run"
    assert [name for name, _ in pieces] == ["piece"] * len(pieces)
    assert "".join(piece["text"] for _, piece in pieces) == run["answer"]
    assert run["answer"] == client.post("/v1/ask", json=asked).json()["answer"]
    jsonschema.validate(run, SCHEMA)


def test_a_budget_that_is_too_small_names_the_least_that_works(client):
    asked = {"text": TEXT, "question": "Who is the mayor?", "budget": 3}
    for path, more in (("/v1/compress", {}), ("/v1/ask", {}), ("/v1/ask", {"stream": True})):
        refused = client.post(path, json=asked | more)
        assert refused.status_code == 422
        error = refused.json()["error"]
        assert error["code"] == "BudgetError"
        assert client.post(path, json=asked | more | {"budget": error["least"]}).status_code == 200


def test_a_plan_is_searched_for_and_comes_back_with_what_each_need_got(client, report):
    needs = ["Reconciliation of the effective tax rate", "zebras, giraffes, antelopes"]
    asked = {"documents": [report], "question": QUESTION, "budget": 900, "plan": needs}
    compressed = client.post("/v1/compress", json=asked).json()
    answered = client.post("/v1/ask", json=asked).json()
    streamed = list(_events(client.post("/v1/ask", json=asked | {"stream": True})))[-1][1]
    for run in (compressed, answered, streamed):
        jsonschema.validate(run, SCHEMA)
        assert run["plan"]["author"] == "caller"
        question, rate, zebras = run["plan"]["needs"]
        assert [question["text"], rate["text"], zebras["text"]] == [QUESTION, *needs]
        assert (zebras["found"], zebras["tokens"], zebras["marks"]) == (False, 0, [])
        assert rate["found"]
        assert question["tokens"] + rate["tokens"] == sum(part["tokens"] for part in run["context"]["parts"])
    assert client.post("/v1/compress", json=asked | {"plan": None}).json()["plan"]["author"] == "rules"


def test_a_plan_that_is_too_long_or_blank_is_refused(client):
    for plan, reason in (
        ([], "body.plan: List should have at least 1 item"),
        (["a"] * 9, "body.plan: List should have at most 8 items"),
        (["a", " "], "body.plan.1: Value error, the line is blank"),
        (["a" * 1001], "body.plan.0: String should have at most 1000 characters"),
        ("one line", "body.plan: Input should be a valid list"),
        ([3], "body.plan.0: Input should be a valid string"),
    ):
        refused = client.post("/v1/compress", json={"text": "a", "plan": plan})
        assert refused.status_code == 422
        assert reason in refused.json()["error"]["message"]


def test_what_cannot_be_read_is_refused_with_the_reason(client):
    for name, body, reason in (
        ("scan.png", b"\x89PNG\r\n\x1a\n", "image"),
        ("empty.txt", b"", "empty"),
        ("broken.pdf", b"%PDF-1.7 nothing", "broken.pdf"),
        ("\x00/..", b"\x00\x01\x02", "binary"),
    ):
        refused = client.post("/v1/documents", files={"file": (name, body)})
        assert refused.status_code == (501 if reason == "image" and not has_ocr() else 422)
        assert reason in refused.json()["error"]["message"]


def test_a_wrong_request_is_told_what_is_wrong_with_it(client):
    for body, reason in (
        ({}, "exactly one"),
        ({"text": "a", "texts": ["b"]}, "exactly one"),
        ({"text": "a", "budget": 0}, "body.budget: Input should be greater than or equal to 1; body.budget: "),
        ({"text": "a", "badget": 10}, "badget"),
        ({"documents": ["../../etc/passwd"]}, "documents"),
    ):
        refused = client.post("/v1/compress", json=body)
        assert refused.status_code == 422
        assert reason in refused.json()["error"]["message"]
    half = client.post("/v1/compress", content=b'{"text": "\\ud800"}', headers={"Content-Type": "application/json"})
    assert half.status_code == 422
    assert "surrogate" in half.json()["error"]["message"]
    blank = client.post("/v1/ask", json={"text": "a", "question": " "})
    assert blank.status_code == 400


def test_an_encrypted_document_is_refused_unless_the_server_has_its_password(client, tmp_path):
    path = tmp_path / "closed.pdf"
    canvas = Canvas(str(path), encrypt="sesame")
    canvas.drawString(50, 700, "The harbour master of the northern port is Jon Vik.")
    canvas.save()
    refused = client.post("/v1/documents", files={"file": (path.name, path.read_bytes())})
    assert refused.status_code == 422
    assert "HIERCOMP_PASSWORD" in refused.json()["error"]["message"]
    with serving("--model", "extractive", HIERCOMP_PASSWORD="sesame") as knowing, knowing.client() as opened:
        assert opened.post("/v1/documents", files={"file": (path.name, path.read_bytes())}).json()["pages"] == 1
