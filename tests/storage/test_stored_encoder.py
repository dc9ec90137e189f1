import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from concurrent_calls import call_at_once

from hiercomp.cancellation import in_thread
from hiercomp.encoders.hashing import Hashing
from hiercomp.monitor import Monitor
from hiercomp.ports import TokenVectors
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import BATCHES, StoredEncoder

TEXTS = [f"The rate of year {year} was {year % 30} percent." for year in range(70)]
BATCH = Hashing(32).max_passages // BATCHES


class Mixed(Hashing):
    """Mixes each word's vector with its neighbours', so that rows have several numbers that a byte rounds."""

    def encode_passages(self, texts):
        mixed = []
        for tokens in super().encode_passages(texts):
            rows = tokens.rows + 0.3 * np.roll(tokens.rows, 1, axis=0) + 0.17 * np.roll(tokens.rows, -1, axis=0)
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            mixed.append(TokenVectors(tokens.vector, tokens.spans, rows.astype(np.float32)))
        return mixed


@pytest.fixture
def monitor():
    """A monitor that counts the texts that the encoder reads."""
    with Monitor().active() as active:
        yield active


def stored(store, encoder=None, progress=None):
    reports = progress if progress is not None else []
    return StoredEncoder(lambda: encoder or Hashing(32), store, lambda done, total: reports.append((done, total)))


def same(first, second):
    """Whether the vectors of texts and of their tokens are the same bit by bit."""
    return len(first) == len(second) and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for one, other in zip(first, second, strict=True)
        for name in ("vector", "spans", "rows")
    )


def test_vectors_are_those_of_the_encoder_in_the_order_of_the_texts():
    encoder = stored(Store.memory())
    # Each word has one number that is not 0, which a byte holds without loss.
    for texts in (TEXTS[:9], TEXTS[8::-1], [TEXTS[0], TEXTS[40], TEXTS[0]]):
        assert same(encoder.encode_passages(texts), Hashing(32).encode_passages(texts))
    assert same([encoder.encode_query("tax rate")], [Hashing(32).encode_query("tax rate")])


def test_a_text_is_encoded_once_and_a_question_each_time(monitor):
    reports = []
    encoder = stored(Store.memory(), progress=reports)
    assert encoder.encode_passages([]) == []
    assert (monitor.encoded, reports) == (0, [])
    encoder.encode_passages([*TEXTS[:40], *TEXTS[:40]])
    assert (monitor.encoded, reports) == (40, [(0, 40), (BATCH, 40)])
    encoder.encode_passages(TEXTS[35:45])
    assert (monitor.encoded, reports[2:]) == (45, [(0, 5)])
    encoder.encode_query(TEXTS[0])
    encoder.encode_query(TEXTS[0])
    assert monitor.encoded == 47


def test_each_run_counts_what_it_had_encoded_and_no_more():
    encoder = stored(Store.memory())
    counts = []
    for texts in (TEXTS[:10], TEXTS[:10], TEXTS[5:15]):
        with Monitor().active() as monitor:
            encoder.encode_passages(texts)
            encoder.encode_query("What was the rate?")
        counts.append((monitor.encoded, monitor.neural_tokens, monitor.encoder))
    # Eight words a text, and four of the question.
    assert counts == [(11, 84, "hashing-32"), (1, 4, "hashing-32"), (6, 44, "hashing-32")]


def test_another_run_reads_from_disk_what_the_first_returned(tmp_path, monitor):
    with Store.open(tmp_path) as store:
        first = stored(store, Mixed(32)).encode_passages(TEXTS[:40])
    with Store.open(tmp_path) as store:
        assert same(stored(store, Mixed(32)).encode_passages(TEXTS[:40]), first)
    assert monitor.encoded == 40
    # A byte for each number loses a little, already in the first run.
    exact = Mixed(32).encode_passages(TEXTS[:40])
    assert not same(first, exact)
    assert (
        min(float((one.rows * other.rows).sum(axis=1).min()) for one, other in zip(first, exact, strict=True)) > 0.999
    )


def test_vectors_of_other_models_are_not_taken(monitor):
    store = Store.memory()
    stored(store).encode_passages(TEXTS[:3])
    other = stored(store, Hashing(64))
    assert same(other.encode_passages(TEXTS[:3]), Hashing(64).encode_passages(TEXTS[:3]))
    assert monitor.encoded == 6


def test_vectors_of_another_length_under_the_same_name_are_made_anew():
    store = Store.memory()
    odd = Hashing(16)
    odd.name = "hashing-32"
    stored(store, odd).encode_passages(TEXTS[:2])
    assert [tokens.vector.shape for tokens in stored(store).encode_passages(TEXTS[:2])] == [(32,), (32,)]


def test_a_question_is_not_stored_as_a_text(monitor):
    encoder = stored(Store.memory())
    encoder.encode_query(TEXTS[0])
    encoder.encode_passages(TEXTS[:1])
    assert monitor.encoded == 2


def test_an_encoder_without_tokens_reads_a_text_once_too(monitor):
    class WithoutTokens(Hashing):
        def encode_passages(self, texts):
            return [TokenVectors.without_tokens(tokens.vector) for tokens in super().encode_passages(texts)]

    encoder = stored(Store.memory(), WithoutTokens(16))
    fresh, kept = encoder.encode_passages(TEXTS[:2]), encoder.encode_passages(TEXTS[:2])
    assert same(fresh, kept)
    assert [tokens.rows.shape for tokens in kept] == [(0, 16), (0, 16)]
    assert monitor.encoded == 2


def test_progress_is_reported_batch_by_batch():
    reports = []
    stored(Store.memory(), progress=reports).encode_passages(TEXTS)
    assert BATCH == 192 // 8
    assert reports == [(0, 70), (BATCH, 70), (2 * BATCH, 70)]


def test_an_encoder_that_may_read_few_passages_reports_each():
    class Slow(Hashing):
        max_passages = 3

    reports = []
    stored(Store.memory(), Slow(16), reports).encode_passages(TEXTS[:3])
    assert reports == [(0, 3), (1, 3), (2, 3)]


@pytest.mark.parametrize("text", ["", "\ud800", "a\x00b"])
def test_any_text_is_stored(text, monitor):
    encoder = stored(Store.memory())
    assert same(encoder.encode_passages([text]), encoder.encode_passages([text]))
    assert monitor.encoded == 1


def test_the_encoder_is_built_when_it_is_needed():
    built = []

    def build():
        built.append(Hashing(32))
        return built[-1]

    encoder = StoredEncoder(build, Store.memory(), lambda done, total: None)
    assert not built
    assert (encoder.name, encoder.dimension, encoder.max_passages) == ("hashing-32", 32, 192)
    assert len(built) == 1


def test_threads_that_need_the_same_texts_at_once_encode_them_once():
    read = []

    class Slow(Hashing):
        def encode_passages(self, texts):
            time.sleep(0.05)
            read.extend(texts)
            return super().encode_passages(texts)

    encoder = stored(Store.memory(), Slow(32))
    first, *others = call_at_once(lambda: encoder.encode_passages(TEXTS))
    assert sorted(read) == sorted(TEXTS)
    assert all(same(first, other) for other in others)


def test_a_thread_that_waits_for_its_turn_ends_when_its_caller_gives_up():
    encoding, release = Event(), Event()

    class Stuck(Hashing):
        def encode_passages(self, texts):
            encoding.set()
            release.wait(10)
            return super().encode_passages(texts)

    encoder = stored(Store.memory(), Stuck(32))

    async def cancel_waiting_call():
        task = asyncio.create_task(in_thread(encoder.encode_passages, TEXTS[:1]))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(encoder.encode_passages, TEXTS[:1])
        encoding.wait(10)
        asyncio.run(cancel_waiting_call())  # the end of the event loop waits for its threads
        assert not first.done()
        release.set()
        assert len(first.result()) == 1
