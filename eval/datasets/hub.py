"""Load public originals. They are fetched from the Hugging Face hub at a fixed revision and stored in its cache.

No hub could be reached when this was written. Repositories, files and fields follow their documentation and the code of
their users. The tests read rows and files of that form from a cache made by hand. QASPER has no fixed revision: its
parquet files are a conversion of a loading script that the hub makes. FinanceBench's filings are fetched from its own
repository when they are first read. NarrativeQA's film scripts are the HTML of web pages.
"""

from __future__ import annotations

import io
import json
import logging
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path

from eval.datasets import _rows, folder
from eval.datasets._rows import Entry, Row
from eval.types import Dataset, Question
from hiercomp.errors import ConfigError
from hiercomp.types import Document

FILINGS = "https://raw.githubusercontent.com/patronus-ai/financebench/cc39aeb4afdf33909ee1412188bf89035950c2eb/pdfs"
LONGBENCH_TASKS = (
    "narrativeqa",
    "qasper",
    "multifieldqa_en",
    "multifieldqa_zh",
    "hotpotqa",
    "2wikimqa",
    "musique",
    "dureader",
)
BATCH = 64


@dataclass(frozen=True, slots=True)
class Source:
    """The place of a set, and the function that converts its rows. `member` is the file within an archive."""

    repository: str
    revision: str
    files: tuple[str, ...]
    entry: Callable[[Row], Entry]
    member: str = ""


SOURCES = {
    "hub/financebench": Source(
        "PatronusAI/financebench",
        "02b857fca6f884220c5629aa0e388ddbd12a0233",
        ("financebench_merged.jsonl",),
        _rows.financebench,
    ),
    "hub/hotpotqa": Source(
        "hotpotqa/hotpot_qa",
        "1908d6afbbead072334abe2965f91bd2709910ab",
        ("distractor/validation-00000-of-00001.parquet",),
        _rows.hotpotqa,
    ),
    "hub/narrativeqa": Source(
        "deepmind/narrativeqa",
        "2e643e7363944af1c33a652d1c87320d0871c4e4",
        tuple(f"data/test-{number:05d}-of-00008.parquet" for number in range(8)),
        _rows.narrativeqa,
    ),
    "hub/qasper": Source("allenai/qasper", "refs/convert/parquet", ("qasper/test/0000.parquet",), _rows.qasper),
    "hub/quality": Source(
        "emozilla/quality",
        "52ff65ed05238d957cfa57cdf500670d18335b29",
        ("data/validation-00000-of-00001-77baeb9538209706.parquet",),
        _rows.quality,
    ),
} | {
    f"hub/longbench_{task}": Source(
        "zai-org/LongBench",
        "5e628be450b7e67fb7ae6e201bd6d8f7056f7672",
        ("data.zip",),
        _rows.longbench,
        f"data/{task}.jsonl",
    )
    for task in LONGBENCH_TASKS
}


def load(name: str) -> Dataset:
    """Load a set of `SOURCES`.

    Raises:
        ConfigError: the set can be read neither from the hub nor from its cache.
    """
    source = SOURCES[name]
    paths = [_fetch(name, source, file) for file in source.files]
    documents: dict[str, Callable[[], Document]] = {}
    questions: list[Question] = []
    unanswerable = 0
    for path in paths:
        for row in _read(path, source.member):
            entry = source.entry(row)
            if entry.document_id not in documents:
                read = partial(_filing, name) if entry.text is None else partial(_text, entry.text)
                documents[entry.document_id] = partial(read, entry.document_id)
            questions += entry.questions
            unanswerable += entry.unanswerable
    return Dataset(name, tuple(questions), documents, folder.digest(paths), unanswerable=unanswerable)


def _fetch(name: str, source: Source, file: str) -> Path:
    """Fetch a file of the hub into its cache and return its path."""
    from huggingface_hub import hf_hub_download

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # Each of its five attempts logs two lines.
    try:
        return Path(hf_hub_download(source.repository, file, repo_type="dataset", revision=source.revision))
    except OSError as error:
        raise ConfigError(_unreachable(name, "https://huggingface.co", error)) from error


def _unreachable(name: str, place: str, error: Exception) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return f"{name} cannot be read from {place} ({reason}); connect to it, or name a folder of sets with --data DIR"


def _read(path: Path, member: str) -> Iterator[Row]:
    """Yield the rows of a file in small batches, because rows repeat whole books."""
    if path.suffix == ".parquet":
        from pyarrow import parquet

        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH):
                yield from batch.to_pylist()
    elif member:
        with zipfile.ZipFile(path) as archive, archive.open(member) as lines:
            yield from map(json.loads, io.TextIOWrapper(lines, encoding="utf-8"))
    else:
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _text(text: str, document_id: str) -> Document:
    return Document(text, document_id, document_id)


def _filing(name: str, document_id: str) -> Document:
    """Fetch a filing of FinanceBench once, and read it as hiercomp reads any file."""
    path = user_cache_path("hiercomp-eval", appauthor=False) / "financebench" / f"{document_id}.pdf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        try:
            urllib.request.urlretrieve(f"{FILINGS}/{document_id}.pdf", part)
        except OSError as error:
            raise ConfigError(_unreachable(name, FILINGS, error)) from error
        part.replace(path)
    return folder.read_file(path)
