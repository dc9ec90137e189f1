"""Load sets of questions: folders, the project's own set `demo`, and public originals from the Hugging Face hub."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import chain, zip_longest
from pathlib import Path
from typing import TypeVar

from eval.datasets import folder, hub
from eval.types import Dataset, Question
from hiercomp.errors import ConfigError

Item = TypeVar("Item")

DEMO = "demo"
DEMO_FOLDER = Path(__file__).parents[2] / "data"


def names(data: Path | None) -> tuple[str, ...]:
    """Return the names of all sets: `demo`, the folders in `data`, and those of the hub.

    Raises:
        ConfigError: `data` is not a folder.
    """
    if data is not None and not data.is_dir():
        raise ConfigError(f"{data} is not a folder: name the folder that holds one folder for each set")
    folders = sorted(path.name for path in data.iterdir() if folder.is_set(path)) if data else []
    return tuple(dict.fromkeys([DEMO, *folders, *hub.SOURCES]))


def load(name: str, data: Path | None) -> Dataset:
    """Load a set. `data` is the folder that holds one folder for each set.

    Raises:
        ConfigError: there is no such set, or it cannot be read.
    """
    known = names(data)
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        advice = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
        more = "" if data else "; more sets are found with --data DIR or HIERCOMP_EVAL_DATA"
        raise ConfigError(f"no set is called {name!r}; {advice}{more}")
    if name in hub.SOURCES:
        return hub.load(name)
    return folder.load(DEMO_FOLDER, DEMO) if name == DEMO or data is None else folder.load(data / name)


def sample(
    questions: Iterable[Question], count: int | None, seed: int, *, documents: int | None = None
) -> tuple[Question, ...]:
    """Draw at most `count` questions on at most `documents` documents. None means all.

    The draw depends only on the ids and the seed, and a larger sample begins with the smaller one. If documents are
    limited, they are drawn first and give their questions in turn, so that a few documents with many questions do not
    fill the sample.
    """
    drawn = _in_order(questions, seed, lambda question: question.id)
    if documents is not None:
        by_document: dict[str, list[Question]] = {}
        for question in drawn:
            by_document.setdefault(question.document_id, []).append(question)
        chosen = _in_order(by_document, seed, str)[:documents]
        turns = zip_longest(*(by_document[document] for document in chosen))
        drawn = [question for question in chain.from_iterable(turns) if question is not None]
    return tuple(drawn[:count])


def _in_order(items: Iterable[Item], seed: int, name: Callable[[Item], str]) -> list[Item]:
    """Sort items in an order that looks random and is the same everywhere."""
    return sorted(items, key=lambda item: hashlib.sha256(f"{seed}:{name(item)}".encode()).hexdigest())
