"""Tests of BM25, dense and their fusion: the ranked units and their order."""

from dataclasses import dataclass

import pytest
from eval_parts import asked, parts_of, text_of

from eval.methods import bm25, dense, fusion
from hiercomp.types import Document, Hit, Ranking

FILLER = "The garden of the house was green and quiet, as gardens of houses are in May. "
TAX = "The effective tax rate of the company rose to 24.2 percent."
DEBT = "The debt of the company falls due in 2031."
TEXT = FILLER * 12 + "\n" + TAX + "\n" + FILLER * 12 + "\n" + DEBT + "\n" + FILLER * 12
QUESTION = "What was the effective tax rate?"
NAMES = [(module, name) for module in (bm25, dense, fusion) for name in module.NAMES]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_what_a_question_asks_comes_first(module, name):
    assert TAX in text_of(module.build(name, parts_of()), TEXT, QUESTION, 200)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_what_is_shown_stands_in_document_order(module, name):
    shown = text_of(module.build(name, parts_of()), TEXT, "Which debt of the company, and which tax rate?", 420)
    assert 0 <= shown.index(TAX) < shown.index(DEBT)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_where_nothing_is_asked_the_document_is_shown_from_its_start(module, name):
    shown = text_of(module.build(name, parts_of()), TEXT, " ", 30)
    assert " ".join(shown.split()) == " ".join(TEXT.split()[:30])


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_question_and_its_plan_are_one_query(module, name):
    index = module.build(name, parts_of()).index(Document(TEXT, "text", ""))
    planned = index.find(asked("How is the company?", plan=("effective tax rate", "debt falls due")))
    assert planned(420) == index.find(asked("How is the company?\neffective tax rate\ndebt falls due"))(420)
    assert TAX in planned(420)
    assert DEBT in planned(420)


def test_stop_words_do_not_rank():
    text = "\n".join(["What was the, which were those of us? " * 24, FILLER * 12, TAX + " " + FILLER * 10])
    shown = text_of(bm25.build("bm25", parts_of()), text, "What was the rate, of those which were?", 100)
    assert TAX in shown
    assert "us?" not in shown


def test_words_are_compared_by_their_stems():
    text = "\n".join([FILLER * 12, "It is taxing the companies. " + FILLER * 11, FILLER * 12])
    assert "taxing" in text_of(bm25.build("bm25", parts_of()), text, "taxes", 50)


def test_single_sentences_are_chosen_by_their_own_likeness():
    method = dense.build("dense-sentences", parts_of())
    assert text_of(method, TEXT, TAX, len(TAX.split())) == TAX


@dataclass
class Known:
    """A retriever with fixed rankings."""

    order: str

    def index(self, nodes):
        return self

    def search(self, queries, k):
        return [Ranking(tuple(Hit(name, 1.0) for name in sorted(self.order)))] * len(queries)


def test_reciprocal_ranks_by_hand():
    class Second(Known):
        def search(self, queries, k):
            return [Ranking((Hit("y", 0.9), Hit("z", 0.8)))] * len(queries)

    ranking, again = fusion.ReciprocalRank([Known("xy"), Second("")]).index([]).search(["", ""], 3)
    assert again == ranking
    # x has 1 / 61 from the first retriever, y has 1 / 62 + 1 / 61 from both, z has 1 / 62 from the second.
    assert [(hit.node_id, hit.score) for hit in ranking.hits] == [
        ("y", pytest.approx(0.0325225, abs=1e-7)),
        ("x", pytest.approx(0.0163934, abs=1e-7)),
        ("z", pytest.approx(0.0161290, abs=1e-7)),
    ]


def test_settings_name_the_encoder_where_there_is_one():
    encoder = parts_of().encoder.name
    assert [module.build(name, parts_of()).settings.get("encoder") for module, name in NAMES] == [
        None,
        encoder,
        encoder,
        encoder,
    ]
