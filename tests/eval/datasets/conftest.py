"""A folder of sets that each test writes."""

import json

import pytest

from hiercomp.models import CACHE_VARIABLE


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    """Store documents that are read from files in the test's folder."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a set into a folder of sets and returns the set's folder."""

    def written(name, documents, questions):
        folder = tmp_path / "sets" / name
        folder.mkdir(parents=True)
        for file, lines in (("documents", documents), ("questions", questions)):
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (folder / f"{file}.jsonl").write_text(text, encoding="utf-8", newline="")
        return folder

    return written
