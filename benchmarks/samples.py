"""The measurements of a commit. They are written to a file at once, so that a stopped benchmark can continue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

SCHEMA = "hiercomp-benchmark/1"


@dataclass(frozen=True, slots=True)
class Sample:
    """The measurements of one process, or of the questions in it."""

    subject: str
    """The measured tool: `hiercomp` or a peer."""
    case: str
    seconds: tuple[float, ...]
    """The wall seconds of the whole process, or of each question."""
    cpu_seconds: float | None = None
    peak_bytes: int | None = None
    neural_tokens: int | None = None
    """The tokens that a model read, or None if they are unknown."""
    size: int = 0
    """The number of pages, documents or nodes; the case decides which."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Further values from the process, such as stages and counts."""
    run: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, the least and the greatest of several figures."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread | None:
        """Return the spread of figures, or None if there are none."""
        ordered = sorted(figures)
        return cls(median(ordered), ordered[0], ordered[-1]) if ordered else None


class Results:
    """The samples of one commit, and their file."""

    def __init__(self, path: Path, head: Mapping[str, object]) -> None:
        """Continue the file if it has the same `head`, which holds all settings, or else start again."""
        self.path = path
        self.head: dict[str, Any] = json.loads(json.dumps(dict(head)))
        self.samples: list[Sample] = []
        self.failures: dict[str, str] = {}
        self._done: set[tuple[str, int]] = set()
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if content.get("schema") == SCHEMA and content["head"] == self.head:
            self.samples = [_sample(fields) for fields in content["samples"]]
            self._done = {(task, run) for task, run in content["done"]}

    def done(self, task: str, run: int) -> bool:
        """Return whether the results hold a run of a task."""
        return (task, run) in self._done

    def add(self, task: str, run: int, samples: Iterable[Sample]) -> None:
        """Add the samples of a task's run and write the file."""
        self.samples.extend(samples)
        self._done.add((task, run))
        self._write()

    def fail(self, task: str, reason: str) -> None:
        """Note why a task failed and write the file. The next call tries the task again."""
        self.failures[task] = reason
        self._write()

    def of(self, subject: str, case: str, size: int | None = None) -> list[Sample]:
        """Return the samples of a case, at one size if it is given, in the order of their runs."""
        samples = [sample for sample in self.samples if (sample.subject, sample.case) == (subject, case)]
        return sorted((sample for sample in samples if size in (None, sample.size)), key=lambda sample: sample.run)

    def sizes(self, subject: str, case: str) -> list[int]:
        """Return the sizes of a case in ascending order."""
        return sorted({sample.size for sample in self.of(subject, case)})

    def _write(self) -> None:
        content = {
            "schema": SCHEMA,
            "head": self.head,
            "failures": self.failures,
            "done": sorted(self._done),
            "samples": [asdict(sample) for sample in self.samples],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".new")
        unfinished.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(self.path)


def _sample(fields: dict[str, Any]) -> Sample:
    return Sample(**{**fields, "seconds": tuple(fields["seconds"])})
