import math
from dataclasses import replace

import numpy as np
import pytest
from documents import document_of, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.hierarchy import build_hierarchy
from hiercomp.ranking.evidence import REPRESENTS, UNREMARKABLE, Lexicon, Logistic, fitted, sentence_probabilities
from hiercomp.ranking.fusion import fuse
from hiercomp.ranking.needs import ANY_FEATURES, any_features, any_need, gather, join, shortlist, spread
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.types import PASSAGE, Document, Evidence, Hit, Need, Plan, Ranking, RetrieverScore

WORDS = ["rate", "income", "margin", "debt", "growth", "share"]
PAGES = [
    f"# Item {number}\nThe {word} of the company was {number} percent in the year. Nobody asked about it on that day.\n"
    for number, word in enumerate(WORDS, start=1)
]
NOTHING = Ranking(())


@pytest.fixture(scope="module")
def tree():
    return build_hierarchy(document_of(*PAGES))


@pytest.fixture(scope="module")
def lexicon(tree):
    return Lexicon(tree)


def ranked(tree, *probabilities):
    """Rank the first passages with these probabilities."""
    return Ranking.of(
        Hit(node.id, chance, chance) for node, chance in zip(tree.level(PASSAGE), probabilities, strict=False)
    )


def found_for(tree, queries):
    """Rank all passages for each query by BM25."""
    return [fuse(tree, ranking) for ranking in Bm25().index(tree.level(PASSAGE)).search(queries, 1000)]


def plan_of(*needs):
    return Plan(tuple(map(Need, needs)), "caller")


def chances(ranking):
    return {hit.node_id: hit.probability for hit in ranking.hits}


def test_the_certainty_of_a_need_counts_in_the_evidence(tree, lexicon):
    rankings = found_for(tree, ["the rate of the company", "debt and growth"])
    shortlisted = join(tree, rankings)
    evidence = [
        gather(tree, Plan((Need("the rate of the company"), Need("debt and growth", certainty=certainty)), "x"),
               rankings, shortlisted, lexicon)
        for certainty in (1.0, 0.5)
    ]  # fmt: skip
    assert evidence[0].by_need == evidence[1].by_need
    node = tree.level(PASSAGE)[3].id  # the passage about debt
    assert max(evidence[1].joint[node]) < max(evidence[0].joint[node])


RANKINGS = st.lists(st.lists(st.floats(0, 1), min_size=6, max_size=6), min_size=1, max_size=4)


def test_the_features_of_any_need_by_hand():
    # The noisy-or is 1 - 0.5 · 0.6 = 0.7, 1 - 0.8 · 0.5 = 0.6 and 0. A probability of 0 or 1 has no finite log-odds.
    features = any_features(np.array([[0.5, 0.2, 0.0, 1.0], [0.4, 0.5, 0.0, 0.5]]))
    log_odds = [math.log(0.7 / 0.3), math.log(0.6 / 0.4), math.log(1e-9), -math.log(1e-9)]
    assert features[:, 0].tolist() == pytest.approx(log_odds, rel=1e-6)
    assert features[:, 1].tolist() == pytest.approx([math.log(2)] * 4)
    assert features.shape[1] == len(ANY_FEATURES)


def test_the_probability_of_any_need_by_hand():
    uncorrected = Logistic(0.0, (1.0, 0.0))
    assert any_need(np.array([[0.5, 0.2], [0.4, 0.5]]), uncorrected).tolist() == pytest.approx([0.7, 0.6])
    # The odds 0.7 / 0.3 become exp(0.5) times as high and are divided by 2² for two needs.
    odds = 0.7 / 0.3 * math.exp(0.5) / 4
    corrected = any_need(np.array([[0.5], [0.4]]), Logistic(0.5, (1.0, -2.0)))
    assert corrected.tolist() == pytest.approx([odds / (1 + odds)])


def test_a_single_need_is_not_corrected():
    assert any_need(np.array([[0.5, 0.2]]), Logistic(9.0, (3.0, 3.0))).tolist() == [0.5, 0.2]


@given(rankings=RANKINGS, more=st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_one_more_need_lowers_no_probability_before_the_correction(rankings, more):
    before, after = any_features(np.array(rankings)), any_features(np.array([*rankings, more]))
    assert (after[:, 0] >= before[:, 0] - 1e-6).all()


@given(rankings=RANKINGS.filter(lambda rankings: len(rankings) > 1), better=st.floats(0, 1), data=st.data())
def test_a_higher_probability_for_one_need_raises_that_for_any(rankings, better, data):
    need, place = data.draw(st.integers(0, len(rankings) - 1)), data.draw(st.integers(0, 5))
    raised = np.array(rankings)
    raised[need, place] = max(raised[need, place], better)
    for model in ("passage/any", "sentence/any"):
        assert fitted(model).weights[0] > 0
        before, after = (any_need(np.array(rows), fitted(model)) for rows in (rankings, raised))
        assert after[place] >= before[place] - 1e-12


def test_passages_are_ranked_by_the_probability_of_any_need(tree):
    first, second, third = (node.id for node in tree.level(PASSAGE)[:3])
    joined = join(tree, [ranked(tree, 0.5, 0.2, 0.0), ranked(tree, 0.4, 0.7, 0.0)])
    expected = any_need(np.array([[0.5, 0.2, 0.0], [0.4, 0.7, 0.0]]), fitted("passage/any")).tolist()
    # By noisy-or 0.7, 0.76 and 0.
    assert [hit.node_id for hit in joined.hits] == [second, first, third]
    assert chances(joined) == pytest.approx(dict(zip((first, second, third), expected, strict=True)))
    assert [hit.score for hit in joined.hits] == [hit.probability for hit in joined.hits]


def test_a_certainty_scales_the_probabilities_of_its_need(tree):
    first, second = ranked(tree, 0.5, 0.2, 0.0), ranked(tree, 0.4, 0.7, 0.0)
    scaled = ranked(tree, 0.2, 0.35, 0.0)
    assert chances(join(tree, [first, second], [1.0, 0.5])) == pytest.approx(chances(join(tree, [first, scaled])))
    # The scores are those of the first need where the second one is worth less than it.
    assert join(tree, [second, second], [1.0, 1.0]).hits != join(tree, [second, second], [1.0, 0.5]).hits
    assert join(tree, [second], [0.5]) is second


def test_a_passage_has_the_scores_of_the_need_that_it_serves_best(tree):
    node = tree.level(PASSAGE)[0]
    low, high = (
        Ranking((Hit(node.id, chance, chance, (RetrieverScore("bm25", 1, chance),), (chance,)),))
        for chance in (0.25, 0.5)
    )
    for order in ([low, high], [high, low]):
        (hit,) = join(tree, order).hits
        assert (hit.sources, hit.sentences) == (high.hits[0].sources, high.hits[0].sentences)


def test_the_ranking_of_one_need_is_the_joint_ranking(tree):
    (ranking,) = found_for(tree, ["the tax rate"])
    assert join(tree, [ranking]) is ranking


def test_a_need_that_finds_nothing_changes_no_ranking(tree):
    ranking, nothing = found_for(tree, ["the tax rate", "zebra"])
    assert nothing == NOTHING
    assert join(tree, [nothing, ranking, nothing]) == ranking


@given(rankings=RANKINGS, data=st.data())
def test_the_order_of_the_needs_does_not_matter(tree, rankings, data):
    order = data.draw(st.permutations(range(len(rankings))))
    joined = join(tree, [ranked(tree, *each) for each in rankings])
    shuffled = join(tree, [ranked(tree, *rankings[place]) for place in order])
    assert chances(shuffled) == pytest.approx(chances(joined), abs=1e-12)


def test_where_nothing_was_found_the_representative_passages_come_first(tree):
    for rankings in ([], [NOTHING], [NOTHING, NOTHING]):
        ranking = join(tree, rankings)
        represents = set(tree.root.sentences)
        assert represents
        first = [bool(represents & set(tree.node(hit.node_id).sentences)) for hit in ranking.hits]
        assert first == sorted(first, reverse=True)
        assert ranking.hits[0].probability == 0.5
        assert {hit.node_id for hit in ranking.hits} == {node.id for node in tree.level(PASSAGE)}


def test_a_shortlist_ends_when_its_passages_hold_several_times_the_budget():
    tree = build_hierarchy(
        document_of(*[f"The rate of page {page} was {page} percent of it all. " * 15 for page in range(40)])
    )
    ranking = Ranking.of(Hit(node.id, place) for place, node in enumerate(tree.level(PASSAGE)))
    # 4 bytes a token, 6 tokens for each of the budget: a passage of n bytes leaves 24 · 600 - n.
    lengths = [len(tree.node(hit.node_id).text) for hit in ranking.hits]
    expected = next(count for count in range(99) if sum(lengths[:count]) >= 24 * 600)
    assert shortlist(tree, ranking, 600).hits == ranking.hits[:expected]
    assert 1 < expected < len(ranking.hits)
    assert shortlist(tree, ranking, 1) == shortlist(tree, ranking, 512)
    assert shortlist(tree, ranking, 10**6) == ranking


def test_a_passage_without_sentences_is_not_shortlisted():
    tree = build_hierarchy(document_of("~Cover of a report, " + "very long " * 50 + "\n", "The tax rate was four.\n"))
    blank, passage = tree.level(PASSAGE)
    ranking = Ranking((Hit(blank.id, 1.0), Hit(passage.id, 0.5)))
    assert not blank.sentences
    assert shortlist(tree, ranking, 1).hits == ranking.hits[1:]


def test_the_evidence_of_one_need_is_that_of_the_question_alone(tree, lexicon):
    question = "the margin of the company"
    (ranking,) = found_for(tree, [question])
    evidence = gather(tree, plan_of(question), [ranking], ranking, lexicon)
    alone = sentence_probabilities(ranking, question, lexicon)
    assert evidence.joint == alone
    assert evidence.by_need == (alone,)


def test_sentences_are_evidence_for_any_need_by_the_corrected_noisy_or(tree, lexicon):
    needs = ["the margin of the company", "percent of debt", "growth"]
    rankings = found_for(tree, needs)
    shortlisted = shortlist(tree, join(tree, rankings), 10**6)
    evidence = gather(tree, plan_of(*needs), rankings, shortlisted, lexicon)
    alone = [sentence_probabilities(ranking, need, lexicon) for need, ranking in zip(needs, rankings, strict=True)]
    assert list(evidence.by_need) == alone
    for node in tree.level(PASSAGE):
        expected = any_need(np.array([each[node.id] for each in alone]), fitted("sentence/any"))
        assert evidence.joint[node.id] == pytest.approx(expected.tolist())


def test_a_need_that_finds_nothing_changes_no_evidence(tree, lexicon):
    needs = ["the margin", "debt"]
    rankings = found_for(tree, needs)
    shortlisted = join(tree, rankings)
    plain = gather(tree, plan_of(*needs), rankings, shortlisted, lexicon)
    more = gather(tree, plan_of(needs[0], "zebra", needs[1]), [rankings[0], NOTHING, rankings[1]], shortlisted, lexicon)
    assert more.joint == plain.joint
    assert more.by_need == (plain.by_need[0], {}, plain.by_need[1])


def test_evidence_is_given_for_shortlisted_passages_alone_and_in_their_order(tree, lexicon):
    needs = ["margin", "debt"]
    rankings = found_for(tree, needs)
    few = Ranking(join(tree, rankings).hits[:2])
    evidence = gather(tree, plan_of(*needs), rankings, few, lexicon)
    names = [hit.node_id for hit in few.hits]
    assert list(evidence.joint) == names
    assert all(set(each) == set(names) for each in evidence.by_need)


def test_where_nothing_was_found_the_words_of_the_first_need_are_left_to_compare(tree, lexicon):
    needs = ["zebra of the company", "lion"]
    shortlisted = join(tree, [NOTHING, NOTHING])
    evidence = gather(tree, plan_of(*needs), [NOTHING, NOTHING], shortlisted, lexicon)
    expected = sentence_probabilities(shortlisted, needs[0], lexicon)
    assert evidence.joint == expected
    assert evidence.by_need == (expected, {})


def test_without_needs_sentences_count_by_what_they_represent(tree, lexicon):
    shortlisted = ranked(tree, *[0.5] * 6)
    evidence = gather(tree, Plan((), "rules"), (), shortlisted, lexicon)
    root = set(tree.root.sentences)
    sections = {span for node in tree.level(1) for span in node.sentences}
    assert root
    assert evidence.by_need == ()
    assert list(evidence.joint) == [hit.node_id for hit in shortlisted.hits]
    for node in tree.level(PASSAGE):
        for span, chance in zip(node.sentences, evidence.joint[node.id], strict=True):
            expected = REPRESENTS[2] if span in root else REPRESENTS[1] if span in sections else UNREMARKABLE
            assert chance == expected


@settings(deadline=None, max_examples=60)
@given(
    document=documents(most_blocks=20),
    needs=st.lists(
        st.sampled_from(["the tax rate", "税率", "ibid", "?", "Item 4", "zebra"]), min_size=1, max_size=4, unique=True
    ),
    budget=st.integers(1, 300),
)
def test_each_sentence_has_one_probability_a_need_and_one_for_any(document, needs, budget):
    tree = build_hierarchy(document)
    rankings = found_for(tree, needs)
    shortlisted = shortlist(tree, join(tree, rankings), budget)
    evidence = gather(tree, plan_of(*needs), rankings, shortlisted, Lexicon(tree))
    assert list(evidence.joint) == [hit.node_id for hit in shortlisted.hits]
    assert len(evidence.by_need) == len(needs)
    for node_id, joint in evidence.joint.items():
        assert len(joint) == len(tree.node(node_id).sentences)
        assert all(0 <= chance <= 1 for chance in joint)
        assert all(len(each[node_id]) == len(joint) for each in evidence.by_need if each)


def test_a_document_without_sentences_has_no_evidence():
    tree = build_hierarchy(Document(" \n", "blank", ""))
    for needs in (["tax"], ["tax", "debt"]):
        nothing = [NOTHING] * len(needs)
        assert gather(tree, plan_of(*needs), nothing, NOTHING, Lexicon(tree)) == Evidence({}, ({},) * len(needs))


def test_the_evidence_of_a_global_question_is_spread_over_the_sections():
    pages = [f"# {name}\n" + f"The {name} of the company rose again in the year. " * 40 for name in ("rate", "debt")]
    tree = build_hierarchy(document_of(*pages))
    rates, debts = ([node for node in tree.level(PASSAGE) if node.title == name] for name in ("rate", "debt"))
    assert len(rates) >= 3
    first, second, third = (node.id for node in rates[:3])
    # Of equal passages, the first by its id is the best of its section.
    probabilities = {first: (0.3, 0.6), second: (0.9, 0.1), third: (0.6,), debts[0].id: (0.2,)}
    best, next_best = sorted([first, third])
    expected = {
        second: (0.9, 0.1),
        best: tuple(chance / 2 for chance in probabilities[best]),
        next_best: tuple(chance / 3 for chance in probabilities[next_best]),
        debts[0].id: (0.2,),
    }
    assert spread(tree, probabilities) == expected


def test_only_the_evidence_of_a_global_question_is_spread(tree, lexicon):
    needs = ["the margin of the company", "debt"]
    rankings = found_for(tree, needs)
    shortlisted, plan = join(tree, rankings), plan_of(*needs)
    plain, spread_out = (
        gather(tree, replace(plan, is_global=each), rankings, shortlisted, lexicon) for each in (False, True)
    )
    assert spread_out.joint == spread(tree, plain.joint)
    assert spread_out.by_need == plain.by_need
