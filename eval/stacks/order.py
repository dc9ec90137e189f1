"""Compare weights of the order in which a retriever returns its texts. See `hiercomp.ranking.prior`.

    python -m eval.stacks.order DATA --sets nq20,pubmedqa_bundle --sample 20 --budgets 500,1000 [--onnx FOLDER]

A document is split into chunks as in `eval.stacks`, and before each heading. Each order brings its 50 best chunks to
hiercomp. The orders are those of all-MiniLM-L6-v2, of a better encoder in a folder (`--onnx`), and of the mix of BM25
and an encoder that ranks the gold chunks best. Shuffled chunks and chunks in document order show the harm of an order
that is no ranking.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean

import numpy as np

from eval import datasets, drawing, machine
from eval.fit_evidence import gold_spans
from eval.methods._llama_index import CHUNK_TOKENS, document_of, splitter
from eval.metrics.evidence import Gold, prepare, score
from eval.metrics.measured import Measured
from eval.report._format import counted, number, plain, signed, table
from eval.run import Experiment, drawn
from eval.stacks._order import Array, Onnx, Packaged, Vectors, best_mix, lexical_scores, shuffled
from eval.stacks._shared import CANDIDATES, SETTINGS, joined
from eval.types import Question
from hiercomp import Config, Pipeline, tokenizers
from hiercomp.errors import HiercompError
from hiercomp.ranking.prior import prior_of
from hiercomp.types import Document, Part

WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)
BUDGETS = (500, 1000)
METRIC = "evidence_recall"
_PART_ENDS = re.compile(r"\n{3,}|\n(?=#{1,6} )")
"""The ends of parts that no chunk crosses: two empty lines, and the line before a heading."""
Key = tuple[str, str, float]
"""The set, the order and the weight of a measurement."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """A document in chunks, with the vectors of each encoder by its name."""

    measured: Measured
    texts: tuple[str, ...]
    vectors: Mapping[str, Array]

    def recalls(
        self, question: Question, models: Mapping[str, Vectors], budgets: Sequence[int]
    ) -> Iterator[tuple[str, float, float]]:
        """Yield each order, each weight, and the recall of hiercomp; nothing for a question without evidence."""
        gold = prepare(self.measured, question)
        for order, texts, scores in self._orders(question, models) if gold.evidence else ():
            for weight, recall in _recalls(texts, scores, question, gold, budgets):
                yield order, weight, recall

    def _orders(self, question: Question, models: Mapping[str, Vectors]) -> Iterator[tuple[str, list[str], Array]]:
        """Yield the name of each order, the chunks that a retriever with this order returns, and their scores."""
        dense = {name: self.vectors[name] @ model.question(question.text) for name, model in models.items()}
        best = dense[list(models)[-1]]
        mix = best_mix(lexical_scores(self.texts, question.text), best, self._gold(question))
        for name, scores in {**dense, "best mix": mix}.items():
            yield name, *self._first(scores)
        texts, scores = self._first(best)
        yield "shuffled", texts, shuffled(scores, question.text)
        places = [self.texts.index(text) for text in texts]
        yield "document", texts, -np.array(places, dtype=np.float64)

    def _first(self, scores: Array) -> tuple[list[str], Array]:
        places = np.argsort(-scores, kind="stable")[:CANDIDATES]
        return [self.texts[place] for place in places], scores[places]

    def _gold(self, question: Question) -> list[bool]:
        document = self.measured.document
        spans = gold_spans(document, question)
        starts = [document.text.find(text) for text in self.texts]
        return [
            any(span.start < start + len(text) and start < span.end for span in spans)
            for start, text in zip(starts, self.texts, strict=True)
        ]


def measure(experiment: Experiment, models: Mapping[str, Vectors]) -> dict[Key, list[float]]:
    """Return the recall of each question, averaged over the budgets."""
    found: dict[Key, list[float]] = {}
    for name in experiment.sets:
        dataset = datasets.load(name, experiment.data)
        for document_id, questions in groupby(drawn(dataset, experiment), lambda question: question.document_id):
            chunks = _chunks(dataset.documents[document_id](), models)
            for question in questions:
                for order, weight, recall in chunks.recalls(question, models, experiment.budgets):
                    found.setdefault((name, order, weight), []).append(recall)
    return found


def _chunks(document: Document, models: Mapping[str, Vectors]) -> Chunks:
    split = splitter(CHUNK_TOKENS, tokenizers.build()).split_text
    text = document_of(document).get_content()
    texts = tuple(dict.fromkeys(chunk for part in _PART_ENDS.split(text) for chunk in split(part) if chunk.strip()))
    return Chunks(Measured(document), texts, {name: model.passages(texts) for name, model in models.items()})


def _recalls(
    texts: Sequence[str], scores: Array, question: Question, gold: Gold, budgets: Sequence[int]
) -> Iterator[tuple[float, float]]:
    """Yield each weight and the recall of hiercomp with it."""
    documents = [Document(text, source=f"text {place}", title="") for place, text in enumerate(texts, start=1)]
    by_id = dict(zip((document.id for document in documents), scores.tolist(), strict=True))
    with Pipeline(documents, config=Config(**SETTINGS)) as pipeline:
        count = pipeline.tokenizer.count

        def size(text: str, parts: Sequence[Part]) -> int:
            return count(joined([part.text for part in parts]))

        for weight in WEIGHTS:
            prior = prior_of(by_id, weight)
            runs = (pipeline.fit(question.text, budget=budget, measure=size, prior=prior) for budget in budgets)
            shown = [joined([part.text for part in run.context.parts]) for run in runs]
            yield weight, fmean(score(gold, text)[METRIC] or 0.0 for text in shown)


def report(found: Mapping[Key, Sequence[float]], command: str) -> str:
    """Format a table for each set and for their mean: the recall without the order, and the gain of each weight."""
    sets = list(dict.fromkeys(name for name, _, _ in found))
    orders = list(dict.fromkeys(order for _, order, _ in found))
    parts = ["# The order of the caller's retriever", INTRODUCTION]
    for title, chosen in (*((name, [name]) for name in sets), ("Mean of the sets", sets)):
        rows = []
        for order in orders:
            recalls = [fmean(fmean(found[name, order, weight]) for name in chosen) for weight in WEIGHTS]
            gains = (signed(recall - recalls[0]) for recall in recalls[1:])
            rows.append((order, number(recalls[0]), *gains))
        questions = sum(len(found[name, orders[0], 0.0]) for name in chosen)
        parts.append(f"## {plain(title)}, {counted(questions, 'question')}")
        parts.append(table(("order", "w = 0", *(f"w = {weight:g}" for weight in WEIGHTS[1:])), rows))
    return "\n\n".join([*parts, f"Made by\n\n    {command}\n\nat {machine.commit()}."]) + "\n"


INTRODUCTION = f"""
The recall of the gold evidence in the contexts that hiercomp makes of the {CANDIDATES} best chunks of a retriever, as a
mean over the budgets. `w` is the weight of the logarithm of a chunk's rank in the log-odds of its passages. The column
`w = 0` is without the order; the others are gains. The orders `shuffled` and `document` are no rankings.
""".strip()


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(prog="python -m eval.stacks.order", description=__doc__.splitlines()[0])
    drawing.add_options(parser, budgets=BUDGETS)
    parser.add_argument("--onnx", type=Path, help="a folder with model.onnx and tokenizer.json of a better encoder")
    parser.add_argument("--output", type=Path, default=Path("eval/results/order.md"), help="the file of the report")
    options = parser.parse_args()
    try:
        models: dict[str, Vectors] = {"all-MiniLM-L6-v2": Packaged()}
        if options.onnx:
            models[options.onnx.name] = Onnx(options.onnx)
        found = measure(drawing.experiment_of(options, options.output.parent), models)
        given = [(f"--{name}", getattr(options, name)) for name in ("sets", "budgets", "sample", "documents")]
        words = [word for name, value in given if value for word in (name, str(value))]
        onnx = ["--onnx", options.onnx.name] if options.onnx else []
        command = shlex.join(["python", "-m", "eval.stacks.order", "DATA", *words, *onnx])
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(report(found, command), encoding="utf-8")
    except HiercompError as error:
        sys.exit(f"error: {error}")
    print(options.output)


if __name__ == "__main__":
    main()
