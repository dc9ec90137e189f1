import json
from importlib.resources import files

import numpy as np
import pytest

from hiercomp import registry
from hiercomp.encoders import distilled

QUESTION = "How did the effective tax rate of 2025 compare with that of 2024?"
TEXTS = [
    "The effective tax rate was 14.8 % in fiscal 2022, down from 21.3 % in the year before.",
    "Either party may terminate this agreement with ninety days' notice in writing.",
    "Patients in the first group were given the vaccine twice, three weeks apart.",
    "She walked along the river to the mill, where the miller's son was waiting.",
]


@pytest.fixture(scope="module")
def encoder():
    return registry.build("encoders", "distilled")


@pytest.fixture(scope="module")
def teacher():
    return registry.build("encoders", "minilm")


@pytest.fixture(scope="module")
def provenance():
    return json.loads(files("hiercomp.encoders").joinpath("distilled.json").read_text(encoding="utf-8"))


def turned(rows):
    directions = np.load(distilled.DIRECTIONS).astype(np.float32)
    assert directions.shape == (384, 128)
    seen = rows @ directions
    return seen / np.linalg.norm(seen, axis=-1, keepdims=True)


def test_directions_are_at_right_angles():
    directions = np.load(distilled.DIRECTIONS).astype(np.float32)
    assert np.abs(directions.T @ directions - np.eye(128)).max() < 2e-3


def test_a_question_is_read_by_the_teacher(encoder, teacher):
    own, other = encoder.encode_query(QUESTION), teacher.encode_query(QUESTION)
    assert np.array_equal(own.spans, other.spans)
    assert np.abs(own.rows - turned(other.rows)).max() < 1e-5
    assert np.abs(own.vector - turned(other.vector)).max() < 1e-5


def test_tokens_are_near_those_of_the_teacher(encoder, teacher, provenance):
    cosines = []
    for own, other in zip(encoder.encode_passages(TEXTS), teacher.encode_passages(TEXTS), strict=True):
        assert np.array_equal(own.spans, other.spans)
        cosines += (own.rows * turned(other.rows)).sum(axis=1).tolist()
    # The figure was measured on passages. Single sentences are harder.
    assert np.mean(cosines) > provenance["cosine"] - 0.15
    assert provenance["cosine"] > 0.8


def test_a_word_is_read_in_its_context(encoder):
    texts = [
        "The fishermen sat on the bank of the river and watched the water.",
        "The bank raised the interest rate on its loans.",
        "Loans of the bank bear more interest.",
    ]
    river, first, second = (
        tokens.rows[[text[start:end] for start, end in tokens.spans].index("bank")]
        for text, tokens in zip(texts, encoder.encode_passages(texts), strict=True)
    )
    assert float(first @ second) > float(first @ river) + 0.05


def test_a_question_is_nearest_to_the_passage_that_answers_it(encoder):
    questions = [QUESTION, "When can the contract be ended?", "How often were people vaccinated?", "Where did she go?"]
    read = encoder.encode_passages(TEXTS)
    for place, question in enumerate(questions):
        query = encoder.encode_query(question)
        scores = [float((query.rows @ tokens.rows.T).max(axis=1).mean()) for tokens in read]
        assert int(np.argmax(scores)) == place, (question, scores)


def test_each_model_is_read_when_it_is_needed():
    encoder = distilled.build()
    encoder.encode_passages(TEXTS[:1])
    assert not encoder._teacher._model.is_built
    encoder = distilled.build()
    encoder.encode_query(QUESTION)
    assert not encoder._student._session.is_built


def test_what_it_was_trained_on_is_told(provenance):
    assert provenance["teacher"] == registry.build("encoders", "minilm").name
    assert provenance["passages"] > 1000
    assert all(provenance["documents"].values())
