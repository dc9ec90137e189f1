"""How time grows: the same question on files of more and more pages, and on more and more documents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.documents import Material
from benchmarks.samples import Sample
from benchmarks.tasks import BASELINE, COLD, NEW, Asked, Task, ours_twice, peer_cold

PAGES = (30, 100, 300, 1000, 3000)
DOCUMENTS = (1, 3, 10, 30, 100, 200)
DOCUMENT_PAGES = 10
"""Pages of each document of a corpus."""
AGAIN_UP_TO = 300
"""Pages in all up to which a size is measured in every run: above, once."""
PEER_PAGES = 100
"""Pages in all up to which LlamaIndex is measured too: above, it takes minutes."""
PAGED, CORPUS = "pages", "documents"


def growth_tasks(
    material: Material, asked: Asked, runs: int, sizes: tuple[Sequence[int], Sequence[int]], peers: Sequence[str]
) -> list[Task]:
    """A task a size, the smallest first; `sizes` are those in pages and those in documents."""
    tasks = []
    for kind, counts in zip((PAGED, CORPUS), sizes, strict=True):
        for count in sorted(counts):
            pages = count if kind == PAGED else count * DOCUMENT_PAGES
            ours = partial(_ours, material, asked, (kind, count))
            tasks.append(Task(f"{count} {kind}", runs if pages <= AGAIN_UP_TO else 1, ours))
            if BASELINE in peers and pages <= PEER_PAGES:
                tasks.append(Task(f"{count} {kind}, {BASELINE}", 1, partial(_peer, material, asked, (kind, count))))
    return tasks


def pages_needed(sizes: tuple[Sequence[int], Sequence[int]]) -> int:
    """The pages of the largest of all."""
    pages, documents = sizes
    return max([*pages, *(count * DOCUMENT_PAGES for count in documents)], default=0)


def case_of(kind: str, case: str) -> str:
    """What a case is called at the sizes of a kind."""
    return f"{kind}, {case}"


def _ours(material: Material, asked: Asked, size: tuple[str, int]) -> list[Sample]:
    kind, count = size
    return ours_twice(_of_size(material, asked, size), (case_of(kind, COLD), case_of(kind, NEW)), count)


def _peer(material: Material, asked: Asked, size: tuple[str, int]) -> list[Sample]:
    kind, count = size
    return peer_cold(BASELINE, _of_size(material, asked, size), case_of(kind, COLD), count)


def _of_size(material: Material, asked: Asked, size: tuple[str, int]) -> Asked:
    """The questions asked of so many pages in one file, or of so many documents."""
    kind, count = size
    cuts = [(0, count)] if kind == PAGED else [(number * DOCUMENT_PAGES, DOCUMENT_PAGES) for number in range(count)]
    files = tuple(material.cut(first, pages) for first, pages in cuts)
    return Asked(files, asked.questions, asked.budget)
