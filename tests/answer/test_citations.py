from dataclasses import replace

import pytest
from cited_parts import NO_PAGES, PARTS, REPORT, cited_part, without_pages, written_part
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.answer.citations import attribute, cite, uncited
from hiercomp.answer.marks import Marks
from hiercomp.types import Allocation, Budget, Context, Evidence, Hierarchy, Ledger, Part, Plan, Ranking, Run, Span


def test_an_answer_without_marks_has_no_citations() -> None:
    assert cite("The rate was 0.6%.", PARTS, without_pages) == ("The rate was 0.6%.", ())


def test_a_borne_out_claim_is_supported_and_quoted_verbatim() -> None:
    (citation,) = cite("The tax rate was 0.6% in FY2022 [1].", PARTS, without_pages)[1]
    assert citation.supported
    assert (citation.mark, citation.document, citation.page) == (1, "report.pdf", 55)
    assert citation.claim == "The tax rate was 0.6% in FY2022"
    assert citation.quote == "Effective tax rate\t0.6 %\t14.8 %"


def test_a_number_that_the_model_worked_out_is_not_supported() -> None:
    (citation,) = cite("The tax rate fell by 14.2 points [1].", PARTS, without_pages)[1]
    assert not citation.supported


def test_a_name_that_is_not_on_the_page_is_not_supported() -> None:
    assert cite("Revenues at Acme were 66,608 [3].", PARTS, without_pages)[1][0].supported is False
    assert cite("Revenues were 66,608 [3].", PARTS, without_pages)[1][0].supported is True


def test_all_parts_of_a_mark_count() -> None:
    (citation,) = cite("The loss was 4,935 as the 777X slipped [3].", PARTS, without_pages)[1]
    assert citation.supported


def test_an_unknown_mark_is_an_unsupported_citation_without_a_document() -> None:
    (citation,) = cite("The rate was 0.6% [99].", PARTS, without_pages)[1]
    assert (citation.mark, citation.document, citation.page, citation.supported) == (99, "", None, False)


def test_each_mark_in_a_sentence_claims_what_stands_before_it() -> None:
    citations = cite("The loss was 4,935 [3] and the rate 0.6% [1].", PARTS, without_pages)[1]
    assert [citation.claim for citation in citations] == ["The loss was 4,935", "and the rate 0.6%"]
    assert all(citation.supported for citation in citations)


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before_it() -> None:
    citations = cite("The rate was 0.6%. [1] The loss was 4,935. [3]", PARTS, without_pages)[1]
    assert [citation.claim for citation in citations] == ["The rate was 0.6%.", "The loss was 4,935."]


@pytest.mark.parametrize("text", ["[1] The rate was 0.6%.", "Two facts:\n[1] The rate was 0.6%."])
def test_a_mark_that_opens_a_line_belongs_to_the_sentence_after_it(text: str) -> None:
    (citation,) = cite(text, PARTS, without_pages)[1]
    assert citation.claim == "The rate was 0.6%."
    assert citation.supported


def test_a_mark_amid_a_sentence_that_has_said_nothing_yet_belongs_to_all_of_it() -> None:
    (citation,) = cite("According to [1], the rate was 0.6%.", PARTS, without_pages)[1]
    assert "0.6%" in citation.claim
    assert citation.supported


def test_a_mark_alone_is_not_supported() -> None:
    (citation,) = cite("[1]", PARTS, without_pages)[1]
    assert (citation.claim, citation.supported) == ("", False)


def test_list_items_are_claims_without_their_bullets() -> None:
    citations = cite("- Revenues: 66,608 [3]\n2. Rate: 0.6% [1]", PARTS, without_pages)[1]
    assert [citation.claim for citation in citations] == ["Revenues: 66,608", "Rate: 0.6%"]


def test_marks_side_by_side_bear_a_claim_out_together() -> None:
    citations = cite("The rate was 0.6% and the loss 4,935 [1][3].", PARTS, without_pages)[1]
    assert [(citation.mark, citation.supported) for citation in citations] == [(1, True), (3, True)]


def test_a_mark_that_adds_nothing_is_not_supported_by_its_neighbour() -> None:
    citations = cite("The rate was 0.6% [1][4].", PARTS, without_pages)[1]
    assert [(citation.mark, citation.supported) for citation in citations] == [(1, True), (4, False)]


def test_the_same_claim_is_cited_once() -> None:
    assert len(cite("The rate was 0.6% [1][1].", PARTS, without_pages)[1]) == 1


def test_a_part_without_sentences_is_quoted_whole() -> None:
    whole = Part(
        node_id="n",
        level=1,
        detail="summary",
        document_id="d",
        source="a.md",
        page=None,
        span=Span(5, 15),
        spans=(),
        values=(),
        text="Rate: 0.6%",
        tokens=4,
        mark=1,
    )
    assert cite("The rate was 0.6% [1].", [whole], without_pages)[1][0].quote == "Rate: 0.6%"


def test_attribute_marks_a_sentence_that_one_part_alone_supports() -> None:
    assert attribute("The rate was 0.6%. The loss was $4,935 million!", PARTS, without_pages) == (
        "The rate was 0.6% [1]. The loss was $4,935 million [3]!"
    )


@pytest.mark.parametrize(
    "text",
    [
        "The rate was 15%.",  # no part holds it
        "The rate fell in 2022.",  # a year says too little
        "Two hundred tenants pay rent of 66,608.",  # the number occurs, but in another statement
        "It was 2022 that saw [3] a loss of 4,935.",  # cited already
        "The loss was 4,935. [99]",  # cited already, though wrongly
        "[3] The loss was 4,935.",
    ],
)
def test_attribute_leaves_all_other_sentences_alone(text: str) -> None:
    assert attribute(text, PARTS, without_pages) == text


def test_attribute_never_chooses_between_parts_that_hold_as_much() -> None:
    twice = [*PARTS, cited_part(5, "The rate was 0.6 % before.", page=60)]
    assert attribute("The rate was 0.6%.", twice, without_pages) == "The rate was 0.6%."
    assert attribute(
        "The monthly rate was 0.6%.", [*PARTS, cited_part(5, "The monthly rate: 0.6 %.", page=60)], without_pages
    ).endswith("[5].")


def test_attribute_keeps_marks_where_they_are() -> None:
    text = "Revenues were 66,608 [3]. The rate was 0.6%. Deliveries slipped [3]."
    assert (
        attribute(text, PARTS, without_pages)
        == "Revenues were 66,608 [3]. The rate was 0.6% [1]. Deliveries slipped [3]."
    )


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("[]0123456789, .%\nA-a(¶")))
def test_no_answer_breaks_the_check_and_attribution_is_stable(text: str) -> None:
    once = attribute(text, PARTS, without_pages)
    assert attribute(once, PARTS, without_pages) == once
    for citation in cite(once, PARTS, without_pages)[1]:
        assert any(citation.quote in part.text for part in PARTS)


SHOWN = [
    *PARTS,
    cited_part(5, "The chief executive officer is Ingrid Solheim.\nThe term of three loans ends in 2031.", page=60),
    cited_part(6, "Cost of goods sold\t1,240\t1,180\nTwenty-five plants stand in Norway.", page=61),
]


def run_of(question: str, context: str, parts: list[Part], hierarchy: Hierarchy) -> Run:
    return Run(
        question=question,
        hierarchy=hierarchy,
        plan=Plan((), "rules"),
        rankings=(),
        ranking=Ranking(()),
        evidence=Evidence({}),
        ladders={},
        budget=Budget(200, 50, 50, "o200k_base"),
        allocation=Allocation((), 90, (), 0.0, 0.0, 0.0),
        context=Context(context, token_count=90, parts=tuple(parts)),
        ledger=Ledger((("total", 1.0),), 100, 1, None, None),
    )


RUN = run_of(
    "What was the tax rate in 2022, and is that of Acme below 21%?",
    "# report.pdf: Tarnholt\n[1] p. 55 Item 8 › Income taxes\n" + "\n".join(part.text for part in SHOWN),
    SHOWN,
    Hierarchy((NO_PAGES,), ()),
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes.",
        "The rate fell.",
        "The rate was 0.6%.",  # page 55 supports it, and more than one mark is possible
        "The rate was 0.6% in 2022, and the loss was 4,935.",  # each clause on its page
        "The rate was 0.6% [1] in 2022.",
        "The rate was 7.9% [1].",  # cited: its citation fails
        "The rate was 7.9% [99].",
        "According to [1], the rate was 7.9%.",
        "The document does not say what Boeing paid in 2019.",
        "The totals are:",
        "The 3 largest customers in 2019 are:",
        "In 2022, the rate of Acme was below 21%.",  # the question's own figures and names
        "The CEO is Ingrid Solheim.",
        "COGS were 1,240 and all CEOs left.",
        "- Revenues: 66,608\n9. Rate: 0.6%",
        "| Year | Tax Rate |\n|---|---|\n| 2022 | 0.6% |\n| 2031 | 66,608 |",
        "As in [12], delays hurt.",  # the document's own bracket
        "“Supply chain delays may hurt deliveries, as in [12].”",
        "It has 25 plants and 3 loans.",
        "It has twenty-five plants; the loans are three.",
        "One of the two reasons is price.",
        "Tarnholt reports this in Item 8.",
        "It ends in 2031.",
        "Revenue was USD 66.6 billion.",
    ],
)
def test_what_is_cited_or_shown_or_states_nothing_is_no_uncited_claim(text: str) -> None:
    assert uncited(text, RUN) == ()


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("The rate was 7.9%.", ["The rate was 7.9%."]),
        ("The loss was $6,3 million and $3,756 million.", ["The loss was $6,3 million and $3,756 million."]),
        ("The rate was 0.6% [1] and the loss 5,935.", ["and the loss 5,935."]),
        ("The rate was 0.6% [1]. It was 7.9% before.", ["It was 7.9% before."]),
        ("[1] The rate was 0.6%. It was 7.9% before.", ["It was 7.9% before."]),
        ("It was 7.9%. It fell. It was 7.9%. It was 8.1%.", ["It was 7.9%.", "It was 8.1%."]),
        ("- Revenues: 66,608\n- Loss: 4,936\n- Rate: 0.6%", ["Loss: 4,936"]),
        ("| 2022 | 66,608 |\n| 2021 | 9,999 |", ["| 2021 | 9,999 |"]),
        ("It has twenty-six plants.", ["It has twenty-six plants."]),
        ("It ends in 2032.", ["It ends in 2032."]),
        ("The CEO is Peter Miller.", ["The CEO is Peter Miller."]),
        ("It was sold to IBM.", ["It was sold to IBM."]),
        ("As in [12], costs were 77.", ["As in [12], costs were 77."]),
        ("The sales were $9,999 million, made up of:", ["The sales were $9,999 million, made up of"]),
        ("It does not say, but it was $77 million.", ["It does not say, but it was $77 million."]),
        ("The 777X sold 66,608 times at 0.6 each.", ["The 777X sold 66,608 times at 0.6 each."]),  # no page has both
    ],
)
def test_figures_and_names_that_cite_nothing_and_that_nothing_shows_are_uncited(text: str, claims: list[str]) -> None:
    assert uncited(text, RUN) == tuple(claims)


def test_a_figure_with_its_forgotten_mark_back_is_cited() -> None:
    attributed = attribute("The rate was 0.6%. The loss was 4,936.", PARTS, without_pages)
    assert attributed == "The rate was 0.6% [1]. The loss was 4,936."
    assert uncited(attributed, RUN) == ("The loss was 4,936.",)


@settings(deadline=None)
@given(st.lists(st.sampled_from([line for part in SHOWN for line in part.text.splitlines()]), max_size=6))
def test_what_an_answer_copies_is_never_uncited(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert uncited(text, RUN) == uncited(attribute(text, SHOWN, without_pages), RUN) == ()


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("[]0123456789, .%:\nA-a(¶|#*")))
def test_an_uncited_claim_stands_in_the_answer_and_no_answer_breaks_the_search(text: str) -> None:
    plain = Marks(SHOWN).remove(text)[0]
    assert all(claim in plain for claim in uncited(text, RUN))


OPENING = "The revenue was $66,608 million in 2022."
ENDING = "The effective tax rate was 0.6%."
# The model's summary states a wrong rate and a wrong name.
SUMMARY = written_part(7, "Revenue was $66,608 million. The tax rate was 0.9%, says Peter Miller.", OPENING, ENDING)
REPORTS = Hierarchy((REPORT,), ())


def test_a_citation_of_a_summary_is_checked_against_the_document_and_quotes_it() -> None:
    right, wrong = cite("The tax rate was 0.6% [7]. The tax rate was 0.9% [7].", [SUMMARY], REPORTS.document)[1]
    assert (right.supported, right.document, right.page, right.quote) == (True, "annual.pdf", 9, ENDING)
    assert (wrong.supported, wrong.quote) == (False, ENDING)


@pytest.mark.parametrize("claim", ["The head is Ingrid Solheim", "The head is Peter Miller", "Costs fell"])
def test_a_claim_that_the_stretches_of_a_summary_do_not_state_is_not_supported(claim: str) -> None:
    (citation,) = cite(f"{claim} [7].", [SUMMARY], REPORTS.document)[1]
    assert not citation.supported
    assert citation.quote in {OPENING, ENDING}


def test_one_sentence_of_a_long_stretch_is_quoted_with_its_own_page() -> None:
    summary = written_part(7, "It has a head and a rate.", REPORT.text)
    citations = cite("Ingrid Solheim leads it [7]. The rate was 0.6% [7].", [summary], REPORTS.document)[1]
    assert [(citation.page, citation.quote) for citation in citations] == [(8, "Ingrid Solheim leads it."), (9, ENDING)]
    assert all(citation.supported for citation in citations)


def test_a_summary_that_rests_on_nothing_supports_nothing() -> None:
    (citation,) = cite("The rate was 0.9% [7].", [written_part(7, "The rate was 0.9%.")], REPORTS.document)[1]
    assert (citation.supported, citation.document, citation.page, citation.quote) == (False, "annual.pdf", 8, "")


def test_a_verbatim_part_is_checked_against_all_of_its_page() -> None:
    part = replace(cited_part(1, "Costs fell.", page=9, start=REPORT.text.index("Costs")), document_id=REPORT.id)
    assert part.span.of(REPORT.text) == part.text
    assert cite("The tax rate was 0.6% [1].", [part], REPORTS.document)[1][0].supported
    assert not cite("The revenue was $66,608 million [1].", [part], REPORTS.document)[1][0].supported


def test_attribute_cites_a_summary_only_for_what_the_document_states() -> None:
    text = "The tax rate was 0.6%. The tax rate was 0.9%."
    assert attribute(text, [SUMMARY], REPORTS.document) == "The tax rate was 0.6% [7]. The tax rate was 0.9%."


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("The tax rate was 0.6%.", []),
        ("The tax rate was 0.9%.", ["The tax rate was 0.9%."]),
        ("The head is Peter Miller.", ["The head is Peter Miller."]),
        ("The figures are in Item 8 of the report by Tarnholt.", []),
    ],
)
def test_a_claim_that_only_a_summary_states_is_uncited(text: str, claims: list[str]) -> None:
    context = f"# annual.pdf: Tarnholt\n[7] p. 8 Item 8\n{SUMMARY.text}"
    assert uncited(text, run_of("What?", context, [SUMMARY], REPORTS)) == tuple(claims)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("[]7,069.%$ \nabTRe")))
def test_a_quote_of_a_summary_is_always_text_of_the_document(text: str) -> None:
    for citation in cite(f"{text} [7]", [SUMMARY], REPORTS.document)[1]:
        assert citation.quote in REPORT.text
