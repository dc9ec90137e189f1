"""Properties of scores of any context: the gold itself, an empty text, missing words, more text."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import Measured, prepare, score
from eval.types import Evidence, Question
from hiercomp.types import Document, Page, Span

FIRST = "Our net revenue was $86,392 million in 2022, against $79,474 million a year before."
SECOND = "Depreciation and amortization came to $2,763 million, and operating profit to 13.3% of revenue."
OTHERS = "All figures are in millions of dollars unless another unit is named beside them.\n"
PARTS = (f"{OTHERS}{FIRST}\n", OTHERS * 2, f"{SECOND}\n{OTHERS}")
RECALLS = [
    "evidence_recall", "span_recall", "shingle_recall", "rare_word_recall", "page_recall", "page_recall_30",
    "figure_recall", "answer_in_context",
]  # fmt: skip


def document() -> Document:
    ends = [sum(map(len, PARTS[: count + 1])) for count in range(3)]
    pages = (Page(at + 1, Span(ends[at] - len(PARTS[at]), ends[at])) for at in range(3))
    return Document("".join(PARTS), "made", "Made", tuple(pages))


def question(*, located: bool) -> Question:
    text = document().text

    def piece(part: str, page: int) -> Evidence:
        return Evidence(part, Span(text.index(part), text.index(part) + len(part)) if located else None, page)

    return Question(
        "q", "d", "?", ("13.3%",), (piece(FIRST, 1), piece(SECOND, 3)), (1, 3), ("86,392", "79,474", "2,763", "13.3%")
    )


MEASURED = Measured(document())
LOCATED, AS_TEXT = (prepare(MEASURED, question(located=located)) for located in (True, False))
GOLD = f"{FIRST}\n{SECOND}"
PIECES = st.lists(st.sampled_from([*FIRST.split(), *SECOND.split(), *OTHERS.split(), FIRST, SECOND, OTHERS]))


def test_the_gold_evidence_as_context_scores_one_in_everything() -> None:
    assert set(score(LOCATED, GOLD).values()) == {1.0}
    as_text = score(AS_TEXT, GOLD)
    assert as_text.pop("span_recall") is None
    assert set(as_text.values()) == {1.0}


def test_the_whole_document_recalls_everything_at_a_low_precision() -> None:
    scores = score(LOCATED, document().text)
    assert {scores[name] for name in RECALLS} == {1.0}
    # 14 and 14 gold words, and four times the 14 of the other line: 28 of 84.
    assert scores["evidence_precision"] == 28 / 84


def test_an_empty_context_scores_zero() -> None:
    assert set(score(LOCATED, "").values()) == set(score(LOCATED, " \n—").values()) == {0.0}


def test_every_second_word_left_out_leaves_rare_words_only() -> None:
    scores = score(AS_TEXT, " ".join(GOLD.split()[::2]))
    assert scores["shingle_recall"] == scores["evidence_precision"] == scores["page_recall"] == 0
    rare = scores["rare_word_recall"]
    assert rare is not None
    assert 0.3 < rare < 0.7
    assert scores["evidence_recall"] == rare / 2


def test_layout_widths_and_case_do_not_matter() -> None:
    wide = GOLD.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789,%$"})
    for context in (GOLD.replace(" ", "\r\n\t"), GOLD.upper(), wide, GOLD.replace(",", "").replace("$", "")):
        assert set(score(LOCATED, context).values()) == {1.0}


def test_a_context_that_says_everything_twice_scores_the_same() -> None:
    assert score(LOCATED, f"{GOLD}\n{GOLD}") == score(LOCATED, GOLD)


def test_the_order_of_the_pieces_does_not_matter() -> None:
    assert score(LOCATED, f"{SECOND}\n{FIRST}") == score(LOCATED, GOLD)


@given(st.one_of(st.text(), PIECES.map(" ".join)))
def test_scores_lie_between_zero_and_one(context: str) -> None:
    for gold in (LOCATED, AS_TEXT):
        assert all(value is None or 0 <= value <= 1 for value in score(gold, context).values())


@given(PIECES.map(" ".join), st.one_of(st.text(), PIECES.map(" ".join)))
def test_more_text_never_recalls_less(context: str, more: str) -> None:
    for gold in (LOCATED, AS_TEXT):
        less, greater = score(gold, context), score(gold, f"{context}\n{more}")
        assert all((less[name] or 0) <= (greater[name] or 0) for name in RECALLS)


@given(PIECES.map(" ".join))
def test_what_is_unscored_depends_on_the_question_alone(context: str) -> None:
    for gold in (LOCATED, AS_TEXT):
        unscored = {name for name, value in score(gold, "").items() if value is None}
        assert unscored == {name for name, value in score(gold, context).items() if value is None}


def test_another_process_gives_the_same_scores() -> None:
    program = (
        "import test_metric_planted as planted\n"
        "print(planted.score(planted.AS_TEXT, planted.GOLD[20:130]), planted.score(planted.LOCATED, planted.GOLD[9:]))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1
    assert "evidence_recall" in printed.pop()
