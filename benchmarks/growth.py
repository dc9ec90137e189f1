"""Tasks that measure how time grows with the number of pages and of documents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.documents import Material
from benchmarks.samples import Sample
from benchmarks.tasks import BASELINE, COLD, NEW, Task, Workload, measure_llama_index, measure_two_questions

PAGES = (30, 100, 300, 1000, 3000)
DOCUMENTS = (1, 3, 10, 30, 100, 200)
DOCUMENT_PAGES = 10
"""The pages of each document of a corpus."""
REPEATED_PAGES = 300
"""The most pages of a size that is measured in every run. Larger sizes are measured once."""
PEER_PAGES = 100
"""The most pages for LlamaIndex. It takes minutes for larger sizes."""
PAGED, CORPUS = "pages", "documents"


def growth_tasks(
    material: Material, workload: Workload, runs: int, sizes: tuple[Sequence[int], Sequence[int]], peers: Sequence[str]
) -> list[Task]:
    """Return the tasks for each size, the smallest first.

    Args:
        material: the pages for the files.
        workload: the questions and the budget.
        runs: the number of measurements of each size.
        sizes: numbers of pages of one file, and numbers of documents of a corpus.
        peers: the other tools to measure.
    """
    tasks = []
    for kind, counts in zip((PAGED, CORPUS), sizes, strict=True):
        for count in sorted(counts):
            pages = count if kind == PAGED else count * DOCUMENT_PAGES
            measure = partial(_measure_subject, material, workload, (kind, count))
            tasks.append(Task(f"{count} {kind}", runs if pages <= REPEATED_PAGES else 1, measure))
            if BASELINE in peers and pages <= PEER_PAGES:
                measure_baseline = partial(_measure_baseline, material, workload, (kind, count))
                tasks.append(Task(f"{count} {kind}, {BASELINE}", 1, measure_baseline))
    return tasks


def case_of(kind: str, case: str) -> str:
    """Return the name of a case at the sizes of a kind."""
    return f"{kind}, {case}"


def _measure_subject(material: Material, workload: Workload, size: tuple[str, int]) -> list[Sample]:
    kind, count = size
    cases = case_of(kind, COLD), case_of(kind, NEW)
    return measure_two_questions(_workload_of_size(material, workload, size), cases, count)


def _measure_baseline(material: Material, workload: Workload, size: tuple[str, int]) -> list[Sample]:
    kind, count = size
    return measure_llama_index(BASELINE, _workload_of_size(material, workload, size), case_of(kind, COLD), count)


def _workload_of_size(material: Material, workload: Workload, size: tuple[str, int]) -> Workload:
    """Return the questions about one file of so many pages, or about so many documents."""
    kind, count = size
    cuts = [(0, count)] if kind == PAGED else [(number * DOCUMENT_PAGES, DOCUMENT_PAGES) for number in range(count)]
    files = tuple(material.cut(first, pages) for first, pages in cuts)
    return Workload(files, workload.questions, workload.budget)
