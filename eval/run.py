"""Runs methods over sets: a process a method, a folder a method and commit, a line a record."""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from collections.abc import Sequence
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
from eval.encoding import MeteredEncoder
from eval.ports import Meter, Method, Parts, Unavailable
from eval.readers import Reader
from eval.records import RunFolder
from eval.types import Dataset, Question
from hiercomp import tokenizers
from hiercomp.errors import HiercompError
from hiercomp.storage.store import Store

FAILED = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run: the same questions for every method.

    `sample` questions on at most `documents` documents are drawn a set, None for all. Documents that the weights were
    fitted on are left out unless `fitted` is set.
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


@dataclass(frozen=True, slots=True)
class Task:
    """A method to be run by a plan, into a folder."""

    method: str
    plan: Plan
    commit: str
    jobs: int = 1

    @property
    def title(self) -> str:
        """The method, with reader and strategy where there are."""
        method, reader = methods.title(self.method), self.plan.reader
        return f"{method}+{reader}+{self.plan.strategy}" if reader else method

    @property
    def folder(self) -> Path:
        """Where the run is kept: named by method and commit."""
        return self.plan.output / f"{re.sub('[/:]', '.', self.title)}@{self.commit}"


def drawn(dataset: Dataset, plan: Plan) -> tuple[Question, ...]:
    """The questions of a set that a plan asks, those on one document together."""
    allowed = [question for question in dataset.questions if plan.fitted or question.document_id not in dataset.fitted]
    chosen = datasets.sample(allowed, plan.sample, plan.seed, documents=plan.documents)
    return tuple(sorted(chosen, key=lambda question: question.document_id))


def cache() -> Path:
    """The folder where vectors are kept between runs."""
    return user_cache_path("hiercomp-eval", appauthor=False)


def _left_out(dataset: Dataset, plan: Plan) -> dict[str, int]:
    """Questions that are not asked: the weights were fitted on their document, or it does not answer them."""
    fitted = 0 if plan.fitted else sum(question.document_id in dataset.fitted for question in dataset.questions)
    return {"fitted": fitted, "unanswerable": dataset.unanswerable}


def run_all(tasks: Sequence[Task], jobs: int = 1) -> list[str]:
    """Runs tasks, `jobs` at once, each in a process of its own: its memory is its own, and it takes no other down.

    Returns:
        The titles of those that failed.
    """
    counts = {plan: len(_all_questions(plan)) for plan in {task.plan for task in tasks}}
    sizes = {task: len(task.plan.budgets) * counts[task.plan] for task in tasks}
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
                over = sum(sizes[task] for task in tasks if task not in waiting and task not in running)
                written = over + sum(records.count(task.folder) for task in running)
                progress.update(bar, completed=written, description=", ".join(task.title for task in running))
        finally:
            for process in running.values():
                process.terminate()
    return failed


def _all_questions(plan: Plan) -> list[Question]:
    return [question for name in plan.sets for question in drawn(datasets.load(name, plan.data), plan)]


def _progress() -> Progress:
    """A bar with the time left, on the error stream; what it shows goes away."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _start(task: Task) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(task,), name=task.title)
    process.start()
    return process


def _run(task: Task) -> None:
    """The whole run of a method; a fault of its own ends the process with a traceback that shows where it is."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        run_method(task)
    except HiercompError as error:
        print(f"{task.title}: {error}", file=sys.stderr)
        sys.exit(FAILED)


def run_method(task: Task) -> None:
    """Writes the records of a method that are not there yet."""
    plan = task.plan
    sets = {name: datasets.load(name, plan.data) for name in plan.sets}
    reader = Reader(plan.reader, plan.strategy) if plan.reader else None
    tokenizer = reader.model.tokenizer if reader else tokenizers.build(plan.tokenizer or tokenizers.DEFAULT)
    with Store.open(cache()) as store:
        meter = Meter()
        encoder = MeteredEncoder(meter, store)
        parts = Parts(tokenizer, encoder, plan.seed, meter)
        method, reason = _build(task.method, parts)
        settings = {
            "tokenizer": tokenizer.name,
            "encoder": encoder.name,
            "seed": plan.seed,
            "parameters": method.settings if method else {},
            "reader": reader.settings if reader else None,
            "sample": {
                "questions": plan.sample,
                "documents": plan.documents,
                "left_out": {name: _left_out(dataset, plan) for name, dataset in sets.items()},
            },
            "datasets": {name: dataset.digest for name, dataset in sets.items()},
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
                    for record in bench.records(dataset, drawn(dataset, plan), plan.budgets, folder.done):
                        folder.append(record)
            folder.note(peak_memory=max(folder.peak_memory, machine.peak_memory() or 0) or None)


def _build(name: str, parts: Parts) -> tuple[Method | None, str | None]:
    """A method, or why it can not run here."""
    try:
        return methods.build(name, parts), None
    except Unavailable as reason:
        return None, str(reason)


def _end_with_parent() -> None:
    """A run whose parent was killed is not carried on unseen; a line that this tears is cut when the run goes on."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(FAILED)
