"""Fit the weights of `hiercomp/ranking/evidence.json`.

    python -m eval.fit_evidence DATA

DATA holds one folder for each set, as `eval.datasets.folder` describes it. Newton's method fits logistic models with a
ridge of 1. All sets have the same weight. One model for each set of retrievers gives P(a passage holds evidence) from
the retrievers' scores. Two models give P(a sentence is evidence) from the passage's probability and the sentence's own
words. `eval.fit_plans` then adds the models for plans. The printed figures are those of each set with models that were
fitted without it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets import folder
from eval.encoding import WholeTextEncoder
from eval.run import cache
from eval.types import Question
from hiercomp import encoders, retrievers
from hiercomp.hierarchy import build_hierarchy
from hiercomp.ranking.evidence import SENTENCE_FEATURES, Lexicon, Logistic, sentence_features
from hiercomp.ranking.fusion import FAMILIES, PASSAGE_FEATURES, passage_features, passage_probabilities
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.text.question import strip_instructions
from hiercomp.types import PASSAGE, Document, Hierarchy, Hit, Ranking, Span

SETS = {
    "covidqa": 8,
    "nq_bundle": 2,
    "hotpotqa_train100_bundle": 3,
    "musique_train100_bundle": 3,
    "qmsum": 8,
    "locomo": 1,
    "leval_legal": 4,
    "chroma_spans": 1,
    "financebench_text": 16,
}
"""Sets, and how many of their documents are used."""
SENTENCE_MODELS = {"sentence": ("bm25", "dense"), "sentence+tokens": ("bm25", "tokens")}
"""The sentence models. Each one uses the passage probabilities of one set of retrievers."""
QUESTIONS = 40
"""The number of questions drawn from a set."""
HELD_OUT = {"financebench_text": "financebench"}
"""Documents of the second set are left out of the first, because figures are reported on them."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A question on a document, the passages found for it, and the gold labels of each passage's sentences."""

    name: str
    question: Question
    hierarchy: Hierarchy
    ranking: Ranking
    lexicon: Lexicon
    gold: dict[str, list[float]]


def select(data: Path, name: str, most: int | None = QUESTIONS) -> Iterator[tuple[Document, list[Question]]]:
    """Yield the chosen documents of a set in order, each with questions drawn with a fixed seed.

    About `most` questions are drawn from the set; None means all.
    """
    dataset = folder.load(data / name)
    held_out = folder.load(data / HELD_OUT[name]).documents if name in HELD_OUT else {}
    by_document: dict[str, list[Question]] = {}
    for question in dataset.questions:
        by_document.setdefault(question.document_id, []).append(question)
    chosen = [document for document in by_document if document not in held_out][: SETS[name]]
    for document in chosen:
        random.Random(0).shuffle(by_document[document])
        share = None if most is None else 1 + most // len(chosen)
        yield dataset.documents[document](), by_document[document][:share]


def collect(data: Path, name: str) -> Iterator[Case]:
    """Yield the cases of a set: the selected questions with gold evidence in their document."""
    store = Store.open(cache())
    distilled = StoredEncoder(lambda: encoders.build("distilled"), store, _ignore)
    minilm = StoredEncoder(lambda: WholeTextEncoder(encoders.build("minilm")), store, _ignore)
    used = (retrievers.build("cascade", encoder=distilled), retrievers.build("dense", encoder=minilm))
    for document, questions in select(data, name):
        hierarchy = build_hierarchy(document)
        passages = hierarchy.level(PASSAGE)
        indexes, lexicon = [retriever.index(passages) for retriever in used], Lexicon(hierarchy)
        for question in questions:
            spans = gold_spans(document, question)
            if spans:
                query = strip_instructions(question.text)
                rankings = [index.search([query], len(passages))[0] for index in indexes]
                yield Case(name, question, hierarchy, merged(rankings), lexicon, gold_sentences(hierarchy, spans))


def merged(rankings: Sequence[Ranking]) -> Ranking:
    """Merge rankings: all scores of each node, and the sentence scores of the first ranking that has the node."""
    hits: dict[str, Hit] = {}
    for hit in (hit for ranking in rankings for hit in ranking.hits):
        known = hits.get(hit.node_id)
        hits[hit.node_id] = replace(known, sources=(*known.sources, *hit.sources)) if known else hit
    return Ranking.of(hits.values())


def _ignore(done: int, total: int) -> None:
    """Ignore the encoder's progress."""


def fitted_documents(data: Path, questions: Iterable[Question]) -> dict[str, list[str]]:
    """Return the documents on which a fitted question is asked with the same evidence, for each set of the folder.

    Sets share questions, because a set may bundle the documents of another.
    """
    seen = {_content(question) for question in questions}
    found: dict[str, list[str]] = {}
    for path in sorted(data.iterdir()):
        questions = folder.load(path).questions if folder.is_set(path) else ()
        documents = dict.fromkeys(question.document_id for question in questions if _content(question) in seen)
        if documents:
            found[path.name] = list(documents)
    return found


def _content(question: Question) -> tuple[str, ...]:
    """Return a question's text and evidence with normalized white space, in the same way for every set."""
    evidence = sorted(" ".join(item.text.split()) for item in question.evidence)
    return (" ".join(question.text.split()), *evidence)


def gold_spans(document: Document, question: Question) -> list[Span]:
    """Return the spans of the gold evidence: the given spans, or its text's place on its page, ignoring white space."""
    pages = {page.number: page.span for page in document.pages}
    found = []
    for item in question.evidence:
        area = pages.get(item.page or 0, Span(0, len(document.text)))
        found += [item.span] if item.span else _find(document.text, area, item.text)
    return found


def _find(text: str, area: Span, evidence: str) -> list[Span]:
    """Find a text in an area, ignoring white space. The first 60 characters are enough if the end differs."""
    places = [place for place in range(area.start, area.end) if not text[place].isspace()]
    dense = "".join(text[place] for place in places)
    pattern = "".join(evidence.split())
    start = dense.find(pattern) if pattern in dense else dense.find(pattern[:60])
    if start < 0 or not pattern:
        return []
    return [Span(places[start], places[min(len(places), start + len(pattern)) - 1] + 1)]


def gold_sentences(hierarchy: Hierarchy, spans: Sequence[Span]) -> dict[str, list[float]]:
    """Label the sentences of each passage: 1 if the sentence shares half of itself or of a gold span, else 0."""

    def is_gold(sentence: Span) -> bool:
        shared = sum(max(0, min(sentence.end, span.end) - max(sentence.start, span.start)) for span in spans)
        return shared >= 0.5 * min(len(sentence), *(len(span) for span in spans))

    return {node.id: [float(is_gold(sentence)) for sentence in node.sentences] for node in hierarchy.level(0)}


def fit(features: Array, gold: Array, weights: Array) -> Logistic:
    """Fit a ridge logistic regression by Newton's method with step halving, on standardized features."""
    mean = np.average(features, axis=0, weights=weights)
    spread = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights))
    spread[spread < 1e-9] = 1.0
    design = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    ridge = np.diag([0.0, *np.ones(features.shape[1])])
    rate = float(np.average(gold, weights=weights))
    solution = np.array([np.log(rate / (1 - rate)), *np.zeros(features.shape[1])])

    def likelihood(candidate: Array) -> float:
        logits = np.clip(design @ candidate, -30, 30)
        fitted = float(weights @ (gold * logits - np.logaddexp(0, logits)))
        return fitted - 0.5 * float(candidate @ ridge @ candidate)

    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ solution, -30, 30)))
        gradient = design.T @ (weights * (gold - chance)) - ridge @ solution
        curvature = (design * (weights * chance * (1 - chance))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, gradient)
        while likelihood(solution + step) < likelihood(solution) and np.abs(step).max() > 1e-9:
            step /= 2
        solution = solution + step
        if np.abs(step).max() < 1e-8:
            break
    slopes = solution[1:] / spread
    return Logistic(float(solution[0] - mean @ slopes), tuple(float(slope) for slope in slopes))


def fit_all(cases: Sequence[Case]) -> dict[str, Logistic]:
    """Fit all models of `evidence.json`."""
    models = {}
    names = [case.name for case in cases]
    for family in FAMILIES:
        rows = [passage_features(case.hierarchy.level(0), _only(case.ranking, family)) for case in cases]
        gold = [np.array([max(labels, default=0.0) for labels in case.gold.values()]) for case in cases]
        models["passage/" + "+".join(family)] = fit(np.vstack(rows), np.concatenate(gold), weights_of(names, gold))
    for name, family in SENTENCE_MODELS.items():
        passage = models["passage/" + "+".join(family)]
        pairs = [_sentence_rows(case, passage, family) for case in cases]
        labels = [labels for _, labels in pairs]
        models[name] = fit(np.vstack([rows for rows, _ in pairs]), np.concatenate(labels), weights_of(names, labels))
    return models


def _only(ranking: Ranking, family: Sequence[str]) -> Ranking:
    """Return a ranking with the scores of only some retrievers."""
    hits = [
        replace(
            hit,
            sources=tuple(source for source in hit.sources if source.retriever in family),
            sentences=hit.sentences if "tokens" in family else (),
        )
        for hit in ranking.hits
    ]
    return Ranking(tuple(hit for hit in hits if hit.sources))


def weights_of(names: Sequence[str], gold: Sequence[Array]) -> Array:
    """Return a weight for each row, so that every set weighs as much as 20,000 rows. `names` are the cases' sets."""
    totals: dict[str, int] = {}
    for name, labels in zip(names, gold, strict=True):
        totals[name] = totals.get(name, 0) + len(labels)
    rows = [np.full(len(labels), 20_000 / totals[name]) for name, labels in zip(names, gold, strict=True)]
    return np.concatenate(rows)


def _sentence_rows(case: Case, passage: Logistic, family: Sequence[str]) -> tuple[Array, Array]:
    ranking = passage_probabilities(case.hierarchy, _only(case.ranking, family), passage)
    features = sentence_features(ranking, strip_instructions(case.question.text), case.lexicon)
    return features, np.array([label for hit in ranking.hits for label in case.gold[hit.node_id]])


def held_out_figures(cases: Sequence[Case]) -> Iterator[str]:
    """Yield figures for each set with models fitted without it: area under the curve and calibration error."""
    for name in dict.fromkeys(case.name for case in cases):
        models = fit_all([case for case in cases if case.name != name])
        family = SENTENCE_MODELS["sentence+tokens"]
        passage = models["passage/" + "+".join(family)]
        pairs = [_sentence_rows(case, passage, family) for case in cases if case.name == name]
        labels = np.concatenate([labels for _, labels in pairs])
        chance = models["sentence+tokens"].probability(np.vstack([rows for rows, _ in pairs]))
        yield f"{name}: area {_area(chance, labels):.3f}, calibration error {calibration_error(chance, labels):.3f}"


def _area(chance: Array, labels: Array) -> float:
    """Return the area under the ROC curve, computed from ranks."""
    ranks = np.argsort(np.argsort(chance)) + 1.0
    positive = labels.sum()
    return float((ranks[labels > 0].sum() - positive * (positive + 1) / 2) / (positive * (len(labels) - positive)))


def calibration_error(chance: Array, labels: Array) -> float:
    """Return the greatest difference between expected and found evidence in ten equal groups by probability."""
    groups = np.array_split(np.argsort(chance), 10)
    return max(abs(float(chance[group].mean() - labels[group].mean())) for group in groups)


def main() -> None:
    """Collect the cases, fit the models on all of them, write the file, and print the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.fit_evidence", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="a folder of sets")
    parser.add_argument(
        "--output", type=Path, default=Path("hiercomp/ranking/evidence.json"), help="the file of the weights"
    )
    options = parser.parse_args()
    cases: list[Case] = []
    for name in SETS:
        cases += collect(options.data, name)
        print(f"{name}: {sum(case.name == name for case in cases)} questions", flush=True)
    models = {
        name: {"bias": round(model.bias, 6), "weights": [round(weight, 6) for weight in model.weights]}
        for name, model in fit_all(cases).items()
    }
    provenance = {
        "script": "eval/fit_evidence.py",
        "questions": {name: sum(case.name == name for case in cases) for name in SETS},
        "documents": fitted_documents(options.data, (case.question for case in cases)),
        "held_out": HELD_OUT,
    }
    features = {"passage": PASSAGE_FEATURES, "sentence": SENTENCE_FEATURES}
    content = {"provenance": provenance, "features": features, "models": models}
    options.output.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    for line in held_out_figures(cases):
        print(line, flush=True)


if __name__ == "__main__":
    main()
