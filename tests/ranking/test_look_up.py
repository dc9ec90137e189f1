import pytest
from documents import document_of

from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.ranking import needs
from hiercomp.ranking.evidence import Lexicon
from hiercomp.ranking.fusion import fuse
from hiercomp.ranking.look_up import (
    BELOW_NAMED,
    LABELLED,
    NAMED,
    NEXT_LABELLED,
    NO_PERIOD,
    NOTE,
    OTHER_PERIOD,
    RARE,
    look_up,
)
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.types import Document, Need, Plan

STATEMENT = """Consolidated statements of income
(in millions)
\t2022\t2021\t2020
Revenue\t410\t380\t350
Operating income (loss)\t31\t(12)\t20
Income before taxes\t28\t(15)\t17
"""
SEGMENTS = """The segments of the company are described here, as they were before it was made anew. They were three,
and each of them made pumps or valves for another market. Two of them were sold to a group of investors.
\t2019\t2018
Operating income\t7\t6
Other operating expenses of the segments\t4\t5
"""


def found(question: str, text: str, *, source: str = "t", title: str = "t") -> dict[str, float]:
    """Return the probability of each sentence of a text that a question names exactly."""
    tree = build_hierarchy(Document(text, source=source, title=title))
    places = look_up(tree, question, Lexicon(tree))
    return {tree.node(node_id).sentences[index].of(text): chance for (node_id, index), chance in places.items()}


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("What is the status of order A1023?", "A1023\tElm Oy\t4120.57\tpaid"),
        ("Which order has a net amount of 4120.57?", "A1023\tElm Oy\t4120.57\tpaid"),
        ("Who ordered 1025?", "A1025\tElm Oy\t77.10\topen"),
    ],
)
def test_a_row_with_a_rare_identifier_is_named(question: str, row: str) -> None:
    rows = ["A1022\tElm Oy\t980.00\tpaid", "A1023\tElm Oy\t4120.57\tpaid", "A1025\tElm Oy\t77.10\topen"]
    assert found(question, "\n".join(["order\tcustomer\tnet\tstatus", *rows])) == {row: NAMED}


def test_a_frequent_identifier_names_nothing_but_the_sentence_that_begins_with_it() -> None:
    lines = [
        f"The setting opt_44 is also mentioned on the page about topic {word}." for word in ("one", "two", "three")
    ]
    assert len(lines) == RARE
    assert set(found("What is opt_44?", "\n\n".join(lines)).values()) == {NAMED}
    lines.append("Nobody needs the setting opt_44 if the client is used alone.")
    assert found("What is opt_44?", "\n\n".join(lines)) == {}
    entry = "`opt_44` sets the number of seconds before the client gives up."
    assert found("What is opt_44?", "\n\n".join([*lines, entry])) == {entry: NAMED}


def test_a_short_number_names_only_what_begins_with_it() -> None:
    clause = "5.2 The buyer shall pay the fees of the bank within thirty days."
    text = f"{clause}\n\nThe interest is 5.2 percent of the amount that is due in the year."
    assert found("What does clause 5.2 say?", text) == {clause: NAMED}


def test_the_sentences_below_a_heading_that_is_named_are_likely() -> None:
    document = document_of(
        "# opt_44\nIt sets how long the client waits, in seconds.\n# opt_45\nIt sets another thing, too.\n"
    )
    tree = build_hierarchy(document)
    first = tree.level(0)[0]
    assert look_up(tree, "What is opt_44?", Lexicon(tree)) == {(first.id, 0): NAMED, (first.id, 1): BELOW_NAMED}


def test_nothing_is_named_by_an_identifier_that_the_text_lacks() -> None:
    assert found("What is the status of order A-1-b?", "The order was paid in full by the customer in May.") == {}


def test_the_row_whose_label_and_period_are_asked_for_comes_first() -> None:
    # The label covers the question and the question the label. The segments have other years and are no statement.
    assert found("What was operating income in fiscal 2021?", STATEMENT + "\n" + SEGMENTS) == {
        "Operating income (loss)\t31\t(12)\t20": pytest.approx(LABELLED),
        "Operating income\t7\t6": pytest.approx(LABELLED * NEXT_LABELLED * OTHER_PERIOD * NOTE),
    }


def test_a_question_without_a_year_fits_every_period() -> None:
    assert found("What was the operating income?", SEGMENTS) == {
        "Operating income\t7\t6": pytest.approx(LABELLED * NOTE)
    }


def test_a_row_without_a_period_fits_a_year_nearly() -> None:
    row = "Operating income\t7\t6"
    assert found("What was operating income in 2021?", row) == {row: pytest.approx(LABELLED * NO_PERIOD * NOTE)}


def test_the_name_of_the_document_is_no_part_of_the_label() -> None:
    question = "What was Tarnholt's revenue in 2021?"
    text = STATEMENT + "\nTarnholt is a company that makes pumps and valves."
    assert found(question, text, source="TARNHOLT_2021.txt")["Revenue\t410\t380\t350"] == pytest.approx(LABELLED)
    assert found(question, text)["Revenue\t410\t380\t350"] == pytest.approx(LABELLED / 2)


def test_the_words_of_a_column_head_count_too() -> None:
    text = "Region\tPlan\tSetup fee\tMonthly fee\nNorth\tPro\t90\t30\nSouth\tPro\t\t35\n"
    assert max(found("What is the setup fee of Pro in South?", text).items(), key=lambda item: item[1])[0] == (
        "South\tPro\t\t35"
    )


def test_the_page_of_a_statement_may_name_it() -> None:
    tree = build_hierarchy(document_of(STATEMENT, SEGMENTS.replace("2019", "2021")))
    named = look_up(tree, "What was operating income in 2021?", Lexicon(tree))
    assert list(named.values()) == pytest.approx([LABELLED, LABELLED * NOTE * NEXT_LABELLED])


def test_sentences_that_are_named_join_the_shortlist_and_keep_their_probability() -> None:
    texts = ("The order is here, in words that a question has too.\n", "order\tnet\nA1023\t5\nA1024\t6\n")
    tree = join([build_hierarchy(Document(text, source=text[:5], title="t")) for text in texts])
    question, lexicon = "What of order A1023 in words?", Lexicon(tree)
    rankings = [fuse(tree, ranking) for ranking in Bm25().index(tree.level(0)).search([question], 9)]
    first, second = tree.level(0)
    shortlisted = type(rankings[0])(tuple(hit for hit in rankings[0].hits if hit.node_id == first.id))
    evidence = needs.gather(tree, Plan((Need(question),), "caller"), rankings, shortlisted, lexicon)
    assert evidence.joint[second.id][1] == evidence.by_need[0][second.id][1] == NAMED
    assert evidence.joint.keys() == {first.id, second.id}


def test_a_sentence_is_named_though_another_need_finds_nothing() -> None:
    tree = build_hierarchy(Document("order\tnet\nA1023\t5\nA1024\t6\n", source="t", title="t"))
    plan, lexicon = Plan((Need("A1023"), Need("A1024")), "caller"), Lexicon(tree)
    found, nothing = (fuse(tree, ranking) for ranking in Bm25().index(tree.level(0)).search(["A1023", "zebra"], 9))
    evidence = needs.gather(tree, plan, [found, nothing], found, lexicon)
    (chances,) = evidence.by_need[0].values()
    assert chances[1] == NAMED > chances[2]
    assert evidence.by_need[1] == {}
