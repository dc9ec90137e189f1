import json
import sys

import numpy as np
import pytest

from eval import fit_evidence
from eval.fit_evidence import SENTENCE_MODELS
from eval.types import Evidence, Question
from hiercomp.hierarchy import build_hierarchy
from hiercomp.ranking.evidence import SENTENCE_FEATURES
from hiercomp.ranking.fusion import FAMILIES, PASSAGE_FEATURES, RETRIEVERS
from hiercomp.types import Document, Page, Span

TOPICS = ["taxes", "leases", "goodwill", "pensions"]
FACT = "In the year 2022 the {topic} of {name} came to {amount} thousand in all."
FILLER = "Nobody asked about anything else on that day, or so it seems to most of us here. "


def facts(name):
    return [FACT.format(topic=topic, name=name, amount=310 * place) for place, topic in enumerate(TOPICS, start=1)]


def write(folder, documents, questions):
    folder.mkdir()
    questions = [{"id": str(number), **question} for number, question in enumerate(questions)]
    for name, lines in (("documents", documents), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Make two sets: one has evidence as text on pages, the other has spans and a document that is left out."""
    pages = "\f".join(f"{FILLER}{fact} {FILLER}" for fact in facts("Alpha"))
    asked = [f"How much were the {topic} in 2022?" for topic in TOPICS]
    paged = [
        {
            "doc_id": "alpha",
            "question": question,
            "evidence": [fact.replace(" in ", "  in\n")],
            "evidence_pages": [page],
        }
        for page, (question, fact) in enumerate(zip(asked, facts("Alpha"), strict=True))
    ]
    unanswerable = {"doc_id": "alpha", "question": "Who?", "type": "unanswerable"}
    without = {"doc_id": "alpha", "question": "Where?", "evidence": ["It is nowhere in the text."]}
    write(tmp_path / "paged", [{"doc_id": "alpha", "text": pages}], [*paged, unanswerable, without])
    plain = "\n\n".join(f"{FILLER * 2}\n\n{fact}" for fact in facts("Beta"))
    spans = [
        {"doc_id": "beta", "question": question, "evidence_spans": [[plain.index(fact), plain.index(fact) + len(fact)]]}
        for question, fact in zip(asked, facts("Beta"), strict=True)
    ]
    shared = {"doc_id": "beta", "question": asked[0], "evidence": [facts("Beta")[0].replace(" of ", "\n of ")]}
    reported = {"doc_id": "gamma", "question": asked[0], "evidence": [facts("Gamma")[0]]}
    texts = [{"doc_id": "beta", "text": plain}, {"doc_id": "gamma", "text": " ".join(facts("Gamma"))}]
    write(tmp_path / "spans", texts, [*spans, reported])
    write(tmp_path / "reported", texts[1:], [reported])
    bundled = {"doc_id": "beta-and-gamma", "text": " ".join([plain, *facts("Gamma")])}
    write(
        tmp_path / "bundle",
        [bundled],
        [{**reported, "doc_id": "beta-and-gamma"}, {**shared, "doc_id": "beta-and-gamma"}],
    )
    monkeypatch.setattr(fit_evidence, "SETS", {"paged": 3, "spans": 3})
    monkeypatch.setattr(fit_evidence, "HELD_OUT", {"spans": "reported"})
    return tmp_path


def gold_texts(case):
    text = case.hierarchy.documents[0].text
    return [
        span.of(text)
        for node in case.hierarchy.level(0)
        for span, gold in zip(node.sentences, case.gold[node.id], strict=True)
        if gold
    ]


def test_the_script_writes_models_that_find_the_evidence(data, tmp_path, monkeypatch, capsys):
    output = tmp_path / "evidence.json"
    monkeypatch.setattr(sys, "argv", ["fit_evidence", str(data), "--output", str(output)])
    fit_evidence.main()
    areas = {line.split(":")[0]: line for line in capsys.readouterr().out.splitlines() if " area " in line}
    assert set(areas) == {"paged", "spans"}
    assert all(float(line.split()[2].rstrip(",")) > 0.9 for line in areas.values()), areas
    written = json.loads(output.read_text(encoding="utf-8"))
    passages = {"passage/" + "+".join(family) for family in FAMILIES}
    assert set(written["models"]) == {"sentence", "sentence+tokens", *passages}
    assert {len(written["models"][name]["weights"]) for name in SENTENCE_MODELS} == {len(SENTENCE_FEATURES)}
    assert len(written["models"]["passage/bm25"]["weights"]) == len(PASSAGE_FEATURES)
    # One sentence model has token scores as features, the other has not.
    first = SENTENCE_FEATURES.index("tokens_read")
    with_tokens, without_tokens = (
        written["models"][name]["weights"][first : first + 3] for name in ("sentence+tokens", "sentence")
    )
    assert all(with_tokens[1:])
    assert without_tokens == [0.0, 0.0, 0.0]
    assert written["features"] == {"passage": list(PASSAGE_FEATURES), "sentence": list(SENTENCE_FEATURES)}
    # Each set has four questions. The document of the reported set is left out of the second set. The set that bundles
    # a document under another name asks a fitted question.
    assert written["provenance"]["questions"] == {"paged": 4, "spans": 4}
    assert written["provenance"]["documents"] == {"bundle": ["beta-and-gamma"], "paged": ["alpha"], "spans": ["beta"]}


def test_the_cases_of_a_set_know_their_gold_sentences(data):
    for name, company in (("paged", "Alpha"), ("spans", "Beta")):
        cases = list(fit_evidence.collect(data, name))
        assert sorted(text for case in cases for text in gold_texts(case)) == sorted(facts(company))
        for case in cases:
            (text,) = gold_texts(case)
            assert case.question.text.split()[4] in text
            assert len(case.ranking.hits) > 0


def test_a_ranking_is_narrowed_to_the_scores_of_some_retrievers(data):
    case = next(fit_evidence.collect(data, "spans"))
    assert {source.retriever for hit in case.ranking.hits for source in hit.sources} == {*RETRIEVERS}
    assert any(hit.sentences for hit in case.ranking.hits)
    for family in FAMILIES:
        hits = fit_evidence._only(case.ranking, family).hits
        assert {source.retriever for hit in hits for source in hit.sources} == {*family}
        assert any(hit.sentences for hit in hits) == ("tokens" in family)
        assert all(hit.sources for hit in hits)


def test_the_models_are_written_before_the_sets_are_left_out_in_turn(data, tmp_path, monkeypatch):
    output = tmp_path / "evidence.json"
    monkeypatch.setattr(sys, "argv", ["fit_evidence", str(data), "--output", str(output)])
    monkeypatch.setattr(fit_evidence, "SETS", {"paged": 3})
    # Without its only set there is nothing to fit.
    with pytest.raises(ValueError, match="need at least one array"):
        fit_evidence.main()
    assert set(json.loads(output.read_text(encoding="utf-8"))["models"]) >= {*SENTENCE_MODELS}


def test_evidence_is_found_without_regard_to_white_space_and_by_its_beginning():
    text = "One two  three\nfour five. " * 2
    assert fit_evidence._find(text, Span(0, len(text)), "two three four") == [Span(4, 19)]
    assert fit_evidence._find(text, Span(10, len(text)), "two three four") == [Span(30, 45)]
    beginning = "x" * 60
    assert fit_evidence._find(f"{beginning} y", Span(0, 62), beginning + " and an end that differs") == [Span(0, 62)]
    assert fit_evidence._find(text, Span(0, len(text)), "six") == []
    assert fit_evidence._find(text, Span(0, len(text)), " ") == []


def test_a_sentence_is_gold_when_it_shares_half_of_itself_or_of_the_evidence():
    first, second = (
        "The first sentence has a number of letters in it.",
        "The second sentence is as long as the first is.",
    )
    tree = build_hierarchy(Document(f"{first} {second}", "a", ""))
    (node,) = tree.level(0)

    def gold(start, end):
        return fit_evidence.gold_sentences(tree, [Span(start, end)])[node.id]

    assert len(node.sentences) == 2
    assert gold(0, len(first)) == [1.0, 0.0]
    assert gold(5, 9) == [1.0, 0.0]
    assert gold(len(first) - 5, len(first) + 30) == [0.0, 1.0]


def test_evidence_without_a_span_is_sought_on_its_page():
    pages = (Page(1, Span(0, 8)), Page(2, Span(8, 15)))
    document = Document("the tax the tax", "a", "", pages)
    question = Question("1", "a", "?", evidence=(Evidence("the tax", page=2), Evidence("tax", span=Span(4, 7))))
    assert fit_evidence.gold_spans(document, question) == [Span(8, 15), Span(4, 7)]
    assert fit_evidence.gold_spans(document, Question("1", "a", "?", evidence=(Evidence("tax"),))) == [Span(4, 7)]


def test_a_model_with_constant_features_gives_the_rate():
    gold = np.array([1.0, 0.0, 0.0, 0.0])
    model = fit_evidence.fit(np.ones((4, 2)), gold, np.ones(4))
    # ln(0.25 / 0.75)
    assert model.bias == pytest.approx(np.log(1 / 3), abs=1e-6)
    assert model.weights == pytest.approx((0.0, 0.0), abs=1e-6)


def test_a_fit_finds_the_weights_that_made_the_data():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(20_000, 2)) * [1.0, 10.0] + [0.0, 5.0]
    chance = 1 / (1 + np.exp(-(-1.0 + 2.0 * features[:, 0] + 0.1 * features[:, 1])))
    gold = (rng.random(len(chance)) < chance).astype(float)
    model = fit_evidence.fit(features, gold, np.ones(len(gold)))
    assert model.bias == pytest.approx(-1.0, abs=0.1)
    assert model.weights == pytest.approx((2.0, 0.1), rel=0.1)
    # The ridge does not apply to the bias, so the expected rate equals the found rate.
    assert model.probability(features).mean() == pytest.approx(gold.mean(), abs=1e-6)


def test_a_fit_of_separable_data_stays_finite():
    features = np.linspace(-5, 5, 50)[:, np.newaxis]
    model = fit_evidence.fit(features, (features[:, 0] > 0).astype(float), np.full(50, 100.0))
    assert np.isfinite([model.bias, *model.weights]).all()
    assert fit_evidence._area(model.probability(features), (features[:, 0] > 0).astype(float)) == 1.0


def test_figures_computed_by_hand():
    labels = np.array([0.0, 1.0, 0.0, 1.0])
    # Three of the four pairs of a gold and another sentence are in order.
    assert fit_evidence._area(np.array([0.1, 0.3, 0.4, 0.9]), labels) == pytest.approx(0.75)
    chance = np.repeat([0.2, 0.8], 50)
    found = np.array([1.0] * 10 + [0.0] * 40 + [1.0] * 35 + [0.0] * 15)
    # The shares of the groups of ten are 1, 0, 0, 0, 0 for 0.2 and 1, 1, 1, 0.5, 0 for 0.8.
    assert fit_evidence.calibration_error(chance, found) == pytest.approx(0.8)
