import pytest

from eval import readers
from eval.types import Question
from hiercomp.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("The tax is 24.2%.\nAnswer: 24.2%", "24.2%"),
        ("Answer: maybe\nNo, wait.\nanswer : 18.4%", "18.4%"),
        ("It rose.\nSo it is 24.2%", "So it is 24.2%"),
        ("", ""),
    ],
)
def test_the_final_answer_stands_behind_its_mark_or_on_the_last_line(written, answer):
    assert readers.final(written) == answer


def test_the_answer_given_most_often_wins_however_it_is_written():
    assert readers.vote(["18.4%", "24.2 %", "24.2%", "24,2%", "24.2%."]) == "24.2 %"
    assert readers.vote(["Paris", "Rome"]) == "Paris"


def test_every_word_that_the_reader_is_given_is_recorded():
    prompt = readers.prompt(
        Question("q", "d", "Which?", options=(("A", "one"), ("B", "two"))), "The text.", reasons=True
    )
    system, user = (message.content for message in prompt.messages)
    assert system == readers.SYSTEM
    assert user == f"The text.\n\nQuestion: Which?\nA. one\nB. two\n\n{readers.CHOICE}\n\n{readers.REASON}"


@pytest.mark.parametrize(
    ("model", "strategy", "said"),
    [("local", "guess", "strategy"), ("extractive", "direct", "name a model"), ("gpt-5", "self-consistency", "seed")],
)
def test_what_does_not_go_together_is_said_before_anything_is_loaded(model, strategy, said):
    with pytest.raises(ConfigError, match=said):
        readers.check(model, strategy)


def test_votes_are_drawn_with_seeds_and_all_their_tokens_count():
    reader = readers.Reader("local", "self-consistency")
    question = Question("q", "d", "What colour is the door?")
    first = reader.read(question, "The door is green.")
    assert first == reader.read(question, "The door is green.")
    assert "green" in first.answer.casefold()
    alone = readers.Reader("local", "direct").read(question, "The door is green.")
    assert first.tokens_in > 5 * alone.tokens_in * 0.9
    assert first.usd == alone.usd == 0


def test_a_call_that_does_not_fit_the_window_has_no_answer():
    assert readers.Reader("local", "direct").read(Question("q", "d", "What?"), "word " * 40_000) is None
