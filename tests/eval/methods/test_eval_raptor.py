"""Tests of RAPTOR's tree: leaves, clusters by UMAP and Gaussian mixtures, summaries, and their ranking."""

import sys

import numpy as np
import pytest
from eval_parts import asked, parts_of, text_of

from eval import methods
from eval.methods import raptor
from eval.ports import Unavailable
from hiercomp.types import Document

TOPICS = {
    "harbour": "boats pilots quays anchors tides cargo cranes ropes lighthouses",
    "orchard": "apples pears blossom ladders baskets grafting cider bees pruning",
    "foundry": "iron furnaces moulds slag bellows castings coke ladles patterns",
    "library": "books shelves readers catalogues folios manuscripts lamps desks binding",
}


def sentence(topic, number):
    words = TOPICS[topic].split()
    first, second, third = (words[(number + step) % len(words)] for step in (0, 3, 4))
    return f"In the {topic} of the old town {first} came before {second}, and {number} {third} were counted twice. "


def paragraph(topic, number):
    """Return a leaf of 85 to 90 words. Two more sentences would exceed 100 words."""
    return "".join(sentence(topic, 5 * number + place) for place in range(5)).strip()


LEAVES = [paragraph(topic, number) for number in range(12) for topic in TOPICS]


@pytest.fixture(scope="module")
def method():
    return methods.build("raptor", parts_of())


@pytest.fixture(scope="module")
def tree(method):
    return method.index(Document("\n\n".join(LEAVES), "text", ""))


def test_leaves_are_whole_sentences_to_a_hundred_tokens(method):
    text = (
        ("Word " * 38 + "fourty. ") * 3
        + "Long "
        + "word " * 148
        + "end. "
        + "The last one is rather short, as it happens."
    )
    [leaves] = method.index(Document(text, "text", "")).layers
    # A sentence has 39 words, so two make 78. The sentence of 150 words is a leaf of its own.
    assert [len(unit.text.split()) for unit in leaves.units] == [78, 39, 150, 9]
    assert all(text.startswith(unit.text, unit.position) for unit in leaves.units)


def test_leaves_too_few_to_be_clustered_are_ranked_alone(method):
    found = method.index(Document("\n\n".join(LEAVES[:11]), "text", ""))
    assert [len(layer.units) for layer in found.layers] == [11]


def test_as_many_mixtures_as_the_points_have_clumps():
    points = np.concatenate([np.linspace(-1, 1, 20), np.linspace(99, 101, 20)])[:, None]
    assert sorted(members.tolist() for members in raptor._mixtures(points, 0)) == [[*range(20)], [*range(20, 40)]]


def test_a_point_between_two_clumps_is_in_both():
    clump = np.array([-2, -1.2, -0.8, -0.4, -0.2, 0.2, 0.4, 0.8, 1.2, 2])
    clumps = [scale * clump + centre for centre in (0, 6) for scale in (1, 0.9, 0.95)]
    points = np.concatenate([*clumps, [3]])[:, None]  # 30 points about 0, 30 about 6, and one half-way
    first, second = sorted(raptor._mixtures(points, 0), key=min)
    assert first.tolist() == [*range(30), 60]
    assert second.tolist() == [*range(30, 60), 60]


def test_the_tree_has_the_leaves_and_fewer_summaries_of_one_topic_each(tree):
    leaves, summaries = tree.layers
    assert [unit.text for unit in leaves.units] == LEAVES
    assert len(TOPICS) <= len(summaries.units) <= len(LEAVES) / 2
    for unit in summaries.units:
        assert len(unit.text.split()) <= 130
        assert len({topic for topic in TOPICS if f"the {topic} of" in unit.text}) == 1


def test_a_summary_is_made_of_sentences_of_its_leaves_and_stands_with_the_first(tree):
    leaves, summaries = tree.layers
    starts = {unit.position for unit in leaves.units}
    sentences = {line.strip() for topic in TOPICS for number in range(60) for line in [sentence(topic, number)]}
    for unit in summaries.units:
        assert set(unit.text.splitlines()) <= sentences
        assert unit.position in starts
        assert min(leaf.position for leaf in leaves.units if unit.text.splitlines()[0] in leaf.text) >= unit.position


def test_leaves_and_summaries_are_ranked_together_and_both_are_paid_for(tree):
    question = "In the foundry of the old town, what of ladles, coke, bellows, castings and patterns?"
    shown = tree.find(asked(question))(3 * 130)
    leaves, summaries = ([unit.text for unit in layer.units if unit.text in shown] for layer in tree.layers)
    assert leaves
    assert summaries
    assert all("foundry" in text for text in leaves + summaries)
    assert len(shown.split()) <= 3 * 130


def test_a_tree_is_the_same_when_it_is_built_again(method, tree):
    again = method.index(Document("\n\n".join(LEAVES), "text", ""))
    assert [layer.units for layer in again.layers] == [layer.units for layer in tree.layers]


def test_leaves_that_are_all_the_same_are_taken(method):
    shown = text_of(method, "\n\n".join([LEAVES[0]] * 14), "What of the harbour?", 200)
    assert "pilots came before tides" in shown
    assert len(shown.split()) <= 200


def test_an_empty_document_is_empty(method):
    assert text_of(method, "", "What of the harbour?", 50) == ""


@pytest.mark.parametrize("module", ["sklearn", "umap"])
def test_without_a_library_the_method_says_what_to_install(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Unavailable, match=r"pip install 'hiercomp\[eval\]'"):
        methods.build("raptor", parts_of())
