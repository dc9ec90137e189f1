"""Tests of the comparison in LlamaIndex and LangChain: the budgets of the methods and the report."""

import json
import re
import sys

import pytest
from eval_parts import asked, parts_of
from eval_runs import curve, record, run

from eval import datasets, machine, methods, records
from eval.stacks import __main__ as command
from eval.stacks import report, stack
from hiercomp import tokenizers
from hiercomp.types import Document

REPORT = datasets.DEMO_FOLDER / "tarnholt_q4_2025_call.md"
QUESTION = "What was the tax rate of the year, and what should be used for 2026?"
TOKENIZER = tokenizers.build()
QUICK = [name for name in stack.NAMES if name not in command.SLOW]


@pytest.fixture(scope="module")
def selections():
    """Search for a question in a document with each method."""
    document = Document(REPORT.read_text(encoding="utf-8"), "call", "")
    parts = parts_of(TOKENIZER)
    built = {name: methods.build(f"{command.FILE}:{name}", parts) for name in QUICK}
    return {name: method.index(document).find(asked(QUESTION)) for name, method in built.items()}


@pytest.mark.parametrize("name", QUICK)
def test_a_method_is_held_to_the_budget_and_uses_it(selections, name):
    for budget in (300, 900):
        text = selections[name](budget)
        assert budget / 3 < TOKENIZER.count(text) <= budget
        assert selections[name](budget) == text


@pytest.mark.parametrize("framework", ["llama-index", "langchain"])
def test_without_hiercomp_the_retrievers_first_chunks_are_taken_whole(selections, framework):
    few, many = selections[framework](500).split("\n\n"), selections[framework](10_000)
    assert many.startswith("\n\n".join(few))
    assert len(many) > 3 * sum(map(len, few))


def test_hiercomp_shows_what_the_retriever_found_for_the_same_question(selections):
    for framework in ("llama-index", "langchain"):
        assert "24.2%" in selections[f"{framework}+hiercomp"](300)
        found = selections[framework](10_000)
        parts = re.split("\n…\n|\n\n", selections[f"{framework}+hiercomp"](300))
        assert all(part in found for part in parts)


def test_the_report_sets_each_method_beside_hiercomp():
    runs = [
        run("stack:llama-index", *curve((0.0, 0.2, 0.4))),
        run("stack:llama-index+hiercomp", *curve((0.2, 0.4, 0.6))),
        run("stack:langchain", *curve((0.1, 0.1, 0.1))),
        run("stack:langchain+hiercomp", *curve((0.2, 0.2, 0.2))),
        run("stack:langchain+embeddings-filter", *curve((0.1, 0.1, 0.1), tokens=1200, overrun=200)),
    ]
    text = report.text(runs, "python -m eval.stacks DATA --sample 3")
    lines = text.splitlines()
    assert "| hiercomp: `HiercompPostprocessor` | **0.600 [0.600, 0.600]** | 10,000 | 0.100 | 0 of 10 |" in lines
    assert "| `EmbeddingsFilter` | 0.100 [0.100, 0.100] | 1,200 | 0.100 | 10 of 10 |" in lines
    assert "| papers | 10 | 0.400 | +0.200 [+0.200, +0.200] |" in lines
    assert lines[-3:] == ["    python -m eval.stacks DATA --sample 3", "", "at abc1234, a processor, 2 cores."]


def test_questions_that_one_method_lacks_are_left_out_for_all():
    some = (record(question, budget, 0.9) for question in range(3) for budget in (100, 1000))
    all_of_them = (record(question, budget, 0.1) for question in range(9) for budget in (100, 1000))
    text = report.text([run("x:langchain", *some), run("x:langchain+hiercomp", *all_of_them)], "")
    assert "At 100 tokens, 3 questions of 1 set:" in text


def test_a_run_on_a_set_is_reported_with_its_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(stack, "NAMES", ("langchain+hiercomp",))
    folder, output = tmp_path / "sets" / "facts", tmp_path / "stacks.md"
    folder.mkdir(parents=True)
    text = "".join(f"In {year} the rate was {year % 37} percent, and nobody asked why. " for year in range(1900, 1990))
    question = {
        "id": "q",
        "doc_id": "d",
        "question": "What was the rate in 1961?",
        "evidence": ["In 1961 the rate was 0"],
    }
    (folder / "documents.jsonl").write_text(json.dumps({"doc_id": "d", "text": text}), encoding="utf-8")
    (folder / "questions.jsonl").write_text(json.dumps(question), encoding="utf-8")
    places = ["--runs", str(tmp_path / "runs"), "--output", str(output)]
    monkeypatch.setattr(sys, "argv", ["stacks", str(folder.parent), "--budgets", "400", *places])
    command.main()
    assert "python -m eval.stacks DATA --budgets 400\n" in output.read_text(encoding="utf-8")
    (found,) = records.read(tmp_path / "runs" / f"stack.langchain+hiercomp@{machine.commit()}").records
    assert (found.question, found.overrun, found.scores["evidence_recall"]) == ("q", 0, 1.0)
    assert capsys.readouterr().out == f"{output}\n"


def test_budgets_that_are_no_numbers_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["stacks", str(tmp_path), "--budgets", "some"])
    with pytest.raises(SystemExit, match="give whole numbers"):
        command.main()
