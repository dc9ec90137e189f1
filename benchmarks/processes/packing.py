"""The allocator alone, on random ladders.

    python -m benchmarks.processes.packing --nodes 10000 --nodes 100000 --budget 4000 --runs 3

One document has sections of twenty passages of one to five sentences. Most of the evidence is in few sections. Only the
allocator's call is timed: it reads the ladders and finds the cut and its bound.
"""

from __future__ import annotations

import argparse
import json
import time

from eval.allocators import random_tree
from hiercomp import allocators
from hiercomp.config import Config

PASSAGES = 20
"""The passages of each section."""


def main() -> None:
    """Print the seconds for each number of nodes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, action="append", required=True)
    parser.add_argument("--budget", type=int, required=True)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(json.dumps({count: seconds(count, options.budget, options.runs) for count in options.nodes}))


def seconds(count: int, budget: int, runs: int) -> list[float]:
    """Return the seconds of the default allocator for about `count` nodes, one value per run."""
    tree = random_tree(count, [PASSAGES] * max(1, round((count - 1) / (PASSAGES + 1))))
    allocator = allocators.build(Config().allocator)
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        allocation = allocator.allocate(tree.hierarchy, tree.ladders, budget)
        taken.append(time.perf_counter() - started)
        assert 0 < allocation.tokens <= budget
    return taken


if __name__ == "__main__":
    main()
