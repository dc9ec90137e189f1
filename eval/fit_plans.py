"""Fit the models of `hiercomp/ranking/evidence.json` that join the needs of a plan.

    python -m eval.fit_plans DATA PLANS

DATA is the folder of sets on whose documents `eval.fit_evidence` fitted the other models; run that script first. PLANS
holds plans for some of the questions, as `eval run --plans` reads them. The models `passage/any` and `sentence/any`
correct the noisy-or of the needs. Each question is fitted with the lines of its plan, with the needs that the playbooks
add, and with both. The printed figures are the greatest differences between expected and found evidence in ten equal
groups of sentences, with one set at a time left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.datasets import folder
from eval.datasets import plans as plan_files
from eval.fit_evidence import (
    SETS,
    Array,
    calibration_error,
    fit,
    fitted_documents,
    gold_sentences,
    gold_spans,
    select,
    weights_of,
)
from eval.run import cache
from eval.types import Question
from hiercomp import encoders, retrievers
from hiercomp.hierarchy import build_hierarchy
from hiercomp.planning.rules import build as build_rules
from hiercomp.ranking.evidence import Lexicon, Logistic
from hiercomp.ranking.fusion import fuse
from hiercomp.ranking.needs import ANY_FEATURES, any_features, gather, join, shortlist
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.text.question import strip_instructions
from hiercomp.types import PASSAGE, Context, Hierarchy, Need, Plan, Ranking

WEIGHTS = Path("hiercomp/ranking/evidence.json")
FITTED_BUDGET = 8_000
"""The budget of the shortlist whose sentences are fitted."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A question with a plan: the noisy-or features of its passages and sentences, and their gold labels."""

    name: str
    question: Question
    passages: tuple[Array, Array]
    sentences: tuple[Array, Array]


def collect(data: Path, plans: Path, name: str, store: Store) -> Iterator[PlannedCase]:
    """Yield the planned cases of a set: up to three plans of each question on the chosen documents."""
    if name not in plan_files.names(plans, [name]):
        return
    lines = {each.id: each.plan for each in plan_files.planned(folder.load(data / name).questions, plans, name)}
    distilled = StoredEncoder(lambda: encoders.build("distilled"), store, lambda done, total: None)
    retriever = retrievers.build("cascade", encoder=distilled)
    for document, questions in select(data, name, None):
        planned = [question for question in questions if question.id in lines]
        if not planned:
            continue
        hierarchy = build_hierarchy(document)
        index, lexicon = retriever.index(hierarchy.level(PASSAGE)), Lexicon(hierarchy)
        for question in planned:
            spans = gold_spans(document, question)
            for plan in _plans(question, lines[question.id], lexicon) if spans else ():
                rankings = index.search(plan.texts, len(hierarchy.nodes))
                yield _case(name, question, (hierarchy, lexicon, plan), (rankings, gold_sentences(hierarchy, spans)))


def _plans(question: Question, lines: Sequence[str], lexicon: Lexicon) -> Iterator[Plan]:
    """Yield the plans with more than one need: the given lines, the needs of the rules, and both."""
    subject = strip_instructions(question.text)
    given, known = [Need(line) for line in lines], build_rules().plan(question.text, _Words(lexicon)).needs[1:]
    for needs in (given, known, [*given, *known]) if known else (given,):
        yield Plan.of(subject, needs, "fit")


@dataclass(frozen=True, slots=True)
class _Words:
    """The outline that the rules read: only the words of the documents."""

    lexicon: Lexicon

    def render(self, max_tokens: int) -> Context:
        """Return an empty outline."""
        return Context("", 0, ())

    def share(self, word: str) -> float:
        """Return the share of the sentences that contain a word."""
        return self.lexicon.share(word)


def _case(
    name: str,
    question: Question,
    planned: tuple[Hierarchy, Lexicon, Plan],
    found: tuple[Sequence[Ranking], dict[str, list[float]]],
) -> PlannedCase:
    """Compute the features of a plan on the passages of the largest shortlist."""
    hierarchy, lexicon, plan = planned
    rankings, gold = tuple(fuse(hierarchy, ranking) for ranking in found[0]), found[1]
    shortlisted = shortlist(hierarchy, join(hierarchy, rankings, plan.certainties), FITTED_BUDGET)
    by_need = gather(hierarchy, plan, rankings, shortlisted, lexicon).by_need
    shown = [hit.node_id for hit in shortlisted.hits]
    sentences = np.array(
        [
            [certainty * chance for node_id in shown for chance in need[node_id]]
            for need, certainty in zip(by_need, plan.certainties, strict=True)
            if need
        ]
    )
    chances = [{hit.node_id: hit.probability for hit in ranking.hits} for ranking in rankings]
    passages = np.array(
        [
            [certainty * chance[node_id] for node_id in gold]
            for chance, certainty in zip(chances, plan.certainties, strict=True)
            if chance
        ]
    )
    return PlannedCase(
        name,
        question,
        (any_features(passages), np.array([max(labels, default=0.0) for labels in gold.values()])),
        (any_features(sentences), np.array([label for node_id in shown for label in gold[node_id]])),
    )


def fit_any(cases: Sequence[PlannedCase]) -> dict[str, Logistic]:
    """Fit the models that correct the noisy-or."""
    names = [case.name for case in cases]
    models = {}
    for level, pairs in (
        ("passage", [case.passages for case in cases]),
        ("sentence", [case.sentences for case in cases]),
    ):
        gold = [labels for _, labels in pairs]
        models[f"{level}/any"] = fit(
            np.vstack([rows for rows, _ in pairs]), np.concatenate(gold), weights_of(names, gold)
        )
    return models


def held_out_figures(cases: Sequence[PlannedCase]) -> Iterator[str]:
    """Yield the calibration error of each set's sentences with models that were fitted without the set."""
    for name in dict.fromkeys(case.name for case in cases):
        model = fit_any([case for case in cases if case.name != name])["sentence/any"]
        pairs = [case.sentences for case in cases if case.name == name]
        chance = model.probability(np.vstack([rows for rows, _ in pairs]))
        labels = np.concatenate([labels for _, labels in pairs])
        yield f"{name}: {len(pairs)} plans, calibration error {calibration_error(chance, labels):.3f}"


def main() -> None:
    """Collect the cases, fit the models, add them to the file of the weights, and print the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.fit_plans", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="a folder of sets")
    parser.add_argument("plans", type=Path, help="a folder of plans, one file for each set")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the file of the weights")
    options = parser.parse_args()
    with Store.open(cache()) as store:
        cases = [case for name in SETS for case in collect(options.data, options.plans, name, store)]
    content = json.loads(options.weights.read_text(encoding="utf-8"))
    for name, model in fit_any(cases).items():
        weights = [round(weight, 6) for weight in model.weights]
        content["models"][name] = {"bias": round(model.bias, 6), "weights": weights}
    content["features"]["any"] = ANY_FEATURES
    content["provenance"]["plans"] = {name: sum(case.name == name for case in cases) for name in SETS}
    documents = content["provenance"]["documents"]
    for name, found in fitted_documents(options.data, (case.question for case in cases)).items():
        documents[name] = list(dict.fromkeys([*documents.get(name, []), *found]))
    options.weights.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    for line in held_out_figures(cases):
        print(line, flush=True)


if __name__ == "__main__":
    main()
