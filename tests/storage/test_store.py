import ast
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import hiercomp
from hiercomp.errors import DocumentError
from hiercomp.models import CACHE_VARIABLE, cache_folder
from hiercomp.ports import TokenVectors
from hiercomp.storage.rows import Rows
from hiercomp.storage.store import Store, file_key
from hiercomp.types import Document, Hierarchy, Node, Span

DOCUMENT = Document("One sentence. Another.", "a.txt", "a")
HIERARCHY = Hierarchy((DOCUMENT,), (Node("n", DOCUMENT.id, 0, "", Span(0, 22), DOCUMENT.text, (Span(0, 13),)),))


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def test_a_hierarchy_is_kept_for_the_next_run(tmp_path):
    with Store.open(tmp_path) as first:
        assert first.get_hierarchy("key") is None
        first.put_hierarchy("key", HIERARCHY)
    with Store.open(tmp_path) as second:
        assert second.get_hierarchy("key") == HIERARCHY
        assert second.get_hierarchy("other") is None


def tokens_of(*rows):
    """Tokens whose rows are kept without loss: each has one number that is not 0."""
    spans = np.array([[place, place + 1] for place in range(len(rows))], np.int32).reshape(-1, 2)
    return TokenVectors(np.float32([0.6, 0.8]), spans, np.float32(rows).reshape(-1, 2))


def same(first, second):
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in ("vector", "spans", "rows"))


def test_tokens_are_kept_by_encoder_and_text_for_the_next_run(tmp_path):
    kept = {"a": tokens_of([1, 0], [0, -1]), "b": tokens_of()}
    with Store.open(tmp_path) as first:
        assert first.get_tokens("encoder", ["a"], dimension=2) == {}
        first.put_tokens("encoder", kept)
    with Store.open(tmp_path) as second:
        found = second.get_tokens("encoder", ["b", "a", "c"], dimension=2)
        assert set(found) == {"a", "b"}
        assert all(same(found[text], kept[text]) for text in kept)
        assert second.get_tokens("another encoder", ["a"], dimension=2) == {}
        assert second.info().vectors == 2


def test_a_text_without_tokens_keeps_its_vector_at_full_precision(store):
    vector = np.random.default_rng(0).normal(size=384).astype(np.float32)
    returned = store.put_tokens("encoder", {"a": TokenVectors.without_tokens(vector)})
    found = store.get_tokens("encoder", ["a"], dimension=384)
    assert same(found["a"], returned["a"])
    assert found["a"].vector.dtype == np.float32
    assert np.array_equal(found["a"].vector, vector)
    assert (found["a"].spans.shape, found["a"].rows.shape) == ((0, 2), (0, 384))


def test_vectors_of_another_dimension_are_left_out(store):
    two, three = (TokenVectors.without_tokens(np.zeros(dimension, np.float32)) for dimension in (2, 3))
    store.put_tokens("encoder", {"a": two, "b": three})
    assert set(store.get_tokens("encoder", ["a", "b"], dimension=3)) == {"b"}


def test_rows_of_a_kind_that_is_no_longer_used_are_ignored(tmp_path):
    earlier = Rows(tmp_path)
    earlier.write(2, {bytes(16): bytes(8)})
    earlier.close()
    with Store.open(tmp_path) as store:
        store.put_tokens("encoder", {"a": tokens_of([1, 0])})
        assert set(store.get_tokens("encoder", ["a"], dimension=2)) == {"a"}
        assert (store.info().vectors, store.warning) == (1, None)
        assert store.info().path == tmp_path / "store-1.sqlite"


def test_damaged_tokens_are_absent_and_the_others_stay(tmp_path):
    with Store.open(tmp_path) as store:
        store.put_tokens("encoder", {"a": tokens_of([1, 0])})
        path = store.info().path
    with closing(sqlite3.connect(path)) as file, file:
        assert file.execute("UPDATE entries SET payload = substr(payload, 1, 20) WHERE kind = 3").rowcount == 1
    with Store.open(tmp_path) as store:
        store.put_tokens("encoder", {"b": tokens_of([0, 1])})
        assert set(store.get_tokens("encoder", ["a", "b"], dimension=2)) == {"b"}
        store.put_tokens("encoder", {"a": tokens_of([0, 1])})
        assert same(store.get_tokens("encoder", ["a"], dimension=2)["a"], tokens_of([0, 1]))


@pytest.mark.parametrize("payload", [b"", b"tokens", bytes(8), bytes(11), b"\xff" * 8])
def test_a_row_that_is_whole_but_no_tokens_is_absent(tmp_path, payload):
    planted = Rows(tmp_path)
    digest = hashlib.blake2b(json.dumps(["n", "t"]).encode(), digest_size=16).digest()
    planted.write(3, {digest: payload})
    planted.close()
    with Store.open(tmp_path) as store:
        assert store.get_tokens("n", ["t"], dimension=2) == {}


def test_a_count_is_kept_under_its_names_for_the_next_run(tmp_path):
    with Store.open(tmp_path) as first:
        assert first.get_count("o200k_base", 7, "document") is None
        first.put_count(83_287, "o200k_base", 7, "document")
    with Store.open(tmp_path) as second:
        assert second.get_count("o200k_base", 7, "document") == 83_287
        assert second.get_count("o200k_base", 8, "document") is None


def test_a_row_that_is_whole_but_no_hierarchy_is_absent(tmp_path, store):
    planted = Rows(tmp_path)
    digest = hashlib.blake2b(json.dumps(["key"]).encode(), digest_size=16).digest()
    planted.write(1, {digest: b"\x80\x04\x95planted"})
    planted.close()
    assert store.info().hierarchies == 1
    assert store.get_hierarchy("key") is None


def test_info_counts_and_clear_empties(tmp_path, store):
    store.put_hierarchy("key", HIERARCHY)
    vector = TokenVectors.without_tokens(np.zeros(384, np.float32))
    store.put_tokens("encoder", {f"{index}": vector for index in range(1000)})
    info = store.info()
    assert (info.path, info.hierarchies, info.vectors) == (tmp_path / "store-1.sqlite", 1, 1000)
    assert info.bytes > 1000 * 384 * 4
    assert store.clear() > 1000 * 384 * 4
    assert (store.info().hierarchies, store.info().vectors) == (0, 0)
    assert store.get_hierarchy("key") is None


def test_a_store_in_memory_has_the_same_methods_and_no_file():
    with Store.memory() as store:
        store.put_hierarchy("key", HIERARCHY)
        assert store.get_hierarchy("key") == HIERARCHY
        assert (store.info().path, store.info().bytes) == (None, 0)
        assert store.clear() == 0
        assert store.warning is None


def test_the_directory_is_the_one_named_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "named"))
    with Store.open() as store:
        assert store.info().path == tmp_path / "named" / "store-1.sqlite"


def test_the_directory_is_the_users_cache_where_none_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with Store.open() as store:
        assert store.info().path.is_relative_to(tmp_path)


def test_a_store_that_cannot_be_kept_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with Store.open(tmp_path / "file") as store:
        store.put_hierarchy("key", HIERARCHY)
        assert store.get_hierarchy("key") == HIERARCHY
        assert "nothing is kept" in store.warning


def test_a_key_changes_with_the_content_and_with_each_setting(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("text")
    key = file_key(path, pages="1-3", type=None)
    assert key == file_key(path, type=None, pages="1-3")
    moved = tmp_path / "b.txt"
    path.rename(moved)
    assert file_key(moved, pages="1-3", type=None) == key
    assert file_key(moved, pages="1-4", type=None) != key
    moved.write_text("texts")
    assert file_key(moved, pages="1-3", type=None) != key


def test_a_file_that_is_not_there_has_no_key(tmp_path):
    with pytest.raises(DocumentError, match=r"none\.pdf cannot be read"):
        file_key(tmp_path / "none.pdf")


def test_nothing_in_the_package_unpickles():
    loaders = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
    files = list(Path(hiercomp.__file__).parent.rglob("*.py"))
    assert len(files) > 20
    for path in files:
        for part in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(part, ast.Import):
                assert not loaders & {name.name.split(".")[0] for name in part.names}, path
            elif isinstance(part, ast.ImportFrom):
                assert (part.module or "").split(".")[0] not in loaders, path
            elif isinstance(part, ast.keyword):
                refused = {"allow_pickle": True, "trust_remote_code": True, "weights_only": False}
                value = part.value.value if isinstance(part.value, ast.Constant) else None
                assert part.arg not in refused or value is not refused[part.arg], path


@pytest.mark.parametrize("text", ["", "The rate rose.", "\ud800 \x00 日本"])
def test_texts_are_kept_by_their_names_for_the_next_run(tmp_path, text):
    with Store.open(tmp_path) as store:
        assert store.get_text("summary", 1, "a") is None
        store.put_text(text, "summary", 1, "a")
    with Store.open(tmp_path) as store:
        assert store.get_text("summary", 1, "a") == text
        assert store.get_text("summary", 2, "a") is None
        assert store.get_count("summary", 1, "a") is None


def test_a_tilde_in_a_folder_is_the_home_folder_as_it_is_for_models(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with Store.open(Path("~/kept")) as opened:
        assert opened.info().path == cache_folder(Path("~/kept")) / "store-1.sqlite"
    assert (tmp_path / "kept").is_dir()
    assert not (tmp_path / "~").exists()
