"""Compare the evidence that hiercomp expects with the evidence that it finds.

    python -m eval.calibration DATA --output DIR --sample 12 --documents 4

DATA holds one folder for each set. Questions are drawn as in `eval run`. Documents that the weights were fitted on are
left out. The components of the pipeline rank each question and make its ladders. The probability of a sentence is its
value in a ladder divided by its tokens. The expected evidence of a context is the value of its allocation. The script
writes calibration.md, calibration.json and calibration.png.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from eval import datasets, drawing, plots
from eval.fit_evidence import gold_sentences, gold_spans
from eval.metrics.calibration import Group
from eval.report._format import bold, counted, number, percent, plain, signed, table, tokens
from eval.run import Plan, cache, drawn
from eval.summary.calibration import JudgedContext, JudgedQuestion, SetFigures, figures
from eval.types import Question
from hiercomp.allocation.ladder import JOIN_TOKENS, offer
from hiercomp.allocation.packing import pack
from hiercomp.components import Components
from hiercomp.config import Config
from hiercomp.errors import ConfigError, HiercompError
from hiercomp.ranking.fusion import fuse
from hiercomp.types import PASSAGE, Document, Hierarchy, Ladder, Part, Ranking, Span

BUDGETS = (1000, 2000, 4000)
ALLOWED = 0.05
"""The largest difference between expected and found evidence that a group may have."""
TITLE = "Expected evidence against found evidence"


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document and the components of a pipeline that has indexed it."""

    components: Components
    hierarchy: Hierarchy

    def judge(self, question: Question, spans: Sequence[Span], budgets: Sequence[int]) -> JudgedQuestion:
        """Return the expected evidence of a question's sentences and contexts, and the gold evidence in them."""
        ranking = fuse(self.hierarchy, self.components.index.search(question.text, len(self.hierarchy.nodes)))
        gold = self._gold(spans)
        contexts = []
        for budget in budgets:
            ladders = self._offer(question, ranking, budget)
            contexts.append(self._show(ladders, budget, gold))
        probabilities = self._probabilities(ladders)
        labels = [float(span in gold) for span in probabilities]
        return JudgedQuestion(
            question.document_id, np.array(list(probabilities.values())), np.array(labels), tuple(contexts)
        )

    def _offer(self, question: Question, ranking: Ranking, budget: int) -> dict[str, Ladder]:
        count = self.components.tokenizer.count_many
        return offer(
            self.hierarchy, ranking, question.text, lexicon=self.components.lexicon, count=count, budget=budget
        )

    def _show(self, ladders: dict[str, Ladder], budget: int, gold: dict[Span, int]) -> JudgedContext:
        def measure(text: str, parts: Sequence[Part]) -> int:
            return self.components.tokenizer.count(text)

        allocation = pack(self.hierarchy, ladders, self.components.allocator, budget, measure=measure).allocation
        shown = {span for rendering in allocation.renderings for span in rendering.spans}
        return JudgedContext(allocation.value, sum(gold[span] for span in shown & gold.keys()), sum(gold.values()))

    def _gold(self, spans: Sequence[Span]) -> dict[Span, int]:
        """Return the gold sentences and their tokens."""
        labels = gold_sentences(self.hierarchy, spans)
        found = [
            span
            for node in self.hierarchy.level(PASSAGE)
            for span, label in zip(node.sentences, labels[node.id], strict=True)
            if label
        ]
        return dict(zip(found, self._tokens(found), strict=True))

    def _probabilities(self, ladders: dict[str, Ladder]) -> dict[Span, float]:
        """Return the probability of each offered sentence. A passage's last rendering has all its sentences."""
        passages = [ladders[node.id] for node in self.hierarchy.level(PASSAGE) if node.id in ladders]
        rungs = [ladder.renderings[-1] for ladder in passages]
        values = {span: value for rung in rungs for span, value in zip(rung.spans, rung.values, strict=True)}
        costs = self._tokens(list(values))
        return {span: value / cost for (span, value), cost in zip(values.items(), costs, strict=True)}

    def _tokens(self, spans: Sequence[Span]) -> list[int]:
        """Count the tokens of sentences with their line breaks, as ladders do."""
        text = self.hierarchy.documents[0].text
        return [
            count + JOIN_TOKENS for count in self.components.tokenizer.count_many([span.of(text) for span in spans])
        ]


def judge(document: Document, questions: Sequence[Question], budgets: Sequence[int]) -> Iterator[JudgedQuestion]:
    """Judge the questions on a document. Questions without gold evidence in the document are skipped."""
    components = Components(document, Config(cache_dir=cache()))
    try:
        indexed = IndexedDocument(components, components.hierarchy)
        for question in questions:
            spans = gold_spans(document, question)
            if spans:
                yield indexed.judge(question, spans, budgets)
    finally:
        components.close()


def measure(name: str, plan: Plan) -> SetFigures | None:
    """Return the figures of a set, or None if no question of it has gold evidence in its document."""
    dataset = datasets.load(name, plan.data)
    judged: list[JudgedQuestion] = []
    for document_id, questions in groupby(drawn(dataset, plan), key=lambda question: question.document_id):
        judged += judge(dataset.documents[document_id](), list(questions), plan.budgets)
    return figures(name, judged, plan.budgets) if judged else None


def write(found: Sequence[SetFigures], plan: Plan) -> None:
    """Write calibration.md, calibration.json and calibration.png."""
    plan.output.mkdir(parents=True, exist_ok=True)
    content = {"allowed": ALLOWED, "sets": [{**asdict(each), "greatest": each.sentences.greatest} for each in found]}
    (plan.output / "calibration.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    picture = plots.calibration({each.set: each.sentences for each in found}, ALLOWED)
    (plan.output / "calibration.png").write_bytes(picture)
    head = [
        f"# {TITLE}",
        introduction(found, plan),
        "![Expected against found evidence](calibration.png)",
        overview(found),
    ]
    (plan.output / "calibration.md").write_text("\n\n".join([*head, *map(section, found)]) + "\n", encoding="utf-8")


def introduction(found: Sequence[SetFigures], plan: Plan) -> str:
    """Describe the measurement, and count the sets whose differences are all allowed."""
    within = sum(each.sentences.greatest <= ALLOWED for each in found)
    fitted = "" if plan.fitted else " on documents that the weights were not fitted on"
    return (
        f"{counted(sum(each.questions for each in found), 'question')} of {counted(len(found), 'set')}{fitted}. The "
        f"sentences that are offered for {tokens(max(plan.budgets))} tokens are sorted by probability and divided "
        "into ten groups of equal size. The mean probability of a group is compared with its share of gold "
        f"sentences. The last group is divided into ten groups again. **{within} of {len(found)}** sets differ by at "
        f"most {ALLOWED} in every group. The expected evidence of a context and the evidence found in it are counted "
        "in tokens and averaged over questions. The 95 % intervals are for other documents. In the picture, filled "
        "points are the ten groups and hollow points divide the last group. The band is the allowed difference. Bars "
        "count sentences on a logarithmic scale."
    )


def overview(found: Sequence[SetFigures]) -> str:
    """Format one line for each set."""
    budgets = [context.budget for context in found[0].contexts]
    header = ["set", "greatest difference", "mean difference", "greatest within the last group"]
    header += ["questions on documents", "sentences", "gold"]
    header += [f"expected / found at {tokens(budget)}" for budget in budgets]
    rows = [
        [
            plain(each.set), bold(number(each.sentences.greatest), each.sentences.greatest > ALLOWED),
            number(each.sentences.mean),
            number(each.sentences.greatest_likely), f"{each.questions} on {each.documents}",
            tokens(sum(group.count for group in each.sentences.groups)), percent(each.gold),
            *(f"{tokens(context.expected)} / {tokens(context.found)}" for context in each.contexts),
        ]
        for each in found
    ]  # fmt: skip
    return table(header, rows)


def section(each: SetFigures) -> str:
    """Format the groups and the contexts of a set."""
    tenths, likeliest = each.sentences.groups, each.sentences.likeliest
    groups = [_row(str(place), group) for place, group in enumerate(tenths, start=1)]
    groups += [_row(f"{len(tenths)}.{place}", group) for place, group in enumerate(likeliest, start=1)]
    contexts = [
        [
            tokens(context.budget), tokens(context.expected), tokens(context.found), tokens(context.gold),
            f"{context.difference.mean:+,.0f}", f"{context.difference.low:+,.0f} to {context.difference.high:+,.0f}",
        ]
        for context in each.contexts
    ]  # fmt: skip
    header = ["group", "sentences", "probability", "expected", "found", "expected less found", "interval"]
    below = ["budget", "expected evidence", "found evidence", "in the document", "expected less found", "interval"]
    return f"## {plain(each.set)}\n\n{table(header, groups)}\n\n{table(below, contexts)}"


def _row(name: str, group: Group) -> list[str]:
    return [
        name, tokens(group.count), f"{group.lowest:.4f} to {group.highest:.4f}", number(group.expected),
        number(group.found), bold(signed(group.difference.mean), abs(group.difference.mean) > ALLOWED),
        f"{signed(group.difference.low)} to {signed(group.difference.high)}",
    ]  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.calibration", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    drawing.add_options(parser, budgets=BUDGETS)
    parser.add_argument("--output", type=Path, required=True, help="the folder for the three files")
    return parser.parse_args()


def main() -> None:
    """Print each set when it is measured, and write the three files."""
    found = []
    try:
        options = _options()
        plan = drawing.plan_of(options, options.output)
        for name in plan.sets:
            each = measure(name, plan)
            print(section(each) if each else f"## {name}\n\nIts documents contain no gold evidence.", flush=True)
            found += [each] if each else []
        if not found:
            raise ConfigError("no set has gold evidence in its documents: name other sets with --sets")
        write(found, plan)
    except HiercompError as error:
        sys.exit(f"error: {error}")
    print(f"\n{overview(found)}\n\n{plan.output / 'calibration.md'}")


if __name__ == "__main__":
    main()
