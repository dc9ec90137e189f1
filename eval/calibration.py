"""Compare the evidence that hiercomp expects with the evidence that it finds.

    python -m eval.calibration DATA --output DIR --sample 12 --documents 4 [--plans PLANS | --planner rules]

DATA holds one folder for each set. Questions are drawn as in `eval run`. Documents that the weights were fitted on are
left out. The stages of the pipeline rank each question and make its ladders. A question is searched for alone, with its
recorded plan, or with the plan of a planner. The probability of a sentence is its value in a ladder divided by its
tokens. The expected evidence of a context is the value of its allocation. The script
writes calibration.md, calibration.json and calibration.png.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from eval import datasets, drawing, plots
from eval.datasets import plans
from eval.fit_evidence import gold_sentences, gold_spans
from eval.metrics.calibration import Group
from eval.offering import rank_question
from eval.report._format import bold, counted, number, percent, plain, signed, table, tokens
from eval.run import Experiment, cache, drawn
from eval.summary.calibration import JudgedContext, JudgedQuestion, SetFigures, figures
from eval.types import Question
from hiercomp.allocation.ladder import JOIN_TOKENS
from hiercomp.allocation.packing import pack
from hiercomp.components import Components
from hiercomp.config import Config
from hiercomp.errors import ConfigError, HiercompError
from hiercomp.text.question import strip_instructions
from hiercomp.types import PASSAGE, Document, Hierarchy, Ladder, Need, Part, Plan, Span

BUDGETS = (1000, 2000, 4000)
ALLOWED = 0.05
"""The largest difference between expected and found evidence that a group may have if questions have no plans."""
ALLOWED_WITH_PLANS = 0.08
RECORDED = "recorded"
TITLE = "Expected evidence against found evidence"


@dataclass(frozen=True, slots=True)
class Setup:
    """The questions to judge, and the source of their plans.

    `planner` is the name of a planner of hiercomp. Without a planner, the plans are those of the experiment; if it has
    none, each question is searched for alone.
    """

    experiment: Experiment
    planner: str | None = None

    @property
    def plans(self) -> str | None:
        """The author of the plans, or None if the questions have no plans."""
        return self.planner or (RECORDED if self.experiment.plans else None)

    @property
    def allowed(self) -> float:
        """The largest difference that a group may have."""
        return ALLOWED_WITH_PLANS if self.plans else ALLOWED


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document and the components of a pipeline that has indexed it."""

    components: Components

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of the document."""
        return self.components.hierarchy

    def judge(self, question: Question, spans: Sequence[Span], budgets: Sequence[int]) -> JudgedQuestion:
        """Return the expected evidence of a question's sentences and contexts, and the gold evidence in them."""
        ranked = rank_question(
            self.components, question.text, None if self.components.config.planner else plan_of(question)
        )
        gold = self._gold(spans)
        contexts = []
        for budget in budgets:
            ladders = ranked.ladders(budget)
            contexts.append(self._show(ladders, budget, gold))
        probabilities = self._probabilities(ladders)
        labels = [float(span in gold) for span in probabilities]
        return JudgedQuestion(
            question.document_id, np.array(list(probabilities.values())), np.array(labels), tuple(contexts)
        )

    def _show(self, ladders: Mapping[str, Ladder], budget: int, gold: dict[Span, int]) -> JudgedContext:
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

    def _probabilities(self, ladders: Mapping[str, Ladder]) -> dict[Span, float]:
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


def plan_of(question: Question) -> Plan:
    """Return the plan that a question has: the question itself, and the lines of its recorded plan."""
    return Plan.of(strip_instructions(question.text), [Need(line) for line in question.plan], RECORDED)


def judge(
    document: Document, questions: Sequence[Question], budgets: Sequence[int], planner: str | None = None
) -> Iterator[JudgedQuestion]:
    """Judge the questions on a document. Questions without gold evidence in the document are skipped."""
    components = Components(document, Config(cache_dir=cache(), planner=planner))
    try:
        indexed = IndexedDocument(components)
        for question in questions:
            spans = gold_spans(document, question)
            if spans:
                yield indexed.judge(question, spans, budgets)
    finally:
        components.close()


def measure(name: str, setup: Setup) -> SetFigures | None:
    """Return the figures of a set, or None if no question of it has gold evidence in its document."""
    experiment = setup.experiment
    dataset = datasets.load(name, experiment.data)
    judged: list[JudgedQuestion] = []
    for document_id, questions in groupby(drawn(dataset, experiment), key=lambda question: question.document_id):
        judged += judge(dataset.documents[document_id](), list(questions), experiment.budgets, setup.planner)
    return figures(name, judged, experiment.budgets) if judged else None


def write(found: Sequence[SetFigures], setup: Setup) -> None:
    """Write calibration.md, calibration.json and calibration.png."""
    output, allowed = setup.experiment.output, setup.allowed
    output.mkdir(parents=True, exist_ok=True)
    sets = [{**asdict(each), "greatest": each.sentences.greatest} for each in found]
    content = {"allowed": allowed, "plans": setup.plans, "sets": sets}
    (output / "calibration.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    picture = plots.calibration({each.set: each.sentences for each in found}, allowed)
    (output / "calibration.png").write_bytes(picture)
    head = [
        f"# {TITLE}",
        introduction(found, setup),
        "![Expected against found evidence](calibration.png)",
        overview(found, allowed),
    ]
    sections = [section(each, allowed) for each in found]
    (output / "calibration.md").write_text("\n\n".join([*head, *sections]) + "\n", encoding="utf-8")


def introduction(found: Sequence[SetFigures], setup: Setup) -> str:
    """Describe the measurement, and count the sets whose differences are all allowed."""
    experiment, allowed = setup.experiment, setup.allowed
    within = sum(each.sentences.greatest <= allowed for each in found)
    fitted = "" if experiment.fitted else " on documents that the weights were not fitted on"
    given = f", with {setup.plans} plans" if setup.plans else ""
    questions = counted(sum(each.questions for each in found), "question")
    return (
        f"{questions} of {counted(len(found), 'set')}{fitted}{given}. The sentences that are offered for "
        f"{tokens(max(experiment.budgets))} tokens are sorted by probability and divided into ten groups of equal "
        "size. The mean probability of a group is compared with its share of gold sentences. The last group is "
        f"divided into ten groups again. **{within} of {len(found)}** sets differ by at most {allowed} in every group. "
        "The expected evidence of a context and the evidence found in it are counted in tokens and averaged over "
        "questions. The 95 % intervals are for other documents. In the picture, filled points are the ten groups and "
        "hollow points divide the last group. The band is the allowed difference. Bars count sentences on a "
        "logarithmic scale."
    )


def overview(found: Sequence[SetFigures], allowed: float) -> str:
    """Format one line for each set."""
    budgets = [context.budget for context in found[0].contexts]
    header = ["set", "greatest difference", "mean difference", "greatest within the last group"]
    header += ["questions on documents", "sentences", "gold"]
    header += [f"expected / found at {tokens(budget)}" for budget in budgets]
    rows = [
        [
            plain(each.set), bold(number(each.sentences.greatest), each.sentences.greatest > allowed),
            number(each.sentences.mean),
            number(each.sentences.greatest_likely), f"{each.questions} on {each.documents}",
            tokens(sum(group.count for group in each.sentences.groups)), percent(each.gold),
            *(f"{tokens(context.expected)} / {tokens(context.found)}" for context in each.contexts),
        ]
        for each in found
    ]  # fmt: skip
    return table(header, rows)


def section(each: SetFigures, allowed: float) -> str:
    """Format the groups and the contexts of a set."""
    tenths, likeliest = each.sentences.groups, each.sentences.likeliest
    groups = [_row(str(place), group, allowed) for place, group in enumerate(tenths, start=1)]
    groups += [_row(f"{len(tenths)}.{place}", group, allowed) for place, group in enumerate(likeliest, start=1)]
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


def _row(name: str, group: Group, allowed: float) -> list[str]:
    return [
        name, tokens(group.count), f"{group.lowest:.4f} to {group.highest:.4f}", number(group.expected),
        number(group.found), bold(signed(group.difference.mean), abs(group.difference.mean) > allowed),
        f"{signed(group.difference.low)} to {signed(group.difference.high)}",
    ]  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.calibration", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    drawing.add_options(parser, budgets=BUDGETS)
    parser.add_argument("--output", type=Path, required=True, help="the folder for the three files")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--plans", type=Path, help="a folder of search plans; only questions with a plan are judged")
    given.add_argument("--planner", help="the planner of hiercomp that writes the plans, such as rules")
    return parser.parse_args()


def _experiment(options: argparse.Namespace) -> Experiment:
    """Return the experiment of the options. If no set is named, sets without plans are left out."""
    experiment = drawing.experiment_of(options, options.output)
    if options.plans is None:
        return experiment
    sets = experiment.sets if options.sets else tuple(plans.names(options.plans, experiment.sets))
    return replace(experiment, sets=sets, plans=options.plans)


def main() -> None:
    """Print each set when it is measured, and write the three files."""
    found = []
    try:
        options = _options()
        experiment = _experiment(options)
        setup = Setup(experiment, options.planner)
        for name in experiment.sets:
            each = measure(name, setup)
            text = section(each, setup.allowed) if each else f"## {name}\n\nIts documents contain no gold evidence."
            print(text, flush=True)
            found += [each] if each else []
        if not found:
            raise ConfigError("no set has gold evidence in its documents: name other sets with --sets")
        write(found, setup)
    except HiercompError as error:
        sys.exit(f"error: {error}")
    print(f"\n{overview(found, setup.allowed)}\n\n{experiment.output / 'calibration.md'}")


if __name__ == "__main__":
    main()
