import pytest
from documents import document_of
from eval_parts import asked, parts_of

from eval.methods import reference
from eval.types import Evidence
from hiercomp.types import Span

DOCUMENT = document_of("The rate was four.\n", "The debt was five.\n", "The rate was four.\nIncome was six.\n")


def gold(budget=100, **known):
    return reference.build("gold", parts_of()).index(DOCUMENT).find(asked("", **known))(budget)


def test_the_whole_document_is_shown_whatever_is_asked():
    method = reference.build("full", parts_of())
    assert not method.budgeted
    assert method.index(DOCUMENT).find(asked("rate"))(0) == DOCUMENT.text


def test_evidence_is_shown_once_and_in_document_order():
    evidence = (Evidence("Income was six."), Evidence("The debt was five."), Evidence("Income was six."))
    assert gold(evidence=evidence) == "The debt was five.\n\nIncome was six."


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({"page": 3}, "The debt was five.\n\nThe rate was four."),
        ({"page": 1}, "The rate was four.\n\nThe debt was five."),
        ({"span": Span(38, 56)}, "The debt was five.\n\nThe rate was four."),
        ({}, "The rate was four.\n\nThe debt was five."),
    ],
)
def test_a_text_that_stands_twice_is_placed_by_its_page_or_span(place, text):
    assert gold(evidence=(Evidence("The rate was four.", **place), Evidence("The debt was five."))) == text


def test_a_text_that_is_written_otherwise_in_the_document_is_placed_by_its_page():
    evidence = (Evidence("Income: six", page=3), Evidence("The debt was five."))
    assert gold(evidence=evidence) == "The debt was five.\n\nIncome: six"


def test_pages_are_shown_where_only_they_are_known():
    assert gold(evidence=(Evidence("", page=2),), pages=(2, 1)) == "The rate was four.\n\n\nThe debt was five.\n"
    assert gold(evidence=(Evidence("Income was six."),), pages=(1,)) == "Income was six."


def test_evidence_is_cut_to_the_budget():
    assert gold(6, evidence=(Evidence("Income was six."), Evidence("The debt was five."))) == (
        "The debt was five.\n\nIncome was"
    )


def test_where_nothing_is_known_nothing_is_shown():
    assert gold() == ""
