import numpy as np
import pytest

from hiercomp.encoders.hashing import Hashing
from hiercomp.ports import TokenVectors
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import REPORTS, StoredEncoder

TEXTS = [f"The rate of year {year} was {year % 30} percent." for year in range(70)]


def stored(store, dimension=32, progress=None):
    heard = progress if progress is not None else []
    return StoredEncoder(lambda: Hashing(dimension), store, lambda done, total: heard.append((done, total)))


BATCH = Hashing(32).passages // REPORTS


def test_vectors_are_those_of_the_encoder_in_the_order_of_the_texts():
    encoder = stored(Store.memory())
    assert np.array_equal(encoder.encode_passages(TEXTS), Hashing(32).encode_passages(TEXTS))
    assert np.array_equal(encoder.encode_passages(TEXTS[::-1]), Hashing(32).encode_passages(TEXTS[::-1]))
    assert np.array_equal(encoder.encode_query("rate"), Hashing(32).encode_query("rate"))


def test_a_text_is_encoded_once_and_a_question_each_time():
    encoder = stored(Store.memory())
    encoder.encode_passages([*TEXTS[:10], *TEXTS[:10], TEXTS[0]])
    assert encoder.encoded == 10
    encoder.encode_passages(TEXTS[5:15])
    assert encoder.encoded == 15
    encoder.encode_query(TEXTS[0])
    encoder.encode_query(TEXTS[0])
    assert encoder.encoded == 17


def test_another_run_finds_what_was_kept(tmp_path):
    with Store.open(tmp_path) as store:
        first = stored(store).encode_passages(TEXTS)
    with Store.open(tmp_path) as store:
        encoder = stored(store)
        assert np.array_equal(encoder.encode_passages(TEXTS), first)
        assert encoder.encoded == 0


def test_vectors_of_other_models_are_not_taken():
    store = Store.memory()
    stored(store, 32).encode_passages(TEXTS[:3])
    other = stored(store, 64)
    assert other.encode_passages(TEXTS[:3]).shape == (3, 64)
    assert other.encoded == 3


def test_a_vector_of_another_length_under_the_same_name_is_made_anew():
    store = Store.memory()
    odd = Hashing(16)
    odd.name = "hashing-32"
    StoredEncoder(lambda: odd, store, lambda done, total: None).encode_passages(TEXTS[:2])
    assert np.array_equal(stored(store).encode_passages(TEXTS[:2]), Hashing(32).encode_passages(TEXTS[:2]))


def test_tokens_of_another_length_under_the_same_name_are_made_anew():
    store = Store.memory()
    odd = Hashing(16)
    odd.name = "hashing-32"
    StoredEncoder(lambda: odd, store, lambda done, total: None).encode_passage_tokens(TEXTS[:2])
    assert [tokens.vector.shape for tokens in stored(store).encode_passage_tokens(TEXTS[:2])] == [(32,), (32,)]


def test_an_encoder_says_how_much_it_may_be_given():
    assert stored(Store.memory()).passages == Hashing(32).passages == 192


def test_no_texts_give_no_rows_and_no_work():
    heard = []
    encoder = stored(Store.memory(), progress=heard)
    assert encoder.encode_passages([]).shape == (0, 32)
    assert encoder.encode_passages([]).dtype == np.float32
    assert (encoder.encoded, heard) == (0, [])


def test_progress_is_told_batch_by_batch():
    heard = []
    stored(Store.memory(), progress=heard).encode_passages(TEXTS)
    assert BATCH == 192 // 8
    assert heard == [(0, 70), (BATCH, 70), (2 * BATCH, 70)]


def test_an_encoder_that_reads_few_passages_tells_of_each():
    class Slow(Hashing):
        passages = 3

    heard = []
    encoder = StoredEncoder(lambda: Slow(16), Store.memory(), lambda done, total: heard.append((done, total)))
    encoder.encode_passages(TEXTS[:3])
    assert heard == [(0, 3), (1, 3), (2, 3)]


@pytest.mark.parametrize("text", ["", "\ud800", "a\x00b"])
def test_any_text_is_kept(text):
    encoder = stored(Store.memory())
    assert np.array_equal(encoder.encode_passages([text]), encoder.encode_passages([text]))
    assert encoder.encoded == 1


def same(first, second):
    """Whether the tokens of texts are the same bit by bit."""
    return len(first) == len(second) and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for one, other in zip(first, second, strict=True)
        for name in ("vector", "spans", "rows")
    )


class Mixed(Hashing):
    """Words by their two neighbours too, so that a row has several numbers and a byte does not hold them."""

    def encode_passage_tokens(self, texts):
        mixed = []
        for tokens in super().encode_passage_tokens(texts):
            rows = tokens.rows + 0.3 * np.roll(tokens.rows, 1, axis=0) + 0.17 * np.roll(tokens.rows, -1, axis=0)
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            mixed.append(TokenVectors(tokens.vector, tokens.spans, rows.astype(np.float32)))
        return mixed


def mixed(store):
    return StoredEncoder(lambda: Mixed(32), store, lambda done, total: None)


def test_tokens_are_those_of_the_encoder_in_the_order_of_the_texts():
    encoder = stored(Store.memory())
    # Each word has one number that is not 0, which a byte holds without loss.
    for texts in (TEXTS[:9], TEXTS[8::-1], [TEXTS[0], TEXTS[40], TEXTS[0]]):
        assert same(encoder.encode_passage_tokens(texts), Hashing(32).encode_passage_tokens(texts))
    assert same([encoder.encode_query_tokens("tax rate")], [Hashing(32).encode_query_tokens("tax rate")])


def test_a_text_is_read_with_its_tokens_once_and_a_question_each_time():
    heard = []
    encoder = stored(Store.memory(), progress=heard)
    assert encoder.encode_passage_tokens([]) == []
    assert (encoder.encoded, heard) == (0, [])
    encoder.encode_passage_tokens([*TEXTS[:40], *TEXTS[:40]])
    assert (encoder.encoded, heard) == (40, [(0, 40), (BATCH, 40)])
    encoder.encode_passage_tokens(TEXTS[35:45])
    assert (encoder.encoded, heard[2:]) == (45, [(0, 5)])
    encoder.encode_query_tokens(TEXTS[0])
    encoder.encode_query_tokens(TEXTS[0])
    assert encoder.encoded == 47


def test_what_is_returned_fresh_is_what_another_run_reads_from_disk(tmp_path):
    with Store.open(tmp_path) as store:
        first = mixed(store).encode_passage_tokens(TEXTS[:40])
    with Store.open(tmp_path) as store:
        encoder = mixed(store)
        assert same(encoder.encode_passage_tokens(TEXTS[:40]), first)
        assert encoder.encoded == 0
    # A byte for a number loses a little, which is lost at once.
    exact = Mixed(32).encode_passage_tokens(TEXTS[:40])
    assert not same(first, exact)
    assert (
        min(float((one.rows * other.rows).sum(axis=1).min()) for one, other in zip(first, exact, strict=True)) > 0.999
    )


def test_vectors_of_texts_and_of_their_tokens_are_kept_apart():
    encoder = stored(Store.memory())
    encoder.encode_passage_tokens(TEXTS[:3])
    assert np.array_equal(encoder.encode_passages(TEXTS[:3]), Hashing(32).encode_passages(TEXTS[:3]))
    assert encoder.encoded == 3 + 3
    encoder.encode_passage_tokens(TEXTS[:3])
    encoder.encode_passages(TEXTS[:3])
    assert encoder.encoded == 3 + 3


def test_the_tokens_of_a_question_are_not_kept_for_texts():
    encoder = stored(Store.memory())
    encoder.encode_query_tokens(TEXTS[0])
    encoder.encode_passage_tokens(TEXTS[:1])
    assert encoder.encoded == 2


def test_an_encoder_that_tells_no_tokens_is_asked_once_too():
    class Untold(Hashing):
        def encode_passage_tokens(self, texts):
            return [TokenVectors.untold(vector) for vector in self.encode_passages(texts)]

    encoder = StoredEncoder(lambda: Untold(16), Store.memory(), lambda done, total: None)
    fresh, kept = encoder.encode_passage_tokens(TEXTS[:2]), encoder.encode_passage_tokens(TEXTS[:2])
    assert same(fresh, kept)
    assert [tokens.rows.shape for tokens in kept] == [(0, 16), (0, 16)]
    assert encoder.encoded == 2


def test_tokens_of_other_models_are_not_taken():
    store = Store.memory()
    stored(store, 32).encode_passage_tokens(TEXTS[:3])
    other = stored(store, 64)
    assert same(other.encode_passage_tokens(TEXTS[:3]), Hashing(64).encode_passage_tokens(TEXTS[:3]))
    assert other.encoded == 3


@pytest.mark.parametrize("text", ["", "\ud800", "a\x00b"])
def test_the_tokens_of_any_text_are_kept(text):
    encoder = stored(Store.memory())
    assert same(encoder.encode_passage_tokens([text]), encoder.encode_passage_tokens([text]))
    assert encoder.encoded == 1


def test_the_encoder_is_made_when_it_is_needed():
    encoder = stored(Store.memory())
    assert not encoder.loaded
    assert (encoder.name, encoder.dimension) == ("hashing-32", 32)
    assert encoder.loaded
