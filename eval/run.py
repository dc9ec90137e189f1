"""Run methods on sets: one process for each method, one folder for each method and commit, one line for each record."""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

from platformdirs import user_cache_path
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eval import datasets, machine, methods, records
from eval.bench import Bench
from eval.datasets import plans
from eval.encoding import MeteredEncoder
from eval.ports import Meter, Method, Parts, Unavailable
from eval.readers import Reader
from eval.records import RunFolder
from eval.types import Dataset, Question
from hiercomp import tokenizers
from hiercomp.errors import HiercompError
from hiercomp.storage.store import Store

FAILED = 1


PLANNED = "+plans"
"""The suffix of a method's title in a run with plans."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The questions and budgets of a run. They are the same for every method.

    `sample` questions on at most `documents` documents are drawn from each set; None means all. Documents that the
    weights were fitted on are left out unless `fitted` is set. `plans` is a folder of search plans; see
    `eval.datasets.plans`. With it, each question has its plan, and questions without a plan are left out.
    """

    sets: tuple[str, ...]
    budgets: tuple[int, ...]
    output: Path
    data: Path | None = None
    sample: int | None = None
    documents: int | None = None
    seed: int = 0
    fitted: bool = False
    tokenizer: str | None = None
    reader: str | None = None
    strategy: str = "direct"
    plans: Path | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A method to run, the questions and budgets, and its output folder."""

    method: str
    experiment: Experiment
    commit: str
    jobs: int = 1

    @property
    def title(self) -> str:
        """The method's name, with `+plans` if there are plans, and with the reader and the strategy if there are."""
        experiment = self.experiment
        method = methods.title(self.method) + (PLANNED if experiment.plans else "")
        return f"{method}+{experiment.reader}+{experiment.strategy}" if experiment.reader else method

    @property
    def folder(self) -> Path:
        """The folder of the run, named after method and commit."""
        return self.experiment.output / f"{re.sub('[/:]', '.', self.title)}@{self.commit}"


def drawn(dataset: Dataset, experiment: Experiment) -> tuple[Question, ...]:
    """Draw the questions that an experiment asks of a set. Questions on the same document are adjacent."""
    allowed = _allowed(dataset, experiment)
    if experiment.plans:
        allowed = plans.planned(allowed, experiment.plans, dataset.name)
    chosen = datasets.sample(allowed, experiment.sample, experiment.seed, documents=experiment.documents)
    return tuple(sorted(chosen, key=lambda question: question.document_id))


def _allowed(dataset: Dataset, experiment: Experiment) -> tuple[Question, ...]:
    """Return the questions that an experiment may ask.

    Questions on documents that the weights were fitted on are left out unless `fitted` is set.
    """
    return tuple(
        question for question in dataset.questions if experiment.fitted or question.document_id not in dataset.fitted
    )


def cache() -> Path:
    """Return the folder for vectors that are kept between runs."""
    return user_cache_path("hiercomp-eval", appauthor=False)


def _left_out(dataset: Dataset, experiment: Experiment) -> dict[str, int]:
    """Count the questions that cannot be drawn.

    Their document was used for fitting, or it does not answer them, or they have no plan.
    """
    allowed = _allowed(dataset, experiment)
    counts = {"fitted": len(dataset.questions) - len(allowed), "unanswerable": dataset.unanswerable}
    if experiment.plans:
        counts["unplanned"] = len(allowed) - len(plans.planned(allowed, experiment.plans, dataset.name))
    return counts


def run_all(tasks: Sequence[Task], jobs: int = 1) -> list[str]:
    """Run tasks, `jobs` at the same time. Each has its own process, so a crash or its memory does not affect others.

    Returns:
        The titles of the tasks that failed.
    """
    counts = {each: len(_all_questions(each)) for each in {task.experiment for task in tasks}}
    sizes = {task: len(task.experiment.budgets) * counts[task.experiment] for task in tasks}
    waiting, running = list(tasks), dict[Task, BaseProcess]()
    failed: list[str] = []
    with _progress() as progress:
        bar = progress.add_task("", total=sum(sizes.values()))
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    task = waiting.pop(0)
                    running[task] = _start(task)
                wait([process.sentinel for process in running.values()], timeout=1)
                for task in [task for task, process in running.items() if not process.is_alive()]:
                    failed += [task.title] * bool(running.pop(task).exitcode)
                ended = sum(sizes[task] for task in tasks if task not in waiting and task not in running)
                written = ended + sum(records.count(task.folder) for task in running)
                progress.update(bar, completed=written, description=", ".join(task.title for task in running))
        finally:
            for process in running.values():
                process.terminate()
    return failed


def _all_questions(experiment: Experiment) -> list[Question]:
    return [
        question for name in experiment.sets for question in drawn(datasets.load(name, experiment.data), experiment)
    ]


def _progress() -> Progress:
    """Return a progress bar with the remaining time. It is shown on stderr and removed at the end."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _start(task: Task) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(task,), name=task.title)
    process.start()
    return process


def _run(task: Task) -> None:
    """Run a method in this process. An unexpected error ends the process with a traceback."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        run_method(task)
    except HiercompError as error:
        print(f"{task.title}: {error}", file=sys.stderr)
        sys.exit(FAILED)


def run_method(task: Task) -> None:
    """Write the records of a method that do not exist yet."""
    experiment = task.experiment
    sets = {name: datasets.load(name, experiment.data) for name in experiment.sets}
    reader = Reader(experiment.reader, experiment.strategy) if experiment.reader else None
    tokenizer = reader.model.tokenizer if reader else tokenizers.build(experiment.tokenizer or tokenizers.DEFAULT)
    with Store.open(cache()) as store:
        meter = Meter()
        encoder = MeteredEncoder(meter, store)
        parts = Parts(tokenizer, encoder, experiment.seed, meter)
        method, reason = _build(task.method, parts)
        settings = {
            "tokenizer": tokenizer.name,
            "encoder": encoder.name,
            "seed": experiment.seed,
            "parameters": method.settings if method else {},
            "reader": reader.settings if reader else None,
            **_questions_of(sets, experiment),
        }
        head = {
            "method": methods.title(task.method),
            "commit": task.commit,
            "title": task.title,
            "settings": settings,
            "environment": {**machine.describe(), "methods_at_once": task.jobs},
            "unavailable": reason,
        }
        with RunFolder(task.folder, head) as folder:
            if method:
                bench = Bench(method, parts, encoder, reader)
                for dataset in sets.values():
                    questions = drawn(dataset, experiment)
                    for record in bench.records(dataset, questions, experiment.budgets, folder.done):
                        folder.append(record)
            folder.note(peak_memory=max(folder.peak_memory, machine.peak_memory() or 0) or None)


def _questions_of(sets: Mapping[str, Dataset], experiment: Experiment) -> dict[str, object]:
    """Return the settings that decide which questions are asked: the sample, and digests of the sets and plans."""
    return {
        "sample": {
            "questions": experiment.sample,
            "documents": experiment.documents,
            "left_out": {name: _left_out(dataset, experiment) for name, dataset in sets.items()},
        },
        "datasets": {name: dataset.digest for name, dataset in sets.items()},
        "plans": {name: plans.digest(experiment.plans, name) for name in sets} if experiment.plans else {},
    }


def _build(name: str, parts: Parts) -> tuple[Method | None, str | None]:
    """Build a method. Return the method, or the reason why it cannot run on this machine."""
    try:
        return methods.build(name, parts), None
    except Unavailable as reason:
        return None, str(reason)


def _end_with_parent() -> None:
    """End this process when its parent ends. A line that is cut short is removed when the run continues."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(FAILED)
