"""A folder of sets, written by each test."""

import json

import pytest

from hiercomp.storage.store import CACHE_VARIABLE


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    """Documents that are read from files are kept in the test's folder."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


@pytest.fixture
def write(tmp_path):
    """Writes a set of documents and questions into a folder of sets, and returns its folder."""

    def written(name, documents, questions):
        folder = tmp_path / "sets" / name
        folder.mkdir(parents=True)
        for file, lines in (("documents", documents), ("questions", questions)):
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (folder / f"{file}.jsonl").write_text(text, encoding="utf-8", newline="")
        return folder

    return written
