"""Tests of the metrics of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import NAMES, score_answer
from eval.types import Question

OPTIONS = (("A", "the river"), ("B", "the old river mill"), ("C", "a bridge"), ("D", "nothing at all"))


def question(*answers: str) -> Question:
    return Question("q", "d", "what?", answers=answers)


def choice(*correct: str) -> Question:
    texts = dict(OPTIONS)
    return Question("q", "d", "which?", tuple(texts[letter] for letter in correct), options=OPTIONS, correct=correct)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Gene Barry", 1.0),
        ("the gene  barry.", 1.0),
        ("Barry", 1.0),
        ("Gene Barry did", 0.0),
        ("", 0.0),
    ],
)
def test_an_exact_match_looks_past_case_articles_and_punctuation(answer: str, expected: float) -> None:
    assert score_answer(question("Gene Barry", "a Barry"), answer)["exact_match"] == expected


def test_an_answer_that_is_an_article_is_compared_as_it_stands() -> None:
    assert score_answer(question("The"), "the")["exact_match"] == 1
    assert score_answer(question("The"), "an")["exact_match"] == 0


def test_f1_is_of_the_words_shared_with_the_best_gold_answer() -> None:
    # The answer has 5 words without the article: capital, of, france, is, paris. Both words of "Paris, France" are
    # shared: 2*2 / (5+2) = 4/7. Two of the 3 words of "the city of Paris" are shared: 2*2 / (5+3) = 1/2.
    scores = score_answer(question("the city of Paris", "Paris, France"), "The capital of France is Paris")
    assert scores["token_f1"] == pytest.approx(4 / 7)
    assert scores["exact_match"] == 0


def test_f1_counts_a_repeated_word_as_often_as_both_have_it() -> None:
    # "no no no" shares two words with "no no": 2*2 / (3+2).
    assert score_answer(question("no, no!"), "no no no")["token_f1"] == pytest.approx(4 / 5)


def test_f1_of_an_unspaced_script_goes_by_characters() -> None:
    # 上海市 and 在上海 share 上海: 2*2 / (3+3).
    assert score_answer(question("上海市"), "在上海")["token_f1"] == pytest.approx(2 / 3)


def test_without_gold_answers_nothing_of_the_text_is_scored() -> None:
    assert score_answer(question(), "Paris, 42 km") == dict.fromkeys(
        ["exact_match", "token_f1", "number_match", "choice_accuracy"]
    )


def test_number_match_is_the_share_of_the_numbers_of_the_best_gold_answer() -> None:
    # The answer has 39 and 26 of 39, 35 and 26. It has no number of the second answer, which has only 20.
    gold = question("Commercial 39%, defence 35%, services 26%", "more than 20%")
    assert score_answer(gold, "26 percent and 39 %")["number_match"] == pytest.approx(2 / 3)


def test_a_number_that_the_gold_answer_repeats_counts_once() -> None:
    assert score_answer(question("5% in 2022, up from 4% in 2022"), "in 2022")["number_match"] == pytest.approx(1 / 3)


def test_an_answer_without_the_number_scores_zero() -> None:
    assert score_answer(question("16.5%"), "It rose.")["number_match"] == 0


def test_number_match_is_unscored_without_a_number_in_the_gold_answers() -> None:
    assert score_answer(question("Paris"), "It is 42.")["number_match"] is None
    assert score_answer(question("Paris", "42"), "It is 42.")["number_match"] == 1


def test_choice_accuracy_needs_all_right_letters_and_no_other() -> None:
    assert score_answer(choice("B", "D"), "Answer: B and D")["choice_accuracy"] == 1
    assert score_answer(choice("B", "D"), "Answer: B")["choice_accuracy"] == 0
    assert score_answer(choice("B"), "Answer: B and D")["choice_accuracy"] == 0
    assert score_answer(choice("B"), "I cannot tell.")["choice_accuracy"] == 0


def test_the_text_of_a_multiple_choice_is_not_scored() -> None:
    scores = score_answer(choice("B"), "B")
    assert {name for name, value in scores.items() if value is not None} == {"choice_accuracy"}


def test_choice_accuracy_is_unscored_without_options_or_without_right_letters() -> None:
    assert score_answer(question("Paris"), "B")["choice_accuracy"] is None
    assert score_answer(Question("q", "d", "which?", options=OPTIONS), "B")["choice_accuracy"] is None
    assert score_answer(Question("q", "d", "which?", ("yes",), options=OPTIONS), "yes")["choice_accuracy"] is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("Yes.", 1.0), ("yes, although maybe not", 1.0), ("**Yes**", 1.0), ("No, yes", 0.0), ("eyes", 0.0), ("", 0.0)],
)
def test_yes_no_and_maybe_are_a_choice_and_the_first_said_counts(answer: str, expected: float) -> None:
    assert score_answer(question("yes"), answer)["choice_accuracy"] == expected


def test_a_question_whose_answers_say_more_than_yes_is_no_choice() -> None:
    assert score_answer(question("yes", "yes, in 2019"), "yes")["choice_accuracy"] is None


@given(st.lists(st.text(max_size=20), max_size=3), st.text(max_size=40))
def test_scores_lie_between_zero_and_one_and_a_gold_answer_has_the_best(answers: list[str], answer: str) -> None:
    scores = score_answer(question(*answers), answer)
    assert list(scores) == [name for name in NAMES if name in scores]
    assert all(value is None or 0 <= value <= 1 for value in scores.values())
    for gold in answers:
        best = score_answer(question(*answers), gold)
        assert best["exact_match"] == best["token_f1"] == 1
