import pytest
from readers import part_of

from hiercomp.errors import ConfigError
from hiercomp.llms.extractive import REFUSAL, build
from hiercomp.types import Part, Prompt

TEXT = "Revenue rose. The rate was 14.8 % in 2022. Weather was fine. Goodwill fell. Taxes rose. Staff grew. Rent fell."
SENTENCES = [sentence + "." for sentence in TEXT.rstrip(".").split(". ")]


def _answer(*parts: Part, max_tokens: int = 200) -> str:
    return build().complete(Prompt((), "q", parts), max_tokens=max_tokens).text


def test_the_best_sentences_are_quoted_best_first_with_their_marks() -> None:
    part = part_of(TEXT, list(zip(SENTENCES[:3], (0.3, 0.9, 0.02), strict=True)), mark=7)
    # 0.02 is below a fifth of 0.9, so the third sentence is left out
    assert _answer(part) == "“The rate was 14.8 % in 2022.” [7]\n“Revenue rose.” [7]"


def test_sentences_of_all_parts_compete() -> None:
    first = part_of(TEXT, [(SENTENCES[0], 0.5)], mark=1)
    second = part_of(TEXT, [(SENTENCES[3], 0.6)], mark=2)
    assert _answer(first, second) == "“Goodwill fell.” [2]\n“Revenue rose.” [1]"


def test_at_most_four_sentences_are_quoted() -> None:
    part = part_of(TEXT, [(sentence, 0.5) for sentence in SENTENCES])
    assert _answer(part).splitlines() == [f"“{sentence}” [1]" for sentence in SENTENCES[:4]]


def test_a_sentence_that_stands_twice_is_quoted_once_with_the_better_mark() -> None:
    parts = [part_of(TEXT, [(SENTENCES[0], value)], mark=mark) for mark, value in ((1, 0.4), (2, 0.5))]
    assert _answer(*parts) == "“Revenue rose.” [2]"


def test_a_line_break_in_a_sentence_becomes_a_blank_and_a_tab_stays() -> None:
    part = part_of("Tax\n  rate\t14.8\t14.7", [("Tax\n  rate\t14.8\t14.7", 0.9)])
    assert _answer(part) == "“Tax rate\t14.8\t14.7” [1]"


@pytest.mark.parametrize("parts", [(), (part_of(TEXT, [(SENTENCES[0], 0.001)]),), (part_of(TEXT, []),)])
def test_without_evidence_it_refuses(parts: tuple[Part, ...]) -> None:
    assert _answer(*parts) == REFUSAL


@pytest.mark.parametrize("max_tokens", [0, 1, 2, 3, 5, 8, 13, 21, 34])
def test_an_answer_is_never_longer_than_allowed(max_tokens: int) -> None:
    reader = build()
    part = part_of(TEXT, [(sentence, 0.5) for sentence in SENTENCES])
    for parts in ((part,), ()):
        completion = reader.complete(Prompt((), "q", parts), max_tokens=max_tokens)
        assert completion.completion_tokens == reader.tokenizer.count(completion.text) <= max_tokens


def test_a_sentence_that_does_not_fit_is_begun() -> None:
    long = "The effective tax rate " * 20
    completion = build().complete(Prompt((), "q", (part_of(long, [(long, 0.9)]),)), max_tokens=12)
    assert completion.text.startswith("“The effective tax rate The")
    assert completion.text.endswith("…” [1]")
    assert completion.stop_reason == "length"


def test_a_sentence_that_does_not_fit_gives_way_to_one_that_does() -> None:
    text = "The effective tax rate, which is explained elsewhere at length, was 14.8 %. It fell."
    part = part_of(text, [(text[:-9], 0.9), ("It fell.", 0.5)])
    assert _answer(part, max_tokens=9) == "“It fell.” [1]"


def test_no_model_reads_the_prompt() -> None:
    completion = build().complete(Prompt((), "q", ()), max_tokens=50)
    assert (completion.prompt_tokens, completion.model, completion.stop_reason) == (0, "extractive", "stop")


def test_an_argument_is_refused() -> None:
    with pytest.raises(ConfigError, match="takes no argument"):
        build("x")


def test_round_thousands_are_quoted() -> None:
    text = "The fee for the licence is $25,000 a year.\nTotal debt\t305,000\t340,000\n00:05:00.000 We close on 30 May."
    assert _answer(part_of(text, [(line, 0.9) for line in text.splitlines()])).count("“") == 3


def test_the_head_of_a_table_is_not_quoted_but_a_row_of_words_is() -> None:
    text = "(in millions)\nPart\tPrice\nP-1\t4\nP-2\t5"
    assert _answer(part_of(text, [(line, 0.9) for line in text.splitlines()])) == "“P-1\t4” [1]\n“P-2\t5” [1]"
    assert _answer(part_of("Theft\tMr Falk", [("Theft\tMr Falk", 0.9)])) == "“Theft\tMr Falk” [1]"


def test_the_empty_cells_of_a_row_are_quoted() -> None:
    assert _answer(part_of("Oslo\t\t7.5\t", [("Oslo\t\t7.5\t", 0.9)])) == "“Oslo\t\t7.5\t” [1]"


def test_the_head_of_a_row_counts_as_its_own_words() -> None:
    text = "\t2021\nSales\t4\nSales were good, and nothing else is to be said of them."
    part = part_of(text, [(line, 0.9) for line in text.splitlines()])
    answer = build().complete(Prompt((), "Which sales of 2021?", (part,)), max_tokens=200).text
    assert answer.startswith("“Sales\t4” [1]\n")


def test_a_numbered_heading_is_not_quoted() -> None:
    text = "4.2.1. First approach\nThe first approach failed."
    assert _answer(part_of(text, [(line, 0.9) for line in text.splitlines()])) == "“The first approach failed.” [1]"
