"""The embedding model of a user's stack as an encoder, without a framework."""

import numpy as np
import pytest

from hiercomp import Config, Document, Pipeline
from hiercomp.encoders.hashing import Hashing
from hiercomp.errors import ModelError
from hiercomp.integrations._embedding import LARGEST, PROBE, StackEncoder, label_of, model_name
from hiercomp.ports import Encoder

HASHING = Hashing(64)
TEXTS = ["The rent is 1,200 a month.", "Lunch is served at noon.", "Lone \ud800 surrogates are replaced."]


def hashed(text, instruction=""):
    return (3 * HASHING.encode_query(instruction + text).vector).tolist()


def encoder(label="a.Model", instruction=""):
    return StackEncoder(label, hashed, lambda texts: [hashed(text, instruction) for text in texts])


def test_vectors_have_unit_length_and_stand_for_the_whole_text():
    made = encoder()
    assert isinstance(made, Encoder)
    for tokens in (*made.encode_passages(TEXTS), made.encode_query(TEXTS[2])):
        assert (tokens.vector.shape, tokens.vector.dtype) == ((made.dimension,), np.float32)
        assert np.linalg.norm(tokens.vector) == pytest.approx(1)
        assert len(tokens.rows) == len(tokens.spans) == 0
    assert made.dimension == 64
    assert made.encode_passages([]) == []


def test_the_name_tells_models_apart_and_is_the_same_for_the_same_model():
    assert encoder().name == encoder().name
    assert encoder().name.startswith("a.Model ")
    others = {encoder("b.Model").name, encoder(instruction="passage: ").name, encoder().name}
    assert len(others) == 3


def test_the_name_stays_if_a_hosted_model_returns_slightly_different_numbers():
    noise = np.random.default_rng(0)
    exact = np.asarray(hashed(PROBE)) + np.linspace(0, 1, 64)
    names = {StackEncoder("a.Model", hashed, lambda texts: [exact + noise.normal(0, 1e-5, 64)]).name for _ in range(20)}
    assert len(names) == 1
    assert len(exact) > LARGEST


def test_a_model_is_called_once_for_its_name_and_its_dimension():
    calls = []

    def embed(texts):
        calls.append(texts)
        return [hashed(text) for text in texts]

    made = StackEncoder("a.Model", hashed, embed)
    assert calls == []
    assert (made.name, made.dimension, made.name) == (encoder().name, 64, encoder().name)
    assert calls == [[PROBE]]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [([], "returned 0 vectors for 1 texts"), ([[float("nan")]], "without numbers"), ([[]], "without numbers")],
)
def test_a_model_that_returns_no_usable_vector_is_refused(vectors, message):
    with pytest.raises(ModelError, match=message):
        StackEncoder("a.Model", hashed, lambda texts: vectors).encode_passages(["one"])


def test_a_vector_of_zeros_stays():
    [tokens] = StackEncoder("a.Model", hashed, lambda texts: [[0.0, 0.0]]).encode_passages(["one"])
    assert tokens.vector.tolist() == [0.0, 0.0]


def test_a_pipeline_encodes_with_it_instead_of_the_encoder_of_the_settings(tmp_path):
    seen = []

    def embed(texts):
        seen.extend(texts)
        return [hashed(text) for text in texts]

    documents = [Document(text, source=f"text {place}", title="") for place, text in enumerate(TEXTS[:2])]
    for _ in range(2):
        made = StackEncoder("a.Model", hashed, embed)
        with Pipeline(documents, config=Config(cache_dir=tmp_path, embedding="no-such"), encoder=made) as pipeline:
            run = pipeline.fit("How high is the rent?", budget=20)
    assert run.ranking.hits[0].probability > run.ranking.hits[1].probability
    assert "1,200" in run.context.text
    assert run.ledger.embedding == made.name
    assert seen == [PROBE, *TEXTS[:2], PROBE]  # the second pipeline found the vectors of the first in the store


class Named:
    def __init__(self, **names):
        self.__dict__.update(names)


def test_a_model_is_named_by_its_class_and_its_own_name():
    assert label_of(Named(model="bge")) == f"{__name__}.Named/bge"
    assert label_of(Named(model=7)) == f"{__name__}.Named"
    assert model_name(Named(model="a", model_name="b")) == "b"
    assert model_name(Named(deployment="")) is None
