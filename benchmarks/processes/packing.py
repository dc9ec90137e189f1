"""The allocator alone, on ladders drawn at random.

    python -m benchmarks.processes.packing --nodes 10000 --nodes 100000 --budget 4000 --runs 3

Sections of twenty passages of one to five sentences in one document; evidence gathers in few sections. What is timed
is the call of the allocator, which reads the ladders, finds the cut and its bound.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import cast

from eval.allocators import random_tree
from hiercomp import registry
from hiercomp.config import Config
from hiercomp.ports import Allocator

PASSAGES = 20
"""Passages of a section."""


def main() -> None:
    """Prints the seconds for each number of nodes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, action="append", required=True)
    parser.add_argument("--budget", type=int, required=True)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(json.dumps({count: seconds(count, options.budget, options.runs) for count in options.nodes}))


def seconds(count: int, budget: int, runs: int) -> list[float]:
    """How long the default allocator takes for about so many nodes, a run each."""
    tree = random_tree(count, [PASSAGES] * max(1, round((count - 1) / (PASSAGES + 1))))
    allocator = cast("Allocator", registry.build("allocators", Config().allocator))
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        allocation = allocator.allocate(tree.hierarchy, tree.ladders, budget)
        found.append(time.perf_counter() - started)
        assert 0 < allocation.tokens <= budget
    return found


if __name__ == "__main__":
    main()
