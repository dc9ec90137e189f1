"""Measure how much evidence each allocator misses.

    python -m eval.allocators [DATA] [--sets qmsum,financebench] [--sample 4] [--documents 2]

The first part uses small random trees. A dynamic program over tokens finds the greatest value of any cut. The gap is
the share of it that an allocator misses. The second part uses hiercomp's ladders for questions on the documents of a
folder of sets, or of the project's own set. The gap is the share of the bound that the default allocator reports; no
choice is worth more than the bound. The script prints Markdown tables, which are the same each time.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval import datasets
from eval.baselines import BASELINES
from eval.datasets import folder
from eval.offering import rank_question
from eval.report._format import counted, plain, table, tokens
from eval.run import Experiment, cache, drawn
from hiercomp import allocators as product_allocators
from hiercomp.components import Components
from hiercomp.config import Config
from hiercomp.errors import HiercompError
from hiercomp.ports import Allocator
from hiercomp.types import DOCUMENT, PASSAGE, SECTION, Hierarchy, Ladder, Node, Rendering, Span

DEFAULT = Config().allocator
BUDGETS = (500, 1000, 2000, 4000)
SHARES = (0.1, 0.25, 0.5)
"""Budgets of a random tree, as shares of the tokens of all its passages."""
EXACT = 1e-9
"""Gaps below this are rounding errors of sums."""


def allocators() -> dict[str, Allocator]:
    """Build the default allocator and the baselines, by name, the default first."""
    return {DEFAULT: product_allocators.build(DEFAULT), **{name: build() for name, build in BASELINES.items()}}


@dataclass(frozen=True, slots=True)
class Tree:
    """Ladders and their hierarchy."""

    hierarchy: Hierarchy
    ladders: Mapping[str, Ladder]

    @property
    def size(self) -> int:
        """The tokens of all whole passages."""
        return sum(
            self.ladders[node.id].renderings[-1].tokens for node in self.hierarchy.nodes if node.level == PASSAGE
        )


def random_tree(seed: int, sections: Sequence[int] = ()) -> Tree:
    """Draw a document tree in which evidence is concentrated in a few sections.

    `sections` are the numbers of passages of each section. Without it there are 2 to 4 sections of 1 to 5 passages. A
    passage has 1 to 5 sentences.
    """
    rng = random.Random(seed)
    sections = sections or [rng.randint(1, 5) for _ in range(rng.randint(2, 4))]
    names = [f"s{place}" for place in range(len(sections))]
    nodes, ladders = [_node("d", DOCUMENT, None, names)], {"d": _summary("d", rng, 0.1)}
    for name, count in zip(names, sections, strict=True):
        heat = rng.random() ** 3
        below = [f"{name}p{place}" for place in range(count)]
        nodes.append(_node(name, SECTION, "d", below))
        ladders[name] = _summary(name, rng, heat * rng.uniform(0.2, 0.8))
        for passage in below:
            nodes.append(_node(passage, PASSAGE, name, ()))
            ladders[passage] = _extracts(passage, rng, heat)
    return Tree(Hierarchy((), tuple(sorted(nodes, key=lambda node: -node.level))), ladders)


def _node(name: str, level: int, parent: str | None, children: Sequence[str]) -> Node:
    return Node(name, "d", level, "", Span(0, 0), "", (), parent, tuple(children))


def _summary(name: str, rng: random.Random, probability: float) -> Ladder:
    opening, length = rng.randint(8, 20), rng.randint(15, 50)
    value = (probability + 1e-6) * length
    return Ladder(name, (Rendering(name, "summary", (Span(0, 1),), (value,), opening + length),), opening)


def _extracts(name: str, rng: random.Random, heat: float) -> Ladder:
    """Draw nested extracts. The likeliest sentences come first."""
    sentences = [(heat * rng.random() ** 2 + 1e-6, rng.randint(8, 60)) for _ in range(rng.randint(1, 5))]
    sentences.sort(reverse=True)
    values = [probability * length for probability, length in sentences]
    spans = [Span(place, place + 1) for place in range(len(sentences))]
    sizes = accumulate(length for _, length in sentences)
    return Ladder(
        name,
        tuple(
            Rendering(name, "extract", tuple(spans[:count]), tuple(values[:count]), size)
            for count, size in enumerate(sizes, start=1)
        ),
    )


def exact_value(tree: Tree, budget: int) -> float:
    """Return the greatest value of any cut within the budget.

    The program computes for each subtree the best value for 0, 1, … `budget` tokens, from the leaves up.

    Source: Johnson & Niemi 1983, section 2.
    """
    best: dict[str, NDArray[np.float64]] = {}
    for node in reversed(tree.hierarchy.nodes):
        ladder = tree.ladders[node.id]
        below = np.zeros(budget + 1)
        for child in node.child_ids:
            below = _joined(below, best.pop(child))
        values = np.zeros(budget + 1)
        values[ladder.opening :] = below[: max(0, budget + 1 - ladder.opening)]
        for rendering in ladder.renderings:
            values[rendering.tokens :] = np.maximum(values[rendering.tokens :], rendering.value)
        best[node.id] = values
    return float(best[tree.hierarchy.root.id][budget])


def _joined(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the best sum of both for each total number of tokens."""
    joined: NDArray[np.float64] = left + right[0]
    for spent in range(1, len(right)):
        np.maximum(joined[spent:], left[: len(left) - spent] + right[spent], out=joined[spent:])
    return joined


def random_gaps(trees: int, seed: int) -> dict[str, list[float]]:
    """Return the share of the best value that each allocator misses, for each tree and budget."""
    built = allocators()
    gaps: dict[str, list[float]] = {name: [] for name in built}
    for number in range(trees):
        tree = random_tree(seed * trees + number)
        for share in SHARES:
            budget = int(share * tree.size)
            best = exact_value(tree, budget)
            for name, allocator in built.items():
                value = allocator.allocate(tree.hierarchy, tree.ladders, budget).value
                gaps[name].append(1 - value / best if best else 0.0)
    return gaps


def offered_trees(name: str, experiment: Experiment) -> Iterator[tuple[int, Tree]]:
    """Yield each budget with its ladders, for each question of a set."""
    dataset = datasets.load(name, experiment.data)
    for document_id, questions in groupby(drawn(dataset, experiment), key=lambda question: question.document_id):
        components = Components(dataset.documents[document_id](), Config(cache_dir=cache()))
        try:
            for question in questions:
                ranked = rank_question(components, question.text)
                for budget in experiment.budgets:
                    yield budget, Tree(components.hierarchy, ranked.ladders(budget))
        finally:
            components.close()


def measured(name: str, experiment: Experiment) -> dict[int, dict[str, list[float]]]:
    """Return the share of the default's bound that each allocator misses, for each budget and question."""
    built = allocators()
    found: dict[int, dict[str, list[float]]] = {budget: {each: [] for each in built} for budget in experiment.budgets}
    for budget, tree in offered_trees(name, experiment):
        chosen = {each: allocator.allocate(tree.hierarchy, tree.ladders, budget) for each, allocator in built.items()}
        bound = chosen[DEFAULT].bound
        for each, allocation in chosen.items():
            found[budget][each].append(1 - allocation.value / bound if bound else 0.0)
    return found


def gap_table(gaps: Mapping[str, Sequence[float]]) -> str:
    """Format one line for each allocator: the distribution of its gaps."""
    header = ["allocator", "mean gap", "95th percentile", "largest", "nothing missed"]
    return table(header, [[name, *_distribution(found)] for name, found in gaps.items()])


def set_tables(name: str, found: Mapping[int, Mapping[str, Sequence[float]]]) -> str:
    """Format the gap that the default allocator reports, and the share of its bound that each allocator reaches."""
    questions = len(next(iter(found.values()))[DEFAULT])
    header = ["budget", "mean gap", "95th percentile", "largest", "proved best"]
    bounds = table(header, [[tokens(budget), *_distribution(gaps[DEFAULT])] for budget, gaps in found.items()])
    reached = table(
        ["allocator", *(f"{tokens(budget)}: mean (least)" for budget in found)],
        [
            [each, *(f"{_percent(1 - _mean(gaps[each]))} ({_percent(1 - max(gaps[each]))})" for gaps in found.values())]
            for each in allocators()
        ],
    )
    head = f"## {plain(name)}: {counted(questions, 'question')}"
    return f"{head}\n\nGap that {DEFAULT} reports:\n\n{bounds}\n\nShare of its bound that is reached:\n\n{reached}"


def _distribution(gaps: Sequence[float]) -> list[str]:
    exact = sum(gap <= EXACT for gap in gaps) / len(gaps)
    return [_percent(_mean(gaps)), _percent(float(np.percentile(gaps, 95))), _percent(max(gaps)), f"{exact:.0%}"]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _percent(share: float) -> str:
    return f"{max(share, 0.0):.2%}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.allocators", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", help="a folder of sets; default: the project's own set")
    parser.add_argument("--sets", help="sets, separated by commas; default: all in the folder")
    parser.add_argument("--budgets", default=",".join(map(str, BUDGETS)), help="budgets in tokens, separated by commas")
    parser.add_argument("--sample", type=int, default=4, help="the number of questions to draw from each set")
    parser.add_argument("--documents", type=int, default=2, help="the most documents to draw a set's questions from")
    parser.add_argument("--trees", type=int, default=200, help="the number of random trees")
    parser.add_argument("--seed", type=int, default=0, help="the seed of all draws")
    return parser.parse_args()


def _experiment(options: argparse.Namespace) -> Experiment:
    known = datasets.names(options.data)
    own = [name for name in known if options.data and folder.is_set(options.data / name)] or [datasets.DEMO]
    return Experiment(
        sets=tuple(options.sets.split(",") if options.sets else own),
        budgets=tuple(sorted({int(budget) for budget in options.budgets.split(",")})),
        output=Path(),
        data=options.data,
        sample=options.sample,
        documents=options.documents,
        seed=options.seed,
        fitted=True,
    )


def main() -> None:
    """Print each table when it is done."""
    options = _options()
    try:
        experiment = _experiment(options)
        print(f"## {options.trees} random trees\n\n{gap_table(random_gaps(options.trees, options.seed))}", flush=True)
        for name in experiment.sets:
            print(f"\n{set_tables(name, measured(name, experiment))}", flush=True)
    except HiercompError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
