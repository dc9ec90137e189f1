"""Train the student of `hiercomp/encoders/distilled.py`.

    python -m eval.distil DATA [--epochs 6]

DATA holds one folder for each set, as `eval.datasets.folder` describes it. The teacher, all-MiniLM-L6-v2, reads
passages of the sets' documents. The student (`eval/student.py`) learns the teacher's token vectors, projected to the
directions in which tokens differ most. Training uses no questions and no gold evidence. It leaves out the documents
that the report in `eval/results` asks about. `distilled.json` names the documents that were read.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from torch import Tensor, nn

from eval import datasets
from eval.datasets import folder
from eval.fit_evidence import HELD_OUT
from eval.run import cache
from eval.student import DIMENSION, Student, export
from hiercomp import encoders
from hiercomp.encoders import distilled, minilm
from hiercomp.encoders._onnx import packaged, tokenizer
from hiercomp.hierarchy import build_hierarchy
from hiercomp.packaged import MODELS
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.types import PASSAGE

SETS = {
    "chroma_spans": 200,
    "covidqa": 800,
    "fairytale_books": 400,
    "financebench_text": 3000,
    "hotpotqa_train100_bundle": 300,
    "leval_coursera": 500,
    "leval_legal": 1000,
    "leval_qasper": 400,
    "leval_quality": 400,
    "leval_tpo": 100,
    "locomo": 200,
    "musique_train100_bundle": 400,
    "niah": 300,
    "nq_bundle": 300,
    "pubmedqa_bundle": 300,
    "qmsum": 800,
}
"""Sets, and the most passages to read of each."""
REPORTED = (12, 0, 4)
"""The number of questions, the seed and the number of documents of each set in the report's sample."""
BATCH = 16
RATE = 2e-3
SMOOTHING = 5.0
"""The weight, in occurrences, of the vector that the teacher's vocabulary predicts for a word piece."""
HELD_OUT_PASSAGES = 200
"""Passages that are held out of training. The printed cosine is computed on them."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A passage: its word pieces, and the teacher's unit vectors of those that stand in its text. Other rows are 0."""

    ids: NDArray[np.int64]
    rows: NDArray[np.float32]


def passages(data: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (set, document, text) of the passages to read, drawn with a fixed seed."""
    for name, max_passages in SETS.items():
        dataset = folder.load(data / name)
        allowed = [question for question in dataset.questions if question.document_id not in dataset.fitted]
        size, seed, documents = REPORTED
        reported = {question.document_id for question in datasets.sample(allowed, size, seed, documents=documents)}
        if name in HELD_OUT:
            reported |= set(folder.load(data / HELD_OUT[name]).documents)
        found = [
            (name, document_id, node.search_text)
            for document_id, read in dataset.documents.items()
            if document_id not in reported
            for node in build_hierarchy(read()).level(PASSAGE)
        ]
        yield from random.Random(0).sample(found, min(max_passages, len(found)))


def lessons(texts: Sequence[str], directions: NDArray[np.float32] | None = None) -> Iterator[Lesson]:
    """Yield the teacher's vectors of texts, in its own space or projected to `directions`."""
    encoder = StoredEncoder(lambda: encoders.build("minilm"), Store.open(cache()), _show_progress)
    for start in range(0, len(texts), 256):
        batch = texts[start : start + 256]
        read = encoder.encode_passages(batch)
        for encoding, tokens in zip(tokenizer().encode_batch(batch), read, strict=True):
            rows = np.zeros((len(encoding.ids), tokens.rows.shape[1]), dtype=np.float32)
            rows[[end > start for start, end in encoding.offsets]] = tokens.rows
            yield Lesson(np.array(encoding.ids), rows if directions is None else _unit(rows @ directions))


def _show_progress(done: int, total: int) -> None:
    print(f"the teacher reads: {done:,} of {total:,}", end="\r", flush=True)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


def spread(lessons: Sequence[Lesson]) -> NDArray[np.float32]:
    """Return the directions in which tokens differ most: (384, `DIMENSION`), uncentred, widest first."""
    rows = np.concatenate([lesson.rows for lesson in lessons])
    _, vectors = np.linalg.eigh(rows.T @ rows)
    directions: NDArray[np.float32] = vectors[:, ::-1][:, :DIMENSION].astype(np.float32)
    return directions


def first_table(lessons: Sequence[Lesson]) -> NDArray[np.float32]:
    """Return the first word-piece vectors: (vocabulary, `DIMENSION`).

    Each vector is the mean of the word piece's vectors, smoothed toward the prediction from the teacher's vocabulary.
    """
    words = _vocabulary()
    sums, counts = np.zeros((len(words), DIMENSION)), np.zeros((len(words), 1))
    for lesson in lessons:
        in_text = lesson.rows.any(axis=1)
        np.add.at(sums, lesson.ids[in_text], lesson.rows[in_text])
        np.add.at(counts, lesson.ids[in_text], 1.0)
    seen = counts[:, 0] > 0
    weights = np.sqrt(counts[seen])
    design = words[seen] * weights
    ridge = 50.0 * np.eye(words.shape[1])
    solution = np.linalg.solve(design.T @ design + ridge, design.T @ (sums[seen] / counts[seen] * weights))
    return ((sums + SMOOTHING * (words @ solution)) / (counts + SMOOTHING)).astype(np.float32)


def _vocabulary() -> NDArray[np.float64]:
    """Return the teacher's word-piece vectors, each scaled to variance 1, with a constant column: (vocabulary, 385)."""
    model = next(model for model in MODELS if model.name == "minilm")
    ((package, name),) = model.parts
    weights = load_file(packaged(package, name, model.sha256))
    words = next(rows for key, rows in weights.items() if key.endswith("word_embeddings.weight")).astype(np.float64)
    words = (words - words.mean(1, keepdims=True)) / words.std(1, keepdims=True)
    return np.column_stack([words, np.ones(len(words))])


def batch_of(lessons: Sequence[Lesson]) -> tuple[Tensor, Tensor, Tensor]:
    """Return (ids, mask, rows) of passages, padded to the longest one."""
    length = max(len(lesson.ids) for lesson in lessons)
    ids = np.zeros((len(lessons), length), dtype=np.int64)
    mask = np.zeros_like(ids)
    rows = np.zeros((len(lessons), length, DIMENSION), dtype=np.float32)
    for place, lesson in enumerate(lessons):
        ids[place, : len(lesson.ids)] = lesson.ids
        mask[place, : len(lesson.ids)] = 1
        rows[place, : len(lesson.ids)] = lesson.rows
    return torch.tensor(ids), torch.tensor(mask), torch.tensor(rows)


def distance(student: nn.Module, lessons: Sequence[Lesson]) -> Tensor:
    """Return 1 minus the mean cosine between the student's and the teacher's vectors."""
    ids, mask, rows = batch_of(lessons)
    taught = rows.any(2)
    found: Tensor = 1 - (student(ids, mask) * rows).sum(2)[taught].mean()
    return found


def train(student: Student, lessons: Sequence[Lesson], held_out: Sequence[Lesson], epochs: int) -> None:
    """Train with AdamW and a learning rate that rises and falls. Print the held-out cosine after each epoch."""
    batches = -(-len(lessons) // BATCH)
    optimizer = torch.optim.AdamW(student.parameters(), lr=RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * batches, pct_start=0.1)
    drawn = random.Random(0)
    for epoch in range(epochs):
        for batch in _batches(lessons, drawn):
            optimizer.zero_grad()
            distance(student, batch).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: cosine {cosine(student, held_out):.4f}", flush=True)


def _batches(lessons: Sequence[Lesson], drawn: random.Random) -> list[Sequence[Lesson]]:
    """Shuffle the passages into batches of similar length. The order differs in each epoch."""
    order = drawn.sample(lessons, len(lessons))
    pools = [
        sorted(order[start : start + 32 * BATCH], key=lambda lesson: len(lesson.ids))
        for start in range(0, len(order), 32 * BATCH)
    ]
    batches = [pool[start : start + BATCH] for pool in pools for start in range(0, len(pool), BATCH)]
    return drawn.sample(batches, len(batches))


@torch.no_grad()
def cosine(student: nn.Module, lessons: Sequence[Lesson]) -> float:
    """Return the mean cosine over passages."""
    return float(np.mean([1 - float(distance(student, [lesson])) for lesson in lessons]))


def main() -> None:
    """Read, train, and write the student, its directions and its provenance."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.distil", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="a folder of sets")
    parser.add_argument("--epochs", type=int, default=6, help="the number of passes over the passages")
    parser.add_argument("--output", type=Path, default=distilled.MODEL, help="the file of the model")
    options = parser.parse_args()
    torch.manual_seed(0)
    drawn = list(dict.fromkeys(passages(options.data)))
    random.Random(0).shuffle(drawn)
    texts = [text for _, _, text in drawn]
    directions = spread(list(lessons(texts[:1000])))
    taught = list(lessons(texts, directions))
    held_out, taught = taught[:HELD_OUT_PASSAGES], taught[HELD_OUT_PASSAGES:]
    print(f"{len(taught):,} passages, {sum(len(lesson.ids) for lesson in taught):,} tokens", flush=True)
    student = Student(first_table(taught))
    train(student, taught, held_out, options.epochs)
    written = export(student, options.output)
    np.save(options.output.with_suffix(".npy"), directions.astype(np.float16), allow_pickle=False)
    documents: dict[str, list[str]] = {}
    for name, document_id, _ in drawn:
        documents.setdefault(name, []).append(document_id)
    content = {
        "script": "eval/distil.py",
        "teacher": minilm.MiniLM.name,
        "passages": len(taught),
        "cosine": round(cosine(written, held_out), 4),
        "documents": {name: sorted(set(found)) for name, found in sorted(documents.items())},
    }
    options.output.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
