"""Run the examples of eval/README.md."""

import re
import shlex
from pathlib import Path

from eval import methods, records
from eval.__main__ import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "eval" / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n((?s:.*?))```", README)


def test_the_method_and_the_set_of_the_readme_run(tmp_path, monkeypatch, capsys):
    (code,) = blocks("python")
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    folder = tmp_path / "sets" / "own"
    folder.mkdir(parents=True)
    for name, line in zip(("documents", "questions"), blocks("json"), strict=True):
        (folder / f"{name}.jsonl").write_text(line, encoding="utf-8")
    (block,) = [block for block in blocks("console") if "mine.py" in block]
    run, report = [line.removeprefix("$ ") for line in block.splitlines()]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIERCOMP_EVAL_DATA", "sets")
    assert main([*shlex.split(run)[3:], "--sets", "own", "--budgets", "14"]) == 0
    assert main(shlex.split(report)[3:]) == 0
    found = {run.title: run for run in map(records.read, records.find([Path("results/mine")]))}
    assert set(found) == {"mine:shared-words", "bm25"}
    (record,) = found["mine:shared-words"].records
    assert record.scores["evidence_recall"] == 1.0
    assert "mine:shared-words" in Path("results/mine/report.md").read_text(encoding="utf-8")


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert not [link for link in links if not (ROOT / "eval" / link).exists()]


def test_the_scripts_that_it_names_are_there():
    scripts = re.findall(r"`python -m eval\.(\w+)", README)
    assert scripts
    files = {name: (ROOT / "eval" / f"{name}.py", ROOT / "eval" / name / "__main__.py") for name in scripts}
    assert not [name for name, places in files.items() if not any(path.is_file() for path in places)]


def test_what_can_be_run_is_listed(capsys):
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in (*methods.names(), "demo"))
