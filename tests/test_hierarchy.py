import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from documents import SENTENCES, document_of, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp import tokenizers
from hiercomp.compressors.extractive import Extractive
from hiercomp.hierarchy import SECTION_SIZE, SUMMARY_SIZE, Salience, build_hierarchy, join, summarize
from hiercomp.text.chunking import weighted_bytes
from hiercomp.types import CORPUS, DOCUMENT, PASSAGE, SECTION, Document, Heading, Omission, Span

REPORT = document_of(
    "~Report\n# Part I\n## Taxes\n"
    + "The effective tax rate of the company fell to four percent in the year. " * 15
    + "\n",
    "~Report\n## Debt\n" + "The senior notes of the company mature in the second half of the decade. " * 15 + "\n",
    "~Report\n# Part II\nNothing was sold.\n",
)


def sentences_below(tree, node):
    return [span for child in tree.children(node) for span in child.sentences]


def assert_is_a_tree(tree):
    """Check every rule of the docstrings of `Node` and `Hierarchy` on the tree of one document."""
    (document,) = tree.documents
    for level in (PASSAGE, SECTION, DOCUMENT):
        spans = [node.span for node in tree.level(level)]
        assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])]
        assert spans[-1].end == len(document.text)
    places = {node.id: place for place, node in enumerate(tree.nodes)}
    for node in tree.nodes:
        children = list(tree.children(node))
        assert all(child.parent_id == node.id and places[child.id] > places[node.id] for child in children)
        if node.level == PASSAGE:
            assert node.text == node.span.of(document.text)
            assert not children
        else:
            assert (node.span.start, node.span.end) == (children[0].span.start, children[-1].span.end)
            assert set(node.sentences) <= set(sentences_below(tree, node))
            assert list(node.sentences) == sorted(node.sentences)
            assert node.text == "\n".join(span.of(document.text) for span in node.sentences)
            assert sum(weighted_bytes(span.of(document.text)) for span in node.sentences) <= SUMMARY_SIZE[node.level]
    assert tree.root.level == DOCUMENT
    assert tree.root.parent_id is None


@settings(deadline=None, max_examples=80)
@given(document=documents(most_blocks=25))
def test_the_tree_of_any_document_keeps_the_rules(document):
    tree = build_hierarchy(document)
    assert_is_a_tree(tree)
    assert build_hierarchy(document) == tree


def test_a_long_document_has_several_sections_of_a_page_or_less():
    document = Document("".join(f"The rate of year {year} was {year % 30} percent. " for year in range(2000)), "a", "A")
    tree = build_hierarchy(document)
    assert_is_a_tree(tree)
    assert len(tree.level(SECTION)) > 10
    assert all(weighted_bytes(node.span.of(document.text)) <= SECTION_SIZE for node in tree.level(SECTION))


def test_titles_are_the_headings_above():
    tree = build_hierarchy(REPORT)
    titles = list(dict.fromkeys(node.title for node in tree.level(PASSAGE)))
    assert titles == ["Part I", "Part I › Taxes", "Part I › Debt", "Part II"]
    assert tree.root.title == "Report"


def test_a_heading_below_a_running_header_or_a_blank_page_counts_from_its_own_text():
    document = document_of("# Item 1\nText of the first item.\n", "~Running header\n# Item 2\nText of the second.\n")
    assert [node.title for node in build_hierarchy(document).level(PASSAGE)] == ["Item 1", "Item 2"]
    outline = Document(
        "First.\n\nSecond.", "a", "", (), (Heading("Part I", 1, Span(7, 7)), Heading("Item 1", 2, Span(8, 8)))
    )
    assert [node.title for node in build_hierarchy(outline).level(PASSAGE)] == ["", "Part I › Item 1"]


def test_a_section_ends_where_its_heading_does_unless_it_is_short():
    sections = build_hierarchy(REPORT).level(SECTION)
    # The heading of Part I belongs to the section of its taxes. Part II is short, but the last section may be.
    assert [node.title for node in sections] == ["Part I", "Part I › Debt", "Part II"]


def test_sections_without_headings_end_with_a_page_when_half_full():
    page = "The rate was fourteen percent in the year, and nobody knew the reason why it was so. " * 30
    sections = build_hierarchy(document_of(page, page, page)).level(SECTION)
    # A page has 2550 bytes, more than half of 4000.
    assert [len(node.span) for node in sections] == [2550, 2550, 2550]
    assert [node.title for node in sections] == ["", "", ""]


def test_sections_of_short_pages_run_over_pages():
    page = "The rate was fourteen percent in the year, and nobody knew the reason why it was so. " * 5
    # A page has 425 bytes, so the section is half full after five pages.
    assert [len(node.span) for node in build_hierarchy(document_of(*[page] * 10)).level(SECTION)] == [2125, 2125]


@pytest.mark.parametrize("text", ["", " \n", "x"])
def test_a_document_of_one_passage_is_a_tree_of_three(text):
    tree = build_hierarchy(Document(text, "a", "A"))
    assert [node.level for node in tree.nodes] == [DOCUMENT, SECTION, PASSAGE]
    assert_is_a_tree(tree)


def test_a_document_of_furniture_has_no_sentences():
    tree = build_hierarchy(document_of("~Report\n~Page 1\n", "~Report\n~Page 2\n"))
    assert_is_a_tree(tree)
    assert all(node.sentences == () for node in tree.nodes)


def test_ids_are_made_of_content_and_place():
    tree = build_hierarchy(REPORT)
    assert tree.root.id == f"{REPORT.id[:12]}:2:0-{len(REPORT.text)}"
    other = build_hierarchy(Document(REPORT.text + ".", "a", "A"))
    assert not {node.id for node in tree.nodes} & {node.id for node in other.nodes}


def test_the_tree_is_the_same_in_every_process():
    script = (
        "from documents import SENTENCES\nfrom hiercomp.hierarchy import build_hierarchy\n"
        "from hiercomp.types import Document\n"
        "text = '\\n\\n'.join(SENTENCES * 3)\n"
        "print(ascii([(n.id, n.parent_id, n.text) for n in build_hierarchy(Document(text, 'a', 'A')).nodes]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0] == runs[1]
    assert len(runs[0]) > 1000


@pytest.mark.parametrize(
    "sentence",
    [
        "कंपनी की प्रभावी कर दर चालू वित्तीय वर्ष में चौदह प्रतिशत थी।",
        "公司本财政年度的有效税率为百分之十四点八。",
        "อัตราภาษีเงินได้ที่แท้จริงของบริษัทในปีนี้",
    ],
)
def test_documents_of_other_scripts_are_represented_too(sentence):
    tree = build_hierarchy(Document(f"{sentence}\n\nok.\n", "a", "A"))
    assert tree.root.text == sentence


def test_several_documents_stand_under_one_corpus_node():
    trees = [build_hierarchy(document_of(f"Text of the document {name}.\n", title=name)) for name in "abc"]
    joined = join(trees)
    assert joined.root.level == CORPUS
    assert joined.root.title == "3 documents"
    assert [joined.node(child).title for child in joined.root.child_ids] == ["a", "b", "c"]
    assert all(node.parent_id == joined.root.id for node in joined.level(DOCUMENT))
    assert [document.title for document in joined.documents] == ["a", "b", "c"]
    assert set(joined.nodes[1:]) >= {node for tree in trees for node in tree.nodes[1:]}
    assert len(joined.nodes) == 1 + sum(len(tree.nodes) for tree in trees)
    assert join(trees) == joined


def test_a_document_given_twice_is_taken_once():
    one, other = build_hierarchy(REPORT), build_hierarchy(document_of("Other text.\n"))
    again = build_hierarchy(replace(REPORT, source="copy.pdf"))
    assert join([one, again]) is one
    assert [document.source for document in join([one, other, again]).documents] == ["report.pdf", "report.pdf"]
    assert len(join([one, other, again]).level(DOCUMENT)) == 2


def test_one_document_alone_has_no_corpus_node():
    tree = build_hierarchy(REPORT)
    assert join([tree]) is tree


def test_a_corpus_is_joined_document_by_document():
    one, two, three = (build_hierarchy(Document(f"Crane {name} lifts.\n", name, "")) for name in ("a", "b", "c"))
    corpus = join([one, two])
    assert join([corpus, three]) == join([one, two, three])
    assert join([three, corpus, two]) == join([three, one, two])
    assert join([corpus, two]) == corpus


def test_what_loaders_left_out_is_named_with_its_document():
    first, second = Document("One.", "a", "", omissions=("1 chart", "2 images")), Document("Two.", "b", "")
    tree = join([build_hierarchy(first), build_hierarchy(second)])
    assert tree.omitted == (Omission("a", "1 chart"), Omission("a", "2 images"))


class Scripted:
    """A compressor that returns the given summaries, or numbered ones, and records its calls."""

    def __init__(self, *summaries):
        self.summaries = list(summaries)
        self.calls = []

    def compress(self, texts, max_tokens):
        self.calls.append((list(texts), max_tokens))
        numbered = [f"summary {len(self.calls)}.{place}" for place, _ in enumerate(texts)]
        return [self.summaries.pop(0) if self.summaries else summary for summary in numbered]


def test_summaries_are_written_from_the_lowest_level_up():
    tree, compressor = build_hierarchy(REPORT), Scripted()
    written = summarize(tree, compressor, author="a model")
    assert [node.text for node in written.level(SECTION)] == ["summary 1.0", "summary 1.1", "summary 1.2"]
    assert written.root.text == "summary 2.0"
    sections, documents_ = compressor.calls
    assert sections == (["\n".join(child.text for child in tree.children(node)) for node in tree.level(SECTION)], 80)
    # 1600 bytes of a document's summary are about 400 tokens.
    assert documents_ == (["summary 1.0\nsummary 1.1\nsummary 1.2"], 400)
    assert written.level(PASSAGE) == tree.level(PASSAGE)
    assert [node.sentences for node in written.nodes] == [node.sentences for node in tree.nodes]
    assert {node.author for node in written.nodes if node.level != PASSAGE} == {"a model"}


THREE = Document(
    "The first rate was fourteen percent in the year.\n\nThe second rate was nine percent in the year.\n\n"
    "The third rate was four percent in the year.\n",
    "a",
    "A",
)


def summary_of_three(summary):
    """Return the section and the document of the three sentences after both got the same summary."""
    tree = summarize(build_hierarchy(THREE), Scripted(summary, summary), author="a model")
    return tree.level(SECTION)[0], tree.root


def test_a_summary_of_whole_sentences_has_their_spans_and_no_author():
    first, _, third = build_hierarchy(THREE).level(PASSAGE)[0].sentences
    summary = f"{first.of(THREE.text)}\n{third.of(THREE.text)}"
    for node in summary_of_three(summary):
        assert (node.text, node.sentences, node.author) == (summary, (first, third), None)


def test_a_text_that_was_short_enough_to_be_returned_unchanged_is_represented_by_all_its_sentences():
    sentences = build_hierarchy(THREE).level(PASSAGE)[0].sentences
    for node in summary_of_three(THREE.text):
        assert (node.sentences, node.author) == (sentences, None)
        assert node.text == "\n".join(span.of(THREE.text) for span in sentences)


@pytest.mark.parametrize(
    "summary",
    [
        "",
        "fourteen percent",
        "The third rate was four percent in the year.\nThe first rate was fourteen percent in the year.",
        "The first rate was fourteen percent in the year.\nfour percent",
    ],
)
def test_a_verbatim_summary_that_is_not_of_whole_sentences_in_text_order_is_not_used(summary):
    tree = build_hierarchy(THREE)
    assert summary_of_three(summary) == (tree.level(SECTION)[0], tree.root)


def test_a_summary_that_equals_the_representative_sentences_changes_nothing():
    tree = build_hierarchy(THREE)
    assert tree.level(SECTION)[0].text == tree.root.text
    assert summary_of_three(tree.root.text) == (tree.level(SECTION)[0], tree.root)


def test_one_line_in_a_models_own_words_makes_the_model_the_author():
    summary = "The first rate was fourteen percent in the year.\nThe others were lower."
    for node in summary_of_three(summary):
        assert (node.text, node.author) == (summary, "a model")


def test_a_document_that_repeats_what_a_model_wrote_of_a_section_has_that_author():
    summary = "The rate fell from fourteen to four percent."
    section, root = summary_of_three(summary)
    assert (section.author, root.author) == ("a model", "a model")


def test_the_summaries_of_the_extractive_compressor_have_no_author():
    compressor = Extractive(tokenizers.build())
    for document in (REPORT, THREE):
        tree = summarize(build_hierarchy(document), compressor, author="a model")
        for node in tree.nodes:
            assert node.author is None
            assert node.level == PASSAGE or node.text == "\n".join(span.of(document.text) for span in node.sentences)


def test_salience_by_hand():
    lines = [
        "alpha bravo charlie delta echo",
        "alpha bravo charlie delta echo foxtrot",
        "alpha bravo charlie delta golf",
    ]
    text = "\n".join([*lines, "alpha 1"])
    spans = [Span(0, 30), Span(31, 69), Span(70, 100), Span(101, 108)]
    salience = Salience(text, spans)
    # A word weighs ln(1 + count) · ln(1 + 4 / count): alpha 1.116, bravo, charlie and delta 1.175, echo 1.207, foxtrot
    # and golf 1.116. So the three lines gain 5.847 / √30 = 1.067, 6.963 / √38 = 1.129 and 5.756 / √30 = 1.051.
    assert salience.choose(spans, 30) == (spans[0],)
    assert salience.choose(spans, 1000) == (spans[1], spans[2])
    assert salience.choose(spans, 29) == ()
    assert salience.choose([spans[3]], 1000) == ()


@given(picked=st.lists(st.sampled_from(SENTENCES[:12]), max_size=12), limit=st.integers(0, 400))
@settings(deadline=None)
def test_salience_keeps_to_its_limit_and_repeats_nothing(picked, limit):
    text, spans = "", []
    for sentence in picked:
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += sentence + "\n"
    chosen = Salience(text, spans).choose(spans, limit)
    assert sum(weighted_bytes(span.of(text)) for span in chosen) <= limit
    assert len({span.of(text) for span in chosen}) == len(chosen)
    assert list(chosen) == sorted(chosen)


@pytest.mark.parametrize(
    ("line", "count"), [("The effective tax rate was 14 % this year.\n", 100_000), ("# heading", 20_000)]
)
@pytest.mark.timing
def test_many_equal_sentences_and_headings_take_seconds(line, count):
    text = line * count
    spans = [Span(start, start + len(line)) for start in range(0, len(text), len(line))] if line[0] == "#" else []
    headings = tuple(Heading("heading", 1, span) for span in spans)
    started = time.process_time()
    tree = build_hierarchy(Document(text, "a", "A", (), headings))
    assert time.process_time() - started < 40
    assert sum(len(node.sentences) for node in tree.level(PASSAGE)) == count
