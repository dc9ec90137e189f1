"""Tests of the gaps of allocators: exact values by hand and by trying every cut, and the script on the own set."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ladder_trees import best_values, hierarchy_of, ladder_of

from eval.allocators import DEFAULT, Tree, exact_value, gap_table, measured, random_gaps, random_tree
from eval.run import Experiment

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def test_the_exact_value_by_hand():
    # Greedy shows n1 (70 for 100 tokens), and nothing else fits. The other two are worth 90 in 150 tokens.
    ladders = {"n0": ladder_of("n0", (120, 80.0), opening=0, detail="summary")}
    ladders |= {
        "n1": ladder_of("n1", (100, 70.0)),
        "n2": ladder_of("n2", (75, 45.0)),
        "n3": ladder_of("n3", (75, 45.0)),
    }
    tree = Tree(hierarchy_of([None, 0, 0, 0]), ladders)
    assert [exact_value(tree, budget) for budget in (74, 75, 100, 120, 149, 150)] == [0.0, 45.0, 70.0, 80.0, 80.0, 90.0]


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_value_is_that_of_trying_every_cut(seed):
    tree = random_tree(seed)
    most = min(tree.size, 120)
    best = best_values(tree.hierarchy, tree.ladders, most)
    assert [exact_value(tree, budget) for budget in range(0, most, 7)] == pytest.approx(best[0:most:7])


def test_the_default_misses_least_on_random_trees_and_again_the_same():
    gaps = random_gaps(8, seed=1)
    mean = {name: sum(found) / len(found) for name, found in gaps.items()}
    assert set(mean) >= {"tree_cut", "nested", "fixed", "proportional", "density greedy"}
    assert mean[DEFAULT] == pytest.approx(0.0, abs=1e-9)
    assert all(gap > 0.001 for name, gap in mean.items() if name != DEFAULT)
    assert all(gap > -1e-9 for found in gaps.values() for gap in found)
    assert random_gaps(8, seed=1) == gaps


def test_no_allocator_reaches_more_than_the_bound_on_real_documents():
    experiment = Experiment(("demo",), (300, 1000), Path(), sample=2, documents=1, fitted=True)
    for gaps in measured("demo", experiment).values():
        assert all(gap > -1e-9 for found in gaps.values() for gap in found)
        assert all(sum(gaps[DEFAULT]) <= sum(found) + 1e-9 for found in gaps.values())


def test_a_distribution_by_hand():
    # The gaps 0 and 10 % have a mean of 5 % and a 95th percentile of 9.5 %. Half of the gaps are 0.
    assert "| a | 5.00% | 9.50% | 10.00% | 50% |" in gap_table({"a": [0.0, 0.1]})


def test_the_script_prints_its_tables(tmp_path):
    command = [sys.executable, "-m", "eval.allocators", "--trees", "3", "--sample", "1", "--budgets", "400"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.startswith("## 3 random trees\n")
    assert "## demo: 1 question" in done.stdout
    assert re.search(r"^\| tree_cut \| 0\.00% \|", done.stdout, re.MULTILINE)
    refused = subprocess.run([*command, str(tmp_path / "no")], capture_output=True, text=True, cwd=ROOT, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: ")
