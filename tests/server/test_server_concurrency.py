"""Many requests at a time: none is lost, none gets what belongs to another, and memory stays what it was."""

import asyncio
import random

import httpx
import psutil
from serving import serving

REQUESTS = 200


def _request(number, round_):
    """A request of its own: a text in which one sentence holds what only this request asks for."""
    random_ = random.Random(number * 1_000 + round_)
    words = ["harbour", "crane", "tide", "berth", "steel", "winter", "ship", "master", "rope", "lamp"]
    sentences = [f"The {' '.join(random_.choices(words, k=9))} of day {day}." for day in range(7)]
    marker = f"K{random_.randrange(10**9):09}"
    sentences.insert(random_.randrange(7), f"The code of vault {number} is {marker}.")
    return marker, {"text": " ".join(sentences), "question": f"What is the code of vault {number}?"}


async def _asked(address, round_, document):
    """What each of the requests got, all sent at once."""
    limits = httpx.Limits(max_connections=REQUESTS)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:

        async def ask(number):
            marker, asked = _request(number, round_)
            if number % 10 == 0:  # of a document that others ask about at the same time
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
        assert server.metric("hiercomp_requests_running") == 1  # the one that asks
