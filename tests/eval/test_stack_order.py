"""Tests of the comparison of weights for a retriever's order."""

import json
import sys

import numpy as np
import pytest

from eval.stacks import _order, order
from hiercomp.encoders import minilm
from hiercomp.encoders._onnx import TOKENIZER, TOKENIZER_SHA256, packaged

TEXTS = ["The rate was 12 percent in 1912.", "Nobody asked why.", "Lunch was served at noon."]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An encoder in a folder: the packaged one, as `--onnx` takes it."""
    folder = tmp_path_factory.mktemp("encoders") / "mini"
    folder.mkdir()
    (folder / "tokenizer.json").symlink_to(packaged(*TOKENIZER, TOKENIZER_SHA256))
    (folder / "model.onnx").symlink_to(packaged(*minilm.MODEL, minilm.MODEL_SHA256))
    return folder


def test_an_encoder_in_a_folder_gives_unit_vectors_that_find_a_text(folder):
    model = _order.Onnx(folder)
    vectors = model.passages(TEXTS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3))
    assert np.argmax(vectors @ model.question("What was the rate in 1912?")) == 0


def test_the_best_mix_ranks_the_gold_chunks_at_least_as_well_as_either_of_its_scores():
    lexical, dense = np.array([3.0, 2.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.9, 0.0])
    for gold in range(4):
        mix = _order.best_mix(lexical, dense, [place == gold for place in range(4)])
        ranks = [int((scores > scores[gold]).sum()) for scores in (mix, lexical, dense)]
        assert ranks[0] <= min(ranks[1:])


def test_chunks_that_share_no_word_with_the_question_have_a_lexical_score_of_0():
    assert [score > 0 for score in _order.lexical_scores(TEXTS, "What was the rate?")] == [True, False, False]


def test_a_question_shuffles_scores_in_the_same_way_each_time():
    scores = np.arange(20.0)
    assert np.array_equal(_order.shuffled(scores, "a"), _order.shuffled(scores, "a"))
    assert not np.array_equal(_order.shuffled(scores, "a"), _order.shuffled(scores, "b"))
    assert np.array_equal(np.sort(_order.shuffled(scores, "a")), scores)


def test_the_report_has_the_recall_without_an_order_and_the_gain_of_each_weight(tmp_path, monkeypatch, capsys, folder):
    facts, output = tmp_path / "sets" / "facts", tmp_path / "order.md"
    facts.mkdir(parents=True)
    text = "".join(f"In {year} the rate was {year % 37} percent, and nobody asked why. " for year in range(1900, 1990))
    known = {"doc_id": "d", "question": "What was the rate in 1961?"}
    questions = [known | {"id": "q", "evidence": ["In 1961 the rate was 0"]}, known | {"id": "without evidence"}]
    (facts / "documents.jsonl").write_text(json.dumps({"doc_id": "d", "text": text}), encoding="utf-8")
    (facts / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    options = ["--budgets", "60,200", "--onnx", str(folder), "--output", str(output)]
    monkeypatch.setattr(sys, "argv", ["order", str(facts.parent), *options])
    order.main()
    lines = output.read_text(encoding="utf-8").splitlines()
    assert "## facts, 1 question" in lines
    assert "| mini | 1.000 | +0.000 | +0.000 | +0.000 | +0.000 |" in lines
    orders = [line.split(" | ")[0].strip("| ") for line in lines if line.startswith("| ")]
    assert orders[2:7] == ["all-MiniLM-L6-v2", "mini", "best mix", "shuffled", "document"]
    assert "    python -m eval.stacks.order DATA --budgets 60,200 --onnx mini" in lines
    assert capsys.readouterr().out == f"{output}\n"


def test_what_goes_wrong_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["order", str(tmp_path), "--sets", "no-such"])
    with pytest.raises(SystemExit, match="error: no set is called 'no-such'"):
        order.main()
