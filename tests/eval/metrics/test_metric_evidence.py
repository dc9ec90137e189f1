"""Tests of the metrics of contexts."""

import pytest

from eval.metrics import NAMES, Measured, prepare, score
from eval.types import Evidence, Question
from hiercomp.types import Document, Page, Span

FILLER = "the of and to in the of and to in the of and to in the of and to in the of and to in the of and to in "
LINE = "in 2024 net sales rose by 24.2% to $12,645 million"
# The ten words are: in 2024 net sales rose by 24.2 to 12645 million. "in" and "to" are not rare.
TEXT = f"{FILLER}\n{LINE}\n{FILLER}"
DOCUMENT = Measured(Document(TEXT, "made", "Made"))
SPAN = Span(TEXT.index(LINE), TEXT.index(LINE) + len(LINE))


def asked(*evidence: Evidence, **more: object) -> Question:
    return Question("q", "d", "?", evidence=evidence, **more)  # type: ignore[arg-type]


def scores(question: Question, context: str, document: Measured = DOCUMENT) -> dict[str, float | None]:
    return score(prepare(document, question), context)


def paged(*texts: str) -> Measured:
    ends = [sum(len(text) for text in texts[: count + 1]) for count in range(len(texts))]
    pages = (Page(at + 1, Span(end - len(texts[at]), end)) for at, end in enumerate(ends))
    return Measured(Document("".join(texts), "made", "Made", tuple(pages)))


def test_without_gold_nothing_is_scored() -> None:
    assert scores(asked(), TEXT) == dict.fromkeys(list(NAMES)[:9])


def test_span_recall_is_the_share_of_gold_words_in_runs_of_five() -> None:
    # The context has the first six of ten words in a row, and the last three, which are not a run.
    found = scores(asked(Evidence("", SPAN)), "In 2024, net sales rose by much, namely to $12,645 million.")
    assert found["span_recall"] == found["evidence_recall"] == 6 / 10


def test_shingle_recall_is_the_share_of_the_runs_themselves() -> None:
    # Ten words have six shingles; the first six words hold two of them.
    found = scores(asked(Evidence(LINE)), "In 2024, net sales rose by much")
    assert found["shingle_recall"] == 2 / 6
    assert found["span_recall"] is None


def test_rare_word_recall_is_the_share_of_the_words_that_the_document_seldom_has() -> None:
    # The rare words are 2024, net, sales, rose, by, 24.2, 12645, million; the context has sales, 12645 and by.
    found = scores(asked(Evidence(LINE)), "in the sales of 12,645 by to")
    assert found["rare_word_recall"] == 3 / 8
    assert found["evidence_recall"] == (0 + 3 / 8) / 2


def test_a_word_that_occurs_six_times_is_not_rare_and_neither_is_one_that_the_document_lacks() -> None:
    document = Measured(Document("six " * 6 + "five " * 5, "made", "Made"))
    question = asked(Evidence("five six elsewhere"))
    assert scores(question, "five", document)["rare_word_recall"] == 1
    assert scores(question, "six elsewhere", document)["rare_word_recall"] == 0


def test_without_rare_words_evidence_recall_is_shingle_recall() -> None:
    # "the of and to in the" has two shingles. The context has one of them.
    found = scores(asked(Evidence("the of and to in the")), "the of and to in")
    assert found["rare_word_recall"] is None
    assert found["evidence_recall"] == found["shingle_recall"] == 1 / 2


def test_evidence_of_which_one_piece_has_no_place_is_measured_as_text() -> None:
    # The six shingles of the line and "at last" are seven runs. The six of the line are found. All eight rare words are
    # found too, because "at" and "last" are not in the document.
    found = scores(asked(Evidence("", SPAN), Evidence("at last")), LINE)
    assert found["span_recall"] is None
    assert found["evidence_recall"] == (6 / 7 + 1) / 2


@pytest.mark.parametrize(("context", "recall"), [("it rose by 24.2 %", 3 / 3), ("it rose, and by 24.2 %", 0)])
def test_a_piece_of_less_than_five_words_is_found_whole_or_not(context: str, recall: float) -> None:
    start = TEXT.index("rose")
    question = asked(Evidence("", Span(start, start + len("rose by 24.2%"))))
    assert scores(question, context)["span_recall"] == recall


def test_a_place_that_cuts_a_word_means_the_whole_word() -> None:
    cut = asked(Evidence("", Span(SPAN.start + 4, SPAN.end - 4)))  # from "024" to "mil"
    assert scores(cut, "2024 net sales rose by 24.2% to $12,645 million")["span_recall"] == 1


def test_evidence_without_words_is_none() -> None:
    for evidence in (Evidence("—"), Evidence("", Span(3, 3)), Evidence("", Span(10**6, 10**6 + 5))):
        assert scores(asked(evidence), TEXT)["evidence_recall"] is None


def test_evidence_precision_is_the_share_of_the_context_in_runs_of_the_evidence() -> None:
    # Five of the eight words are a run of the gold; "million", a gold word alone, is not.
    assert scores(asked(Evidence("", SPAN)), "Net sales rose by 24.2 a million times")["evidence_precision"] == 5 / 8


def test_evidence_precision_counts_short_pieces_and_repeats() -> None:
    # "net sales" twice of five words.
    assert scores(asked(Evidence("net sales")), "net sales, yes net sales")["evidence_precision"] == 4 / 5


def test_an_empty_context_has_no_precision_and_recalls_nothing() -> None:
    found = scores(asked(Evidence("", SPAN), figures=("24.2%",), answers=("net sales",)), "")
    assert set(found.values()) == {0.0, None}
    assert [name for name, value in found.items() if value is None] == ["page_recall", "page_recall_30"]


PAGES = paged(
    "Annual report of the company. Costs fell by nine points last year.\n",
    "Annual report of the company. Wages rose by two points this year.\n",
    "Annual report of the company.",
    "\n",
)


def test_page_recall_is_the_share_of_gold_pages_that_are_touched() -> None:
    # Page 3 has no shingle of its own and is left out; of pages 1 and 2 the context touches the second.
    question = asked(pages=(1, 2, 3))
    assert scores(question, "Wages rose by two points.", PAGES)["page_recall"] == 1 / 2
    assert scores(question, "Annual report of the company.", PAGES)["page_recall"] == 0
    assert scores(question, "Wages rose by two", PAGES)["page_recall"] == 0


def test_a_page_that_is_named_twice_counts_once() -> None:
    assert scores(asked(pages=(1, 2, 2)), "Wages rose by two points.", PAGES)["page_recall"] == 1 / 2


def test_page_recall_is_unscored_where_no_gold_page_has_a_shingle_of_its_own() -> None:
    assert scores(asked(pages=(3, 4, 9)), PAGES.document.text, PAGES)["page_recall"] is None
    assert scores(asked(), PAGES.document.text, PAGES)["page_recall"] is None


def test_page_recall_30_asks_for_a_share_of_the_page_s_evidence() -> None:
    # Page 1's evidence has 7 words, all rare, and 3 shingles.
    question = asked(
        Evidence("Costs fell by nine points last year", page=1),
        Evidence("Wages rose by two points", page=2),
        pages=(1, 2),
    )
    # One shingle and five rare words: (1/3 + 5/7) / 2 is above 0.3.
    assert scores(question, "costs fell by nine points", PAGES)["page_recall_30"] == 1 / 2
    # No shingle and four rare words: (0 + 4/7) / 2 = 0.286 is not yet 0.3; with a fifth it is 0.357.
    assert scores(question, "costs fell nine last", PAGES)["page_recall_30"] == 0
    assert scores(question, "costs fell nine last year", PAGES)["page_recall_30"] == 1 / 2


def test_the_page_of_evidence_is_that_of_its_place_where_it_is_not_said() -> None:
    text = PAGES.document.text
    start = text.index("Wages")
    question = asked(Evidence("", Span(start, start + len("Wages rose by two points"))), pages=(2,))
    assert scores(question, "wages rose by two points", PAGES)["page_recall_30"] == 1


def test_a_gold_page_without_evidence_is_measured_by_its_own_words() -> None:
    # Page 2 has 12 words: 4 of them are below 30 % and would be no run; a run of 5 is 5/12.
    question = asked(Evidence("Costs fell", page=1), pages=(2,))
    assert scores(question, "rose by two points this", PAGES)["page_recall_30"] == 1
    assert scores(question, "rose by two points", PAGES)["page_recall_30"] == 0


def test_page_recall_30_is_unscored_without_gold_pages_that_have_words() -> None:
    assert scores(asked(pages=(4, 9)), PAGES.document.text, PAGES)["page_recall_30"] is None
    assert scores(asked(Evidence("Costs fell", page=1)), "costs fell", PAGES)["page_recall_30"] is None


def test_figure_recall_is_the_share_of_the_numbers_that_occur() -> None:
    # The numbers are 12645, 24.2 and 2024. "$12,645" and "12,645" are the same number.
    question = asked(figures=("$12,645", "12,645", "(24.2)%", "2024"))
    assert scores(question, "１２，６４５ and 24.2, but 202.4")["figure_recall"] == 2 / 3
    assert scores(question, "126450 and 4.2")["figure_recall"] == 0


def test_figure_recall_is_unscored_without_figures() -> None:
    assert scores(asked(), "12")["figure_recall"] is None
    assert scores(asked(figures=("twelve",)), "12")["figure_recall"] is None


@pytest.mark.parametrize(
    ("context", "expected"),
    [("NET\nSALES", 1.0), ("sales, net", 0.0), ("net salesman", 0.0), ("a unicorn", 1.0), ("", 0.0)],
)
def test_an_answer_is_in_the_context_as_a_run_of_words(context: str, expected: float) -> None:
    # "a unicorn" is not in the document, and counts where the context has it: "net sales" makes the question scored.
    assert scores(asked(answers=("the unicorn", "net sales", "a unicorn")), context)["answer_in_context"] == expected


@pytest.mark.parametrize(
    "answers", [(), ("a unicorn",), ("Yes.",), ("no", "maybe"), ("B",), ("of2024",), ("—",), ("yes", "a unicorn")]
)
def test_answer_in_context_is_unscored_where_it_cannot_be_looked_for(answers: tuple[str, ...]) -> None:
    document = Measured(Document(f"yes no maybe b {TEXT}", "made", "Made"))
    assert scores(asked(answers=answers), "yes, no, maybe b: a unicorn", document)["answer_in_context"] is None


def test_each_metric_has_a_definition_that_says_when_it_is_unscored() -> None:
    assert all(" unscored " in text and text.endswith(".") for text in NAMES.values())
