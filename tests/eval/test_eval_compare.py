"""Compare two runs made by hand."""

import json
import sys
from dataclasses import asdict

import pytest
from eval_runs import RISING, curve, run

from eval import compare
from eval.summary.comparison import entries

LOWER = (0.0, 0.4, 0.8)


def entry(*records):
    (found,) = entries([run("hiercomp", *records)])
    return found


def folder(path, *records, **fields):
    path.mkdir()
    head = {**asdict(run("hiercomp", **fields)), "records": None}
    (path / "run.json").write_text(json.dumps({key: head[key] for key in head if head[key] is not None}))
    (path / "records.jsonl").write_text("".join(json.dumps(asdict(each)) + "\n" for each in records))
    return path


def test_each_set_has_its_areas_and_what_was_gained() -> None:
    # Areas of (0 / 2 + 0.4 + 0.8 / 2) / 2 = 0.4 and (0 / 2 + 0.5 + 1 / 2) / 2 = 0.5; the other set is equal.
    before = entry(*curve(LOWER), *curve(RISING, set="filings"))
    after = entry(*curve(RISING), *curve(RISING, set="filings"))
    assert list(compare.rows(before, after)) == [
        ("filings", "10", "0.500", "0.500", "+0.000 [+0.000, +0.000]"),
        ("papers", "10", "0.400", "0.500", "+0.100 [+0.100, +0.100]"),
        ("mean of 2", "20", "0.450", "0.500", "+0.050 [+0.050, +0.050]"),
    ]


def test_only_questions_of_both_runs_are_compared() -> None:
    found = list(compare.rows(entry(*curve(LOWER, range(4))), entry(*curve(RISING, range(2, 8)))))
    assert [row[1] for row in found] == ["2", "2"]
    assert list(compare.rows(entry(*curve(LOWER, range(4))), entry(*curve(RISING, range(4, 8))))) == []


def test_the_command_prints_the_table(tmp_path, monkeypatch, capsys) -> None:
    paths = [folder(tmp_path / "before", *curve(LOWER)), folder(tmp_path / "after", *curve(RISING))]
    monkeypatch.setattr(sys, "argv", ["compare", *map(str, paths)])
    compare.main()
    assert "| papers | 10 | 0.400 | 0.500 | +0.100 [+0.100, +0.100] |" in capsys.readouterr().out


def test_a_run_with_plans_is_compared_on_the_questions_that_have_one(tmp_path, monkeypatch, capsys) -> None:
    plain = folder(tmp_path / "plain", *curve(LOWER))
    fields = {"settings": {"plans": {"papers": "ef" * 32}}, "title": "hiercomp+plans"}
    planned = folder(tmp_path / "planned", *curve(RISING, range(6)), **fields)
    monkeypatch.setattr(sys, "argv", ["compare", str(plain), str(planned)])
    compare.main()
    assert "| papers | 6 | 0.400 | 0.500 | +0.100 [+0.100, +0.100] |" in capsys.readouterr().out


def test_what_is_not_one_run_is_told_in_one_line(tmp_path, monkeypatch) -> None:
    folder(tmp_path / "one", *curve(LOWER))
    monkeypatch.setattr(sys, "argv", ["compare", str(tmp_path / "one"), str(tmp_path / "none")])
    with pytest.raises(SystemExit, match=r"^error: no run in "):
        compare.main()
    head = json.loads((tmp_path / "one" / "run.json").read_text())
    other = folder(tmp_path / "other", *curve(RISING))
    (other / "run.json").write_text(json.dumps({**head, "method": "bm25", "title": "bm25"}))
    monkeypatch.setattr(sys, "argv", ["compare", str(tmp_path), str(tmp_path / "one")])
    with pytest.raises(SystemExit, match=r"holds 2 methods; name the folder of one run$"):
        compare.main()
