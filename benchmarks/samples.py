"""What was measured, kept in one file a commit and written as it comes: a benchmark that was stopped goes on."""

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
    """One process that was measured, or the questions that were asked in it."""

    subject: str
    """Who was measured: `hiercomp` or a peer."""
    case: str
    seconds: tuple[float, ...]
    """Of the whole process, or of each question."""
    cpu_seconds: float | None = None
    peak_bytes: int | None = None
    neural_tokens: int | None = None
    """Tokens that went through a model, None where it is not known."""
    size: int = 0
    """Pages, documents or nodes, as the case has it."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the process told: stages, counts."""
    run: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of figures, the least and the greatest."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread | None:
        """The spread of figures; None if there are none."""
        known = sorted(figures)
        return cls(median(known), known[0], known[-1]) if known else None


class Results:
    """The samples of one commit, and the file that holds them."""

    def __init__(self, path: Path, head: Mapping[str, object]) -> None:
        """Goes on with the file if it was measured with the same settings, else begins anew."""
        self.path = path
        self.head: dict[str, Any] = json.loads(json.dumps(dict(head)))
        self.samples: list[Sample] = []
        self.failures: dict[str, str] = {}
        self._done: set[tuple[str, int]] = set()
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if content.get("schema") == SCHEMA and content["head"] == self.head:
            self.samples = [_sample(each) for each in content["samples"]]
            self._done = {(task, run) for task, run in content["done"]}

    def done(self, task: str, run: int) -> bool:
        """Whether a run of a task is there already."""
        return (task, run) in self._done

    def add(self, task: str, run: int, samples: Iterable[Sample]) -> None:
        """Keeps what a run of a task has measured; it is there after a kill."""
        self.samples.extend(samples)
        self._done.add((task, run))
        self._write()

    def fail(self, task: str, reason: str) -> None:
        """Keeps why a task could not be run; it is tried again the next time."""
        self.failures[task] = reason
        self._write()

    def of(self, subject: str, case: str, size: int | None = None) -> list[Sample]:
        """The samples of a case, in the order of their runs."""
        found = [sample for sample in self.samples if (sample.subject, sample.case) == (subject, case)]
        return sorted((each for each in found if size in (None, each.size)), key=lambda sample: sample.run)

    def sizes(self, subject: str, case: str) -> list[int]:
        """The sizes at which a case was measured, rising."""
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
        waiting = self.path.with_suffix(".new")
        waiting.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        waiting.replace(self.path)


def _sample(content: dict[str, Any]) -> Sample:
    return Sample(**{**content, "seconds": tuple(content["seconds"])})
