"""The script that fits the join of needs, on two small sets with plans and one without."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from eval import fit_evidence, fit_plans
from eval.fit_plans import PlannedCase
from eval.run import cache
from hiercomp.ranking.needs import ANY_FEATURES
from hiercomp.storage.store import Store

TOPICS = ["effective tax rate", "lease income", "storm damage", "pension cost"]
FACT = "In the year 2022 the {topic} of {name} came to {amount} in all."
FILING = "The consolidated revenues, liabilities, dividends and earnings of the fiscal year belong to the shareholders."
"""Words by which the playbook of filings knows its documents."""
FILLER = "Nobody asked about anything else on that day, or so it seems to most of us here."
SETS = {"reports": 1, "letters": 1, "bare": 1}


def facts(name):
    return [FACT.format(topic=topic, name=name, amount=310 * place) for place, topic in enumerate(TOPICS, start=1)]


def lines(topic):
    """Return the lines of a plan."""
    return [f"{topic} of the year", f"amount to which the {topic} came"]


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def write_set(folder, name, filler):
    """Write a set of one document, with one fact and one question for each topic."""
    text = "\n\n".join(f"{' '.join([filler] * 12)}\n\n{fact}" for fact in facts(name))
    questions = [
        {"id": topic, "doc_id": name, "question": f"What was the {topic} in 2022?", "evidence": [fact]}
        for topic, fact in zip(TOPICS, facts(name), strict=True)
    ]
    nowhere = {"id": "nowhere", "doc_id": name, "question": "Where?", "evidence": ["It is nowhere in the text."]}
    write(folder / "documents.jsonl", [{"doc_id": name, "text": text}])
    write(folder / "questions.jsonl", [*questions, nowhere])


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Make three sets in `data`, and in `plans` the plans of two of them. The last topic of `letters` has no plan."""
    write_set(tmp_path / "data" / "reports", "Alpha", FILING)
    for name, document in (("letters", "Beta"), ("bare", "Gamma")):
        write_set(tmp_path / "data" / name, document, FILLER)
    planned = {"reports": [*TOPICS, "nowhere"], "letters": TOPICS[:-1]}
    for name, topics in planned.items():
        write(tmp_path / "plans" / f"{name}.jsonl", [{"id": topic, "plan": lines(topic)} for topic in topics])
    for module in (fit_evidence, fit_plans):
        monkeypatch.setattr(module, "SETS", SETS)
    return tmp_path / "data"


def collect(data, name):
    with Store.open(cache()) as store:
        return list(fit_plans.collect(data, data.parent / "plans", name, store))


def needs(case):
    """Return the number of needs that a case joins."""
    column = ANY_FEATURES.index("needs")
    (found,) = {round(np.exp(value)) for part in (case.passages, case.sentences) for value in part[0][:, column]}
    return found


def test_a_question_is_fitted_with_its_lines_with_the_known_needs_and_with_both(data):
    cases = collect(data, "reports")
    found = {topic: [needs(case) for case in cases if case.question.id == topic] for topic in TOPICS}
    # The question itself is a need, and the plan has two lines. Playbooks know the tax rate, and not the storm damage.
    given, known, both = found["effective tax rate"]
    assert given == 3
    assert known > 1
    assert both == known + 2
    assert found["storm damage"] == [3]
    assert {case.name for case in cases} == {"reports"}
    assert not any(case.question.id == "nowhere" for case in cases)


def test_a_case_has_a_row_for_each_passage_and_sentence_and_labels_the_fact_alone(data):
    for case in collect(data, "letters"):
        for features, gold in (case.passages, case.sentences):
            assert features.shape == (len(gold), len(ANY_FEATURES))
            assert gold.sum() == 1
            # The fact has the words of the question and of its plan, so its noisy-or is the greatest.
            assert features[:, ANY_FEATURES.index("noisy_or")].argmax() == gold.argmax()
        assert len(case.sentences[1]) > len(case.passages[1]) > 1


def test_questions_without_a_plan_and_sets_without_plans_are_skipped(data):
    assert {case.question.id for case in collect(data, "letters")} == {*TOPICS[:-1]}
    assert collect(data, "bare") == []


def test_both_models_are_fitted_to_the_gold_labels(data):
    cases = [case for name in SETS for case in collect(data, name)]
    models = fit_plans.fit_any(cases)
    assert set(models) == {"passage/any", "sentence/any"}
    for name, model in models.items():
        pairs = [case.passages if name == "passage/any" else case.sentences for case in cases]
        chance = model.probability(np.vstack([rows for rows, _ in pairs]))
        gold = np.concatenate([labels for _, labels in pairs])
        assert len(model.weights) == len(ANY_FEATURES)
        assert chance[gold > 0].mean() > 5 * chance[gold == 0].mean()


def test_a_noisy_or_that_is_too_high_is_corrected():
    # Eight of ten sentences are expected by the noisy-or, and two are gold, for two needs and for four.
    logits = np.full(40, np.log(0.8 / 0.2))
    features = np.column_stack([logits, np.repeat(np.log([2, 4]), 20)])
    pair = (features, np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 8))
    for model in fit_plans.fit_any([PlannedCase("reports", None, pair, pair)]).values():
        assert model.probability(features) == pytest.approx(0.2, abs=1e-6)


def test_the_script_adds_the_models_to_the_file(data, monkeypatch, capsys):
    weights = data.parent / "evidence.json"
    known = {"bias": 0.5, "weights": [1.0]}
    before = {
        "provenance": {"script": "eval/fit_evidence.py", "documents": {"bare": ["Gamma"], "letters": ["Delta"]}},
        "features": {"passage": ["bm25"]},
        "models": {"sentence": known, "sentence/any": known},
    }
    weights.write_text(json.dumps(before), encoding="utf-8")
    arguments = ["fit_plans", str(data), str(data.parent / "plans"), "--weights", str(weights)]
    monkeypatch.setattr(sys, "argv", arguments)
    fit_plans.main()
    written = json.loads(weights.read_text(encoding="utf-8"))
    assert set(written["models"]) == {"sentence", "passage/any", "sentence/any"}
    assert written["models"]["sentence"] == known
    assert written["models"]["sentence/any"] != known
    assert written["features"] == {"passage": ["bm25"], "any": list(ANY_FEATURES)}
    counts = {name: len(collect(data, name)) for name in SETS}
    assert counts["reports"] > len(TOPICS)
    assert (counts["letters"], counts["bare"]) == (3, 0)
    assert written["provenance"] == {
        "script": "eval/fit_evidence.py",
        "documents": {"bare": ["Gamma"], "letters": ["Delta", "Beta"], "reports": ["Alpha"]},
        "plans": counts,
    }
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in printed] == [
        f"{name}: {counts[name]} plans" for name in ("reports", "letters")
    ]
    errors = [float(line.rpartition(" ")[2]) for line in printed]
    assert all(0 <= error <= 1 for error in errors)


def test_the_weights_of_the_product_are_the_default():
    assert (Path(fit_plans.__file__).parents[1] / fit_plans.WEIGHTS).is_file()
