import json

import numpy as np
import onnxruntime
import pytest
import torch

from eval import datasets, distil
from eval.datasets import folder
from eval.distil import Lesson, batch_of, cosine, distance, first_table, spread, train
from eval.student import DIMENSION, Student, export


def lesson_of(*ids, seed=0):
    """Make a passage: word pieces between the special tokens, each with its own direction."""
    rows = np.random.default_rng(seed).normal(size=(40_000, DIMENSION))[list(ids)]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    marks = np.zeros((1, DIMENSION))
    return Lesson(np.array([101, *ids, 102]), np.concatenate([marks, rows, marks]).astype(np.float32))


LESSONS = [lesson_of(*range(2000 + start, 2000 + start + 5 + start % 3)) for start in range(0, 60, 3)]


@pytest.fixture
def student():
    torch.manual_seed(0)
    return Student(np.random.default_rng(1).normal(size=(30_522, DIMENSION)).astype(np.float32))


def test_the_distance_is_one_less_the_mean_cosine_over_what_stands_in_the_text():
    class Given(torch.nn.Module):
        def forward(self, ids, mask):
            first = torch.zeros((*ids.shape, DIMENSION))
            first[..., 0] = 1
            return first

    rows = np.zeros((4, DIMENSION), np.float32)
    # Special tokens do not count. The cosines with the first axis are 0.6 and 0, so the distance is 1 - 0.6 / 2.
    rows[1, :2] = (0.6, 0.8)
    rows[2, 1] = 1.0
    lesson = Lesson(np.array([101, 7, 8, 102]), rows)
    assert float(distance(Given(), [lesson])) == pytest.approx(0.7)
    # With padding next to a longer passage, the distance is 1 - (0.6 + 0 + 0 + 0 + 0) / 5.
    longer = Lesson(
        np.array([101, 7, 8, 9, 102]), np.concatenate([rows[:1], rows[2:3], rows[2:3], rows[2:3], rows[:1]])
    )
    assert float(distance(Given(), [lesson, longer])) == pytest.approx(0.88)


def test_a_passage_among_longer_ones_is_read_as_alone(student):
    ids, mask, _ = batch_of([LESSONS[0], lesson_of(*range(3000, 3100))])
    alone_ids, alone_mask, _ = batch_of(LESSONS[:1])
    length = alone_ids.shape[1]
    with torch.no_grad():
        assert torch.allclose(student(ids, mask)[0, :length], student(alone_ids, alone_mask)[0], atol=1e-5)


def test_training_brings_the_student_nearer_to_the_teacher(student, capsys):
    before = cosine(student, LESSONS)
    train(student, LESSONS, LESSONS[:4], epochs=6)
    assert cosine(student, LESSONS) > before + 0.2
    assert capsys.readouterr().out.count("cosine") == 6


def test_what_is_written_reads_as_the_student_does(student, tmp_path):
    compact = export(student, tmp_path / "student.onnx").eval()
    session = onnxruntime.InferenceSession(str(tmp_path / "student.onnx"))
    ids, mask, _ = batch_of(LESSONS[:3])
    (found,) = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    with torch.no_grad():
        assert np.abs(found - compact(ids, mask).numpy()).max() < 1e-5
        # Storing one byte for each component loses little.
        assert float((student(ids, mask) * torch.tensor(found)).sum(2).min()) > 0.99
    # The table consists of bytes, a quarter of the size of floats. The layers are floats.
    assert (tmp_path / "student.onnx").stat().st_size < 30_522 * DIMENSION * 1.5


def test_the_widest_directions_come_first():
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(400, 384)) * np.linspace(5, 0.1, 384)).astype(np.float32)
    directions = spread([Lesson(np.arange(400), rows)])
    spreads = ((rows @ directions) ** 2).sum(axis=0)
    assert directions.shape == (384, DIMENSION)
    assert (np.diff(spreads) < 0).all()
    assert np.abs(directions.T @ directions - np.eye(DIMENSION)).max() < 1e-5


def test_a_word_piece_starts_from_the_mean_of_what_was_seen_of_it():
    often = [lesson_of(2001, seed=seed) for seed in range(40)]
    table = first_table([*LESSONS, *often])
    mean = np.mean([lesson.rows[1] for lesson in often], axis=0)
    assert table.shape == (30_522, DIMENSION)
    assert table.dtype == np.float32
    assert float(table[2001] @ mean) / float(np.linalg.norm(table[2001]) * np.linalg.norm(mean)) > 0.9
    # Unseen word pieces have the prediction from the teacher's vocabulary.
    assert np.isfinite(table).all()
    assert np.abs(table[9999]).max() > 0


def test_documents_that_the_report_asks_about_are_not_read(tmp_path, monkeypatch):
    names = [f"d{place}" for place in range(12)]
    texts = {name: f"The document called {name} says something of its own about the harbour." for name in names}
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "documents.jsonl").write_text(
        "".join(json.dumps({"doc_id": name, "title": name, "text": text}) + "\n" for name, text in texts.items())
    )
    (tmp_path / "small" / "questions.jsonl").write_text(
        "".join(json.dumps({"id": name, "doc_id": name, "question": f"What of {name}?"}) + "\n" for name in names)
    )
    monkeypatch.setattr(distil, "SETS", {"small": 100})
    sample = datasets.sample(folder.load(tmp_path / "small").questions, 12, 0, documents=4)
    asked = {question.document_id for question in sample}
    found = list(distil.passages(tmp_path))
    assert len(asked) == 4
    assert sorted(document for _, document, _ in found) == sorted({*names} - asked)
    assert all(texts[document] in text for _, document, text in found)
    monkeypatch.setattr(distil, "SETS", {"small": 3})
    assert len(list(distil.passages(tmp_path))) == 3
