import json

import pytest

from eval.records import HEAD, LINES, RunFolder, count, find, read
from eval.types import Record
from hiercomp.errors import ConfigError


def sample(questions, **left_out):
    return {"questions": questions, "left_out": left_out}


def head(**settings):
    return {
        "method": "bm25",
        "commit": "abc1234",
        "title": "bm25",
        "settings": {"tokenizer": "o200k_base", "datasets": {"demo": "d1"}, "sample": sample(3, demo=2), **settings},
        "environment": {},
        "unavailable": None,
    }


def record(question, budget=500):
    return Record(
        set="demo",
        question=question,
        document="report",
        budget=budget,
        tokens=490,
        overrun=0,
        scores={"evidence_recall": 0.5, "figure_recall": None},
        seconds={"index": 1.5, "query": 0.25},
        neural_tokens={"index": 100, "query": 7},
    )


def test_what_was_written_is_read_again(tmp_path):
    with RunFolder(tmp_path / "run", head()) as folder:
        folder.append(record("a"))
        folder.append(record("b", 1000))
        folder.note(peak_memory=2_000_000)
    run = read(tmp_path / "run")
    assert run.records == (record("a"), record("b", 1000))
    assert (run.method, run.commit, run.peak_memory) == ("bm25", "abc1234", 2_000_000)
    assert not list((tmp_path / "run").glob("*.lock"))


def test_a_run_goes_on_behind_a_line_that_was_torn(tmp_path):
    with RunFolder(tmp_path, head()) as folder:
        folder.append(record("a"))
        folder.append(record("b"))
    lines = tmp_path / LINES
    lines.write_bytes(lines.read_bytes()[:-20])
    assert [record.question for record in read(tmp_path).records] == ["a"]
    with RunFolder(tmp_path, head()) as folder:
        assert set(folder.done) == {("demo", "a", 500)}
        folder.append(record("b"))
    assert [record.question for record in read(tmp_path).records] == ["a", "b"]
    assert count(tmp_path) == 2


def test_a_run_may_grow_by_sets_and_questions(tmp_path):
    with RunFolder(tmp_path, head()) as folder:
        folder.append(record("a"))
        folder.note(peak_memory=5)
    with RunFolder(tmp_path, head(sample=sample(9, own=0), datasets={"own": "d2"})) as folder:
        assert folder.peak_memory == 5
    settings = read(tmp_path).settings
    assert settings["datasets"] == {"demo": "d1", "own": "d2"}
    assert settings["sample"] == sample(9, demo=2, own=0)


def test_plans_of_further_sets_are_added(tmp_path):
    with RunFolder(tmp_path, head(plans={"demo": "p1"})):
        pass
    with RunFolder(tmp_path, head(plans={"own": "p2"}, datasets={"own": "d2"})):
        pass
    assert read(tmp_path).settings["plans"] == {"demo": "p1", "own": "p2"}


def test_a_run_from_before_there_were_plans_goes_on(tmp_path):
    with RunFolder(tmp_path, head()) as folder:
        folder.append(record("a"))
    with RunFolder(tmp_path, head(plans={})) as folder:
        assert set(folder.done) == {("demo", "a", 500)}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"tokenizer": "cl100k_base"}, "another tokenizer"),
        ({"datasets": {"demo": "other"}}, "other files of the set demo"),
        ({"plans": {"demo": "other"}}, "other plans of the set demo"),
        ({"seed": 1}, "another seed"),
    ],
)
def test_a_run_does_not_go_on_with_other_settings(tmp_path, changed, named):
    with RunFolder(tmp_path, head(plans={"demo": "p1"})):
        pass
    with pytest.raises(ConfigError, match=named), RunFolder(tmp_path, head(**changed)):
        pass
    with RunFolder(tmp_path, head(plans={"demo": "p1"})):  # the refused run has released its lock
        pass


def test_one_process_writes_at_a_time(tmp_path):
    with RunFolder(tmp_path, head()), pytest.raises(ConfigError, match="another process"), RunFolder(tmp_path, head()):
        pass


def test_runs_are_found_in_folders(tmp_path):
    for name in ("b", "a"):
        with RunFolder(tmp_path / name, head()):
            pass
    assert find([tmp_path]) == [tmp_path / "a", tmp_path / "b"]
    assert find([tmp_path / "b", tmp_path]) == [tmp_path / "b", tmp_path / "a"]
    with pytest.raises(ConfigError, match="no run in"):
        find([tmp_path / "none"])


@pytest.mark.parametrize("content", ["", "{", json.dumps({"method": "bm25"})])
def test_a_damaged_run_is_named(tmp_path, content):
    (tmp_path / HEAD).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="run"):
        read(tmp_path)
