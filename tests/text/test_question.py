from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.allocation.budget import ANSWER_TOKENS
from hiercomp.text.question import (
    AnswerKind,
    answer_kind,
    is_follow_up,
    is_global,
    is_overview,
    members,
    strip_instructions,
)

QUESTIONS = {
    "yes_no": [
        "Is 3M a capital-intensive business based on FY2022 data?",
        "Did the plaintiff file within the statute of limitations?",
        "Does the agreement allow either party to assign its rights without consent?",
        "According to the trial, was metformin better than placebo?",
        "Considering the 10-K, has AMD paid dividends to common shareholders in FY2022?",
    ],
    "number": [
        "How much did Boeing spend on research and development in 2021?",
        "What is the FY2018 capital expenditure amount (in USD millions) for 3M?",
        "How many patients were enrolled in the control group?",
        "What percentage of households had broadband access?",
        "What was Corning's operating margin in FY2022?",
        "How far is the exoplanet from its star?",
    ],
    "date": [
        "When does the lease for the Denver office expire?",
        "In which year was the treaty ratified?",
        "What date did the board approve the merger?",
        "Since when has the vaccine been licensed in Europe?",
    ],
    "name": [
        "Who is the governing law arbitrator appointed by?",
        "Which drug did the reviewers prefer?",
        "Where was the specimen of Archaeopteryx found?",
        "Whose signature is on the deed?",
    ],
    "list": [
        "What are the symptoms of long COVID mentioned in the paper?",
        "List the parties to the agreement.",
        "Which of the segments grew in 2022?",
        "Name three limitations that the authors mention.",
    ],
    "choice": [
        "What does the narrator fear most?\n(A) the sea\n(B) his brother\n(C) being forgotten\n(D) the war",
        "The lender may call in the loan\nA. always\nB. never",
    ],
    "summary": [
        "Summarize what the committee said about school funding.",
        "Give an overview of the methods section.",
        "What are the main points of the ruling?",
    ],
    "explanation": [
        "Why did gross margin fall in the fourth quarter?",
        "How does attention over long inputs work in this model?",
        "What drove revenue change as of the FY22 for AMD?",
        "Describe the relationship between the two sisters.",
        "Tell me of the storm.",
        "",
    ],
}


@pytest.mark.parametrize(("kind", "question"), [(kind, one) for kind, many in QUESTIONS.items() for one in many])
def test_the_kind_of_a_question(kind, question):
    assert answer_kind(question) == kind


def test_every_kind_is_asked_for_and_has_a_reserve():
    assert set(QUESTIONS) == set(get_args(AnswerKind)) == set(ANSWER_TOKENS)
    assert sum(map(len, QUESTIONS.values())) >= 30


def test_other_languages_are_explanations():
    assert answer_kind("Quel est le taux d’imposition effectif ?") == "explanation"
    assert answer_kind("有效税率为什么下降？") == "explanation"


@given(text=st.text())
def test_any_text_has_a_kind(text):
    assert answer_kind(text) in ANSWER_TOKENS


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        (
            'Highlight the parts of this lease related to "Sublease". May the tenant sublet?',
            '"Sublease". May the tenant sublet?',
        ),
        ("Please show me all passages that are related to the recall.", "the recall"),
        ("Find any sections relating to insurance", "insurance"),
        ("What was capex in 2021? Round your answer to one decimal place.", "What was capex in 2021?"),
        ("Please state your answers in millions: what was capex in 2021?", "what was capex in 2021?"),
        ("Answer in French: who signed the deed?", "who signed the deed?"),
        ("Please answer the following question: what were the inventories?", "what were the inventories?"),
        ("Here's my question: what were the inventories?", "what were the inventories?"),
        ("Assume that you are a judge. Is the clause void? Answer briefly in one word.", "Is the clause void?"),
        ("Which dose is safe, as if you are a nurse?", "Which dose is safe?"),
        ("Please, who signed the deed?", "who signed the deed?"),
        ("Who signed the deed, please?", "Who signed the deed?"),
        ("Briefly, why did the court dismiss the appeal?", "why did the court dismiss the appeal?"),
        ("Explain the ruling in two sentences.", "Explain the ruling"),
    ],
)
def test_instructions_are_no_part_of_what_is_asked(question: str, subject: str) -> None:
    assert strip_instructions(question) == subject


@pytest.mark.parametrize(
    "question",
    [
        "How does the nurse use the chart?",
        "Which film is based on the novel?",
        "Why is it essential to use the same mean in training?",
        "What was the purpose of using the library's documents?",
        "Should one rely on the short gastric arteries ?",
        "What did the jury answer in court?",
        "Does the new plan please the investors?",
        "Which king briefly ruled England?",
        "Why did the witness not answer the question about the rent?",
        "Which parts of the engine are related to the recall?",
        "",
    ],
)
def test_a_question_without_instructions_is_asked_as_it_stands(question: str) -> None:
    assert strip_instructions(question) == question


def test_a_question_of_nothing_but_instructions_is_asked_as_it_stands() -> None:
    assert strip_instructions("Answer the question.") == "Answer the question."


@settings(deadline=None)
@given(st.text())
def test_any_text_that_asks_something_asks_something_still(question: str) -> None:
    assert bool(strip_instructions(question).strip()) == bool(question.strip())


@pytest.mark.parametrize(
    "question",
    [
        "And in 2024?",
        "Why?",
        "Per share?",
        "What about Germany?",
        "Why did it rise?",
        "How does that compare with the year before?",
        "What\u2019s its dosage?",
        "Is it capped?",
        "Yes please",
        "Go on.",
        "Summarize your last answer",
        "Compare the two",
        "In what year was that?",
        "Thanks! Who signed?",
    ],
)
def test_a_question_that_names_its_subject_elsewhere_leans_on_what_was_said(question: str) -> None:
    assert is_follow_up(question)


@pytest.mark.parametrize(
    "question",
    [
        "What was the effective tax rate in 2025?",
        "Who is the auditor?",
        "How many employees are there?",
        "Is there a lease?",
        "Which one is larger, debt or equity?",
        "Which clauses limit the liability of the licensor?",
        "Android: which versions are supported?",
        "What is DECnet?",
        "Internet2是什么",
        "Почему?",
        "",
    ],
)
def test_a_question_that_names_its_subject_and_one_in_another_alphabet_stands_by_itself(question: str) -> None:
    assert not is_follow_up(question)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (
            "Why?\nA. The rain ended.\nB. He was late.\nC. Nobody says.",
            ["The rain ended.", "He was late.", "Nobody says."],
        ),
        ("Did they agree? A) Yes, in May. B) No.", ["Yes, in May.", "No."]),
        ("Is vitamin A better? See appendix B. It says so.", []),
        ("Which holds? A. the first C. the third", []),
        ("What is the difference between the list price and the net price?", ["the list price", "the net price"]),
        ("Compare the old method with the new method, please.", ["the old method", "the new method"]),
        ("What changed between 2021 and 2022?", []),
        ("How did revenue develop?", []),
        ("", []),
    ],
)
def test_the_members_of_a_choice_or_a_comparison(question, found):
    assert members(question) == found


@pytest.mark.parametrize(
    ("question", "global_", "overview"),
    [
        ("Summarize this document.", True, True),
        ("Please give a short overview of the whole report.", True, True),
        ("What is this paper about?", True, True),
        ("What are the key points?", True, True),
        ("Summarise what the committee said about school funding.", False, False),
        ("List all risks.", True, False),
        ("What are the main findings on mice?", True, False),
        ("Who signed the report?", False, False),
        ("", False, False),
    ],
)
def test_a_question_about_the_whole_input_and_a_request_for_an_overview(question, global_, overview):
    assert (is_global(question), is_overview(question)) == (global_, overview)


@given(question=st.text(max_size=200))
def test_an_overview_is_global_and_members_are_parts_of_the_question(question):
    assert is_global(question) or not is_overview(question)
    assert all(member and member in question for member in members(question))
