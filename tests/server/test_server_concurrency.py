"""Many requests at the same time: each gets its own response and its own ledger, and memory does not grow."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
from serving import serving

REQUESTS = 200


def _request(number, round_):
    """Return a marker, and a request. Only the text of this request contains the marker."""
    random_ = random.Random(number * 1_000 + round_)
    words = ["harbour", "crane", "tide", "berth", "steel", "winter", "ship", "master", "rope", "lamp"]
    sentences = [f"The {' '.join(random_.choices(words, k=9))} of day {day}." for day in range(7)]
    marker = f"K{random_.randrange(10**9):09}"
    sentences.insert(random_.randrange(7), f"The code of vault {number} is {marker}.")
    return marker, {"text": " ".join(sentences), "question": f"What is the code of vault {number}?"}


async def _asked(address, round_, document):
    """Send all requests at once. Return the marker and the response of each."""
    limits = httpx.Limits(max_connections=REQUESTS)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:

        async def ask(number):
            marker, asked = _request(number, round_)
            if number % 10 == 0:  # other requests ask about the same document at the same time
                asked = {"documents": [document], "question": f"What is the code of vault {number}?"}
                marker = f"D{number:05}"
            path, budget = ("/v1/ask", 400) if number % 10 in (0, 5) else ("/v1/compress", 1000)
            answer = await client.post(path, json=asked | {"budget": budget})
            answer.raise_for_status()
            return marker, answer.text

        return await asyncio.gather(*map(ask, range(REQUESTS)))


def test_documents_that_are_asked_at_once_are_each_answered_though_only_some_stay_open():
    async def asked(address, ids):
        async with httpx.AsyncClient(base_url=address, timeout=120) as client:
            calls = (client.post("/v1/compress", json={"documents": [each], "question": "Which?"}) for each in ids)
            return await asyncio.gather(*calls)

    with serving("--model", "extractive", "--patience", 120) as server, server.client() as client:
        files = [("vault.txt", f"The code of the vault is V{number:03}.".encode()) for number in range(60)]
        ids = [client.post("/v1/documents", files={"file": file}).json()["id"] for file in files]
        answers = asyncio.run(asked(server.address, 3 * ids))
        assert [answer.status_code for answer in answers] == [200] * 180
        for number, answer in enumerate(answers):
            assert f"V{number % 60:03}" in answer.json()["context"]["text"]


def test_two_hundred_requests_at_once_get_each_its_own_and_memory_stays_flat():
    with serving("--model", "extractive", "--patience", 120) as server, server.client() as client:
        text = "".join(
            f"# Vault {number}\n\nThe code of vault {number} is D{number:05}.\n\n" for number in range(0, REQUESTS, 10)
        )
        document = client.post("/v1/documents", files={"file": ("vaults.md", text.encode())}).json()["id"]
        process = psutil.Process(server.process.pid)
        resident = []
        for round_ in range(3):
            answers = asyncio.run(_asked(server.address, round_, document))
            markers = [marker for marker, _ in answers]
            for marker, text in answers:
                assert marker in text
                assert not [other for other in markers if other != marker and other[0] == "K" and other in text]
            resident.append(process.memory_info().rss)
        assert resident[2] - resident[0] < 20 * 1024**2
        assert server.metric("hiercomp_requests_running") == 1  # the request for the metrics


def test_questions_at_once_over_one_document_do_not_bill_each_other():
    """After indexing, each run encodes only its own question. Growing totals would bill the others' work too."""
    with serving("--model", "extractive", "--patience", 120) as server, server.client() as client:
        text = "".join(f"# Vault {number}\n\nThe code of vault {number} is D{number:05}.\n\n" for number in range(40))
        document = client.post("/v1/documents", files={"file": ("vaults.md", text.encode())}).json()["id"]

        def encoded_by(path, question):
            asked = {"documents": [document], "question": question, "budget": 400}
            answer = client.post(path, json=asked)
            answer.raise_for_status()
            return answer.json()["encoded"]

        encoded_by("/v1/compress", "Which vaults are there?")  # indexes the document
        for path in ("/v1/compress", "/v1/ask"):
            questions = [f"What does {path} say of the code of vault {number}?" for number in range(24)]
            with ThreadPoolExecutor(len(questions)) as threads:
                encoded = list(threads.map(lambda question, path=path: encoded_by(path, question), questions))
            assert encoded == [1] * len(questions)
