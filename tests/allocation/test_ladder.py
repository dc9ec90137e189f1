from dataclasses import replace
from itertools import pairwise

import pytest
from documents import document_of, documents
from gathered import evidence_of
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.allocation.ladder import (
    ADDRESS_TOKENS,
    GAP_TOKENS,
    JOIN_TOKENS,
    LABEL_TOKENS,
    LEAST_PROBABILITY,
    WRITTEN_TOKENS,
    offer,
)
from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.ranking import needs
from hiercomp.ranking.evidence import Lexicon, sentence_probabilities
from hiercomp.types import Document, Hit, Ranking

QUESTIONS = st.sampled_from(["the effective tax rate", "税率", "", "ibid", "Item 4"])


def letters(texts):
    """Count each character as one token."""
    return [len(text) for text in texts]


def ladders_of(tree, question="", budget=10**6, ranking=None):
    return offer(tree, evidence_of(tree, question, ranking, budget=budget), letters)


def shown(tree, rendering):
    document = tree.document(tree.node(rendering.node_id).document_id)
    return [span.of(document.text) for span in rendering.spans]


@settings(deadline=None, max_examples=80)
@given(document=documents(most_blocks=20), question=QUESTIONS, chance=st.floats(0, 1))
def test_a_passage_offers_nested_extracts_up_to_the_whole(document, question, chance):
    tree = build_hierarchy(document)
    ranking = Ranking(tuple(Hit(node.id, chance, chance) for node in tree.level(0)))
    ladders = ladders_of(tree, question, ranking=ranking)
    with_sentences = [node for node in tree.level(0) if node.sentences]
    assert {node.id for node in with_sentences} == {node_id for node_id in ladders if tree.node(node_id).level == 0}
    for node in with_sentences:
        rungs = ladders[node.id].renderings
        for lower, upper in pairwise(rungs):
            assert lower.tokens < upper.tokens
            assert lower.value < upper.value
            assert set(lower.spans) < set(upper.spans)
        assert [rung.detail for rung in rungs] == ["extract"] * (len(rungs) - 1) + ["verbatim"]
        assert rungs[-1].spans == node.sentences
        for rung in rungs:
            assert list(rung.spans) == sorted(rung.spans)
            assert all(value > 0 for value in rung.values)
            assert rung.text is None


@settings(deadline=None, max_examples=60)
@given(document=documents(most_blocks=20))
def test_an_inner_node_offers_the_sentences_that_represent_it(document):
    tree = build_hierarchy(document)
    for node_id, ladder in ladders_of(tree).items():
        node = tree.node(node_id)
        if node.level == 0:
            continue
        assert ladder.opening == len(node.title) + ADDRESS_TOKENS
        assert [rung.spans for rung in ladder.renderings] == ([node.sentences] if node.sentences else [])
        for rung in ladder.renderings:
            assert (rung.detail, rung.text) == ("summary", None)
            assert rung.tokens >= ladder.opening + sum(map(len, shown(tree, rung)))


def test_tokens_and_values_by_hand():
    sentences = [
        "The first sentence stands here, it has 53 letters now.",
        "A second one stands here, and it has 43 too.",
        "The third one is here as well, with 46 of them.",
    ]
    tree = build_hierarchy(Document(" ".join(sentences), "a", ""))
    (passage,) = tree.level(0)
    first, second, third = map(len, sentences)
    rungs = ladders_of(tree, "What is third, and what is first?")[passage.id].renderings
    # The first and the third sentence contain words of the question. The second is left out, which leaves a gap.
    assert sorted(shown(tree, rungs[1])) == sorted([sentences[0], sentences[2]])
    assert rungs[1].tokens == first + third + 2 * JOIN_TOKENS + GAP_TOKENS
    assert rungs[2].tokens == first + second + third + 3 * JOIN_TOKENS
    chances = sentence_probabilities(needs.join(tree, ()), "What is third, and what is first?", Lexicon(tree))
    expected = [chance * (len(text) + JOIN_TOKENS) for chance, text in zip(chances[passage.id], sentences, strict=True)]
    assert rungs[2].values == pytest.approx(expected)
    assert rungs[2].value == pytest.approx(sum(expected))


def test_a_filled_gap_that_costs_less_than_two_is_no_step_down():
    tree = build_hierarchy(
        Document(
            "The tax rate of the company was four\t1\n7\t7\nIts goodwill and all its debt rose to nine\t2\n", "a", ""
        )
    )
    (passage,) = tree.level(0)

    def cheap(texts):
        return [0 if len(text) < 4 else len(text) for text in texts]

    rungs = offer(tree, evidence_of(tree, ""), cheap)[passage.id].renderings
    # The mark of a gap between two rows costs 2 tokens, but the row in the gap only 1. So two rows are not offered.
    assert [len(rung.spans) for rung in rungs] == [1, 3]


def test_a_sentence_that_repeats_is_worth_something_once_where_it_is_likeliest():
    sentence = "The effective tax rate was four percent in the year."
    pages = [f"Nothing of the kind is said on page number {number} of this.\n{sentence}\n" for number in range(3)]
    tree = build_hierarchy(document_of(*pages))
    passages = tree.level(0)
    hits = [Hit(node.id, chance, chance) for node, chance in zip(passages, (0.3, 0.9, 0.5), strict=True)]
    ladders = ladders_of(tree, "What was the effective tax rate?", ranking=Ranking.of(hits))
    probabilities = []
    for node in passages:
        whole = ladders[node.id].renderings[-1]
        probabilities.append(whole.values[shown(tree, whole).index(sentence)] / (len(sentence) + JOIN_TOKENS))
    assert probabilities[0] == probabilities[2] == pytest.approx(LEAST_PROBABILITY)
    assert probabilities[1] > 0.01


def test_a_repeat_in_another_document_counts_too():
    sentence = "The effective tax rate was four percent in the year."
    trees = [
        build_hierarchy(document_of(f"{sentence}\nDocument {name} ends here, and nothing follows after it.\n"))
        for name in "ab"
    ]
    tree = join(trees)
    values = [ladders_of(tree, "tax rate")[node.id].renderings[-1].values[0] for node in tree.level(0)]
    assert min(values) < 1e-6 < max(values)


def test_only_what_a_budget_could_hold_is_offered_best_first():
    tree = build_hierarchy(
        document_of(*[f"The rate of page {page} was {page} percent of it all. " * 15 for page in range(40)])
    )
    ranking = Ranking.of(Hit(node.id, place, 0.5) for place, node in enumerate(tree.level(0)))
    few = ladders_of(tree, "rate", budget=100, ranking=ranking)
    offered = [hit.node_id for hit in ranking.hits if hit.node_id in few]
    assert offered == [hit.node_id for hit in ranking.hits[: len(offered)]]
    assert 1 < len(offered) < len(tree.level(0)) / 2
    # All nodes above the offered passages have a ladder, because opening them costs tokens.
    owners = {tree.node(node_id).parent_id for node_id in offered} | {tree.root.id}
    assert set(few) == owners | set(offered)


def test_a_passage_without_sentences_takes_no_place_of_another():
    tree = build_hierarchy(
        document_of("~Cover of a report, " + "very long " * 50 + "\n", "The tax rate was four percent.\n")
    )
    blank, passage = tree.level(0)
    ladders = ladders_of(tree, "rate", budget=1, ranking=Ranking((Hit(blank.id, 1.0, 0.9), Hit(passage.id, 0.5, 0.1))))
    assert ladders[passage.id].renderings


def test_a_summary_that_a_model_wrote_is_shown_in_its_own_words():
    tree = build_hierarchy(
        document_of("# Taxes\nThe effective tax rate of the company was four percent in the year.\n")
    )
    section = tree.level(1)[0]
    written = replace(
        tree,
        nodes=tuple(
            replace(node, text="It was 4 %.", author="a model") if node == section else node for node in tree.nodes
        ),
    )
    ladder = ladders_of(written, "tax rate")[section.id]
    (summary,) = ladder.renderings
    assert (summary.detail, summary.text) == ("written", "It was 4 %.")
    assert summary.spans == (section.span,)  # the model summarized the whole section
    assert summary.tokens == ladder.opening + WRITTEN_TOKENS + len("It was 4 %.")


def test_the_printed_numbers_of_pages_are_paid_for():
    document = document_of("# Taxes\nThe effective tax rate was four percent in the year.\n", "It fell after that.\n")
    labelled = replace(document, pages=tuple(replace(page, label="iv") for page in document.pages))
    plain, more = (
        ladders_of(tree, "tax rate")[tree.level(1)[0].id].opening for tree in map(build_hierarchy, (document, labelled))
    )
    assert more == plain + LABEL_TOKENS


def test_a_corpus_costs_no_opening_and_offers_nothing():
    tree = join(
        [
            build_hierarchy(document_of(f"The tax rate of company {name} was four percent in the year.\n"))
            for name in "ab"
        ]
    )
    ladder = ladders_of(tree, "tax rate")[tree.root.id]
    assert (ladder.opening, ladder.renderings) == (0, ())
