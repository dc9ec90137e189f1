import re
from dataclasses import replace
from itertools import pairwise

import pytest
from documents import document_of, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.context import GAP, TITLE_LENGTH, render, render_whole
from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.types import Document, Heading, Rendering, Span

BLOCK = re.compile(r"^\[(\d+)\](?: p\. (\d+))?(?: (.*))?$")


def chosen(node, spans=None):
    spans = tuple(node.sentences if spans is None else spans)
    return Rendering(node.id, "extract", spans, tuple(0.5 for _ in spans), 1)


@st.composite
def choices(draw, tree):
    """Some sentences of some passages, and the summaries of some sections. Passages of these sections are not shown."""
    renderings = []
    silent = set()
    for node in tree.level(1):
        if node.sentences and draw(st.booleans()):
            renderings.append(Rendering(node.id, "summary", node.sentences, tuple(0.1 for _ in node.sentences), 1))
            silent |= set(node.child_ids)
    for node in tree.level(0):
        picked = [span for span in node.sentences if draw(st.booleans())]
        if picked and node.id not in silent:
            renderings.append(chosen(node, picked))
    return draw(st.permutations(renderings))


@settings(deadline=None, max_examples=100)
@given(data=st.data(), trees=st.lists(documents(most_blocks=15).map(build_hierarchy), min_size=1, max_size=3))
def test_parts_are_verbatim_in_document_order_and_do_not_overlap(data, trees):
    tree = join(trees)
    renderings = data.draw(choices(tree))
    text, parts = render(tree, renderings)
    order = [document.id for document in tree.documents]
    places = [(order.index(part.document_id), part.span) for part in parts]
    assert places == sorted(places)
    for part in parts:
        document = tree.document(part.document_id)
        assert part.text == part.span.of(document.text)
        assert part.text in text
        assert part.page == document.page_at(part.span.start)
        assert (part.spans[0].start, part.spans[-1].end) == (part.span.start, part.span.end)
    for before, after in pairwise(parts):
        assert before.document_id != after.document_id or before.span.end <= after.span.start
    shown = sorted((tree.node(each.node_id).document_id, span) for each in renderings for span in each.spans)
    assert sorted((part.document_id, span) for part in parts for span in part.spans) == shown
    assert render(tree, renderings[::-1]) == (text, parts)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), tree=documents(most_blocks=15).map(build_hierarchy))
def test_a_mark_stands_for_one_page_and_section_and_for_nothing_the_document_says(data, tree):
    text, parts = render(tree, data.draw(choices(tree)))
    places = {}
    for part in parts:
        node = tree.node(part.node_id)
        section = node.parent_id if node.level == 0 else node.id
        places.setdefault(part.mark, set()).add((part.page, section))
        assert not any(f"[{part.mark}]" in shown for other in parts for shown in (other.text, node.title))
    assert all(len(stands_for) == 1 for stands_for in places.values())
    marks = [part.mark for part in parts]
    assert marks == sorted(marks)
    assert all(text.count(f"[{mark}]") == 1 for mark in set(marks))


def test_a_context_by_hand():
    tree = build_hierarchy(
        document_of(
            "# Item 8\nNothing of it matters to anyone who reads this.\n## Taxes\n"
            "The effective rate was four percent in the year. Nobody asked about anything else on that day. "
            "It was fifteen percent a year before that.\nTax\t310\t287\n",
            "~Running header\nThe rest of the text stands on the second page here.\n",
        )
    )
    told = [span for node in tree.level(0) for span in node.sentences]
    words = [span.of(tree.documents[0].text) for span in told]
    assert len(words) == 8
    first, second, third = tree.level(0)
    renderings = [chosen(second, [told[3], told[5], told[6]]), chosen(third)]
    text, parts = render(tree, renderings)
    assert text == (
        "# report.pdf: Report\n"
        "[1] p. 1 Item 8 › Taxes\n"
        "The effective rate was four percent in the year.\n"
        "…\n"
        "It was fifteen percent a year before that.\nTax\t310\t287\n"
        "[2] p. 2\n"
        "The rest of the text stands on the second page here."
    )
    assert [(part.mark, part.page, part.node_id) for part in parts] == [
        (1, 1, second.id),
        (1, 1, second.id),
        (2, 2, third.id),
    ]
    assert first.title == "Item 8"


def test_the_printed_number_of_a_page_stands_in_its_address():
    plain = document_of("The first page says enough to be shown.\n", "The second page says enough to be shown.\n")
    labels = {1: "iv", 2: None}
    pages = tuple(replace(page, label=labels[page.number]) for page in plain.pages)
    tree = build_hierarchy(replace(plain, pages=pages))
    text, parts = render(tree, [chosen(node) for node in tree.level(0)])
    assert re.findall(r"^\[.*", text, re.MULTILINE) == ["[1] p. 1 (printed iv)", "[2] p. 2"]
    assert [part.label for part in parts] == ["iv", None]


def test_no_more_stands_between_neighbours_than_in_the_document():
    tree = build_hierarchy(Document("税率为百分之十四，这是公司在报告中所说的。" * 20 + "\nEnd of it.", "a.txt", ""))
    passages = tree.level(0)
    assert len(passages) > 1
    text, _ = render(tree, [chosen(node) for node in passages])
    assert GAP not in text
    assert text.replace("\n", "") == "[1]" + tree.documents[0].text.replace("\n", "")


def test_a_sentence_that_is_left_out_leaves_a_gap_and_furniture_does_not():
    sentences = [f"The effective rate of year {year} was {year} percent." for year in (2001, 2002, 2003, 2004)]
    tree = build_hierarchy(
        document_of(
            f"{sentences[0]}\n~2002\n{sentences[1]}\n"
            f"2002 is over by now, as all of us should know.\n{sentences[2]} {sentences[3]}\n"
        )
    )
    (node,) = tree.level(0)
    first, second, omitted, third, fourth = node.sentences
    assert omitted.of(tree.documents[0].text).startswith("2002 is over")
    text, parts = render(tree, [chosen(node, [first, second, third, fourth])])
    assert text == f"# report.pdf: Report\n[1]\n{sentences[0]}\n{sentences[1]}\n{GAP}\n{sentences[2]} {sentences[3]}"
    assert len(parts) == 3


def test_a_row_that_reads_like_furniture_leaves_a_gap_all_the_same():
    text = "The rate was four percent.\n17\t17\nIt was nine before.\n17\t17\n"
    furniture = Span(text.rindex("17\t17"), len(text) - 1)
    document = Document(text, "a", "", (), (), (furniture,))
    tree = build_hierarchy(document)
    (node,) = tree.level(0)
    assert node.sentences[1].of(text) == furniture.of(text) == "17\t17"
    text, _ = render(tree, [chosen(node, [node.sentences[0], node.sentences[2]])])
    assert text == f"[1]\nThe rate was four percent.\n{GAP}\nIt was nine before."


def test_passages_of_one_section_and_line_are_joined_by_a_blank():
    text = "The rate of the year was four percent, and so it stayed. " * 30
    tree = build_hierarchy(Document(text, "a", ""))
    one, two = tree.level(0)[:2]
    shown, parts = render(tree, [chosen(one), chosen(two)])
    assert shown == f"[1]\n{parts[0].text} {parts[1].text}"
    assert shown.removeprefix("[1]\n") in text


def test_marks_that_the_documents_use_are_left_to_them():
    tree = build_hierarchy(
        document_of("# Annex [1]\nSee [2], and see [x] and [4a] too, as was said.\n", source="[3].pdf")
    )
    text, parts = render(tree, [chosen(node) for node in tree.level(0)])
    assert {part.mark for part in parts} == {4}
    assert "[4]" in text


def test_every_document_is_named_once_before_its_parts():
    trees = [
        build_hierarchy(document_of("Alpha text is here.\n", source="a.pdf", title="Alpha")),
        build_hierarchy(document_of("Beta text is here.\n", source="beta report.pdf", title="beta report")),
        build_hierarchy(document_of("Gamma text is here.\n", source="text", title="")),
        build_hierarchy(document_of("Delta text is here.\n", source="d.pdf", title="D" * 200)),
    ]
    tree = join(trees)
    text, _ = render(tree, [chosen(node) for node in tree.level(0)])
    lines = text.splitlines()
    assert lines == [
        "# a.pdf: Alpha", "[1]", "Alpha text is here.",
        "# beta report.pdf", "[2]", "Beta text is here.",
        "[3]", "Gamma text is here.",
        f"# d.pdf: {'D' * TITLE_LENGTH}", "[4]", "Delta text is here.",
    ]  # fmt: skip


def test_a_heading_path_is_cut_to_its_last_two_and_to_its_length():
    titles = ["Part I", "Chapter 2", "T" * 200]
    headings = tuple(Heading(title, depth, Span(0, 0)) for depth, title in enumerate(titles, start=1))
    tree = build_hierarchy(Document("The text is here.", "a", "", (), headings))
    text, _ = render(tree, [chosen(tree.level(0)[0])])
    # "Chapter 2 › " has 12 characters.
    assert text == f"[1] Chapter 2 › {'T' * (TITLE_LENGTH - 12)}{GAP}\nThe text is here."


def test_a_heading_is_not_said_twice():
    tree = build_hierarchy(document_of("# Taxes\nThe rate was four.\n", "It was nine before.\n", "# Debt\nNone.\n"))
    text, _ = render(tree, [chosen(node) for node in tree.level(0)])
    blocks = [BLOCK.match(line).groups() for line in text.splitlines() if BLOCK.match(line)]
    assert blocks == [("1", "1", None), ("2", "2", "Taxes"), ("3", "3", None)]


def test_a_model_s_summary_is_shown_in_its_words_at_its_place():
    tree = build_hierarchy(
        document_of("# Taxes\nThe effective tax rate of the company was four.\n", "# Debt\nNone is left of it.\n")
    )
    section = tree.level(1)[0]
    summary = Rendering(section.id, "written", (section.span,), (0.5,), 5, text="It was 4 %.")
    text, (part,) = render(tree, [summary])
    assert text == "# report.pdf: Report\n[1] pp. 1-2 (summary written by a model) Taxes\nIt was 4 %."
    assert (part.text, part.detail, part.level, part.page) == ("It was 4 %.", "written", 1, 1)
    assert part.spans == (section.span,)
    assert (part.page, part.last_page) == (1, 2)


def test_a_part_that_is_not_the_documents_text_is_refused():
    tree = build_hierarchy(document_of("The rate was four percent.\n"))
    passage = replace(tree.level(0)[0], text="The rate was five percent.\n")
    with pytest.raises(ValueError, match="is not the text of report"):
        render_whole(tree.documents[0], [passage])


def test_nothing_chosen_is_no_text():
    assert render(build_hierarchy(document_of("The text is here.\n")), []) == ("", ())


@settings(deadline=None, max_examples=40)
@given(document=documents(most_blocks=20))
def test_a_whole_document_is_itself_one_part_a_passage(document):
    tree = build_hierarchy(document)
    text, parts = render_whole(document, tree.level(0))
    assert text == document.text == "".join(part.text for part in parts)
    for part, node in zip(parts, tree.level(0), strict=True):
        assert (part.span, part.detail, part.node_id) == (node.span, "verbatim", node.id)
        assert part.page == document.page_at(node.span.start)


@pytest.mark.parametrize("count", [400])
def test_time_grows_with_the_length_of_a_long_corpus(count):
    trees = [build_hierarchy(document_of(f"The text of document {number} is here.\n")) for number in range(count)]
    tree = join(trees)
    text, parts = render(tree, [chosen(node) for node in tree.level(0)][::-1])
    assert len(parts) == count
    assert text.count("# report.pdf: Report") == count
