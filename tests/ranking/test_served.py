"""What was found for a need, and which parts of a context serve it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned_runs import NEEDS, PARTS, QUESTION, SPANS, evidence, hierarchy, part, planned_run

from hiercomp.ranking.evidence import Lexicon
from hiercomp.ranking.served import find, served
from hiercomp.types import CALLER, Hit, Need, Part, Plan, Ranking, RetrieverScore

PLAN = Plan(NEEDS, CALLER)
LEXICON = Lexicon(hierarchy())


def ranking(score: float | None, retriever: str = "tokens") -> Ranking:
    """Return a ranking whose best passage has this score, or a ranking without a hit."""
    return Ranking(() if score is None else (Hit("a", 0.3, 0.3, (RetrieverScore(retriever, 1, score),)),))


def test_a_part_serves_the_need_for_which_it_holds_most_evidence() -> None:
    question, debts, _ = served(planned_run())
    # "Tarn can pay." is 0.9 likely for the question. The rows on pages 2 and 3 are 0.8 and 0.7 likely for the need.
    assert (question.marks, question.tokens) == ((1, 3), 17)
    assert (debts.marks, debts.tokens) == ((2,), 1320)
    assert [each.probability for each in (question, debts)] == [0.9, 0.75]


def test_a_need_for_which_nothing_was_found_is_served_by_no_part() -> None:
    # "It rained." is 0.9 likely for the third need, but the best of a need that was not found is a guess.
    missing = served(planned_run())[2]
    assert (missing.found, missing.parts, missing.tokens) == (False, (), 0)
    run = replace(planned_run(), evidence=evidence(found=(True, True, True)))
    assert served(run)[2].marks == (3,)


def test_the_length_of_a_sentence_counts() -> None:
    # The sentences have 13 and 12 characters. The sum of the probabilities is greater for the need, 1.01 against 1.0,
    # but 0.9 · 13 + 0.1 · 12 = 12.9 is more than 0.2 · 13 + 0.81 · 12 = 12.32.
    both = part(1, 0, 1)
    by_need = ({"a": (0.9, 0.1)}, {"a": (0.2, 0.81)}, {})
    question, need, _ = served(replace(planned_run(parts=(both,)), evidence=replace(evidence(), by_need=by_need)))
    assert [len(span) for span in SPANS[:2]] == [13, 12]
    assert (question.parts, need.parts) == ((both,), ())


def test_a_part_without_evidence_serves_the_first_need_that_was_found() -> None:
    elsewhere = replace(part(1, 0), spans=(replace(SPANS[0], end=5),))
    assert served(planned_run(parts=(elsewhere,)))[0].parts == (elsewhere,)
    nothing = replace(planned_run(), evidence=evidence(found=(False, False, False)))
    assert served(nothing)[0].parts == PARTS


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True), max_size=8),
    st.lists(st.integers(1, 500), min_size=8, max_size=8),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_the_tokens_of_the_needs_are_those_of_the_parts(
    shown: list[list[int]], tokens: list[int], found: tuple[bool, bool, bool]
) -> None:
    parts: list[Part] = [
        part(mark, *sorted(sentences), tokens=count)
        for mark, (sentences, count) in enumerate(zip(shown, tokens, strict=False), start=1)
    ]
    needs = served(replace(planned_run(parts=parts), evidence=evidence(found)))
    assert sum(need.tokens for need in needs) == sum(each.tokens for each in parts)


def test_if_the_whole_input_is_shown_nothing_was_searched_for() -> None:
    whole = replace(planned_run(), rankings=(), ladders={})
    assert [(need.need, need.parts, need.probability, need.found) for need in served(whole)] == [
        (need, (), None, None) for need in NEEDS
    ]


def test_a_need_is_found_by_its_words_or_by_its_meaning() -> None:
    # The debts on page 3 are a quarter of the second need's words. No sentence has a word of the third.
    assert find(QUESTION, PLAN, [ranking(0.7), ranking(0.2), ranking(0.57)], LEXICON) == (True, True, True)
    assert find(QUESTION, PLAN, [ranking(0.7), ranking(0.2), ranking(0.55)], LEXICON) == (True, True, False)


def test_the_question_itself_is_found_if_any_passage_is() -> None:
    unrelated = Plan((Need("Agreement of annotators?"), *NEEDS[1:2]), CALLER)
    rankings = [ranking(0.1), ranking(0.7)]
    assert find("Agreement of annotators?", unrelated, rankings, LEXICON)[0]
    assert not find("", unrelated, rankings, LEXICON)[0]
    assert not find("Agreement of annotators?", unrelated, [ranking(None), ranking(0.7)], LEXICON)[0]


@pytest.mark.parametrize("retriever", ["bm25", "other"])
def test_scores_that_do_not_compare_meanings_say_nothing(retriever: str) -> None:
    assert find(QUESTION, PLAN, [ranking(9.0, retriever), ranking(0.1, retriever), ranking(None)], LEXICON) == (
        True,
        True,
        False,
    )
