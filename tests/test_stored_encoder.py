import numpy as np
import pytest

from hiercomp.encoders.hashing import Hashing
from hiercomp.store import Store
from hiercomp.stored_encoder import BATCH, StoredEncoder

TEXTS = [f"The rate of year {year} was {year % 30} percent." for year in range(70)]


def stored(store, dimension=32, progress=None):
    heard = progress if progress is not None else []
    return StoredEncoder(lambda: Hashing(dimension), store, lambda done, total: heard.append((done, total)))


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


def test_no_texts_give_no_rows_and_no_work():
    heard = []
    encoder = stored(Store.memory(), progress=heard)
    assert encoder.encode_passages([]).shape == (0, 32)
    assert encoder.encode_passages([]).dtype == np.float32
    assert (encoder.encoded, heard) == (0, [])


def test_progress_is_told_batch_by_batch():
    heard = []
    stored(Store.memory(), progress=heard).encode_passages(TEXTS)
    assert heard == [(0, 70), (BATCH, 70), (2 * BATCH, 70)]


@pytest.mark.parametrize("text", ["", "\ud800", "a\x00b"])
def test_any_text_is_kept(text):
    encoder = stored(Store.memory())
    assert np.array_equal(encoder.encode_passages([text]), encoder.encode_passages([text]))
    assert encoder.encoded == 1


def test_the_encoder_is_made_when_it_is_needed():
    encoder = stored(Store.memory())
    assert not encoder.loaded
    assert (encoder.name, encoder.dimension) == ("hashing-32", 32)
    assert encoder.loaded
