import math
import re

import pytest
from documents import document_of, documents
from hypothesis import given, settings

from hiercomp.encoders.hashing import Hashing
from hiercomp.errors import ConfigError
from hiercomp.hierarchy import build_hierarchy
from hiercomp.monitor import Monitor
from hiercomp.ports import TokenVectors
from hiercomp.retrievers.cascade import build
from hiercomp.retrievers.dense import Dense
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.types import PASSAGE, Node, Span

TOPICS = ["taxes", "leases", "debt", "goodwill", "pensions", "segments", "revenue", "inventories", "dividends", "risks"]
SENTENCE = "In the year {year} the {topic} of the company came to {amount} thousand, after they had been more before. "


def stored(encoder=None):
    return StoredEncoder(lambda: encoder or Hashing(64), Store.memory(), lambda done, total: None)


@pytest.fixture
def monitor():
    """A monitor that counts the texts that the encoder reads."""
    with Monitor().active() as active:
        yield active


@pytest.fixture(scope="module")
def hierarchy():
    pages = [
        f"# {topic.title()}\n"
        + "".join(SENTENCE.format(year=2000 + year, topic=topic, amount=1000 * place + year) for year in range(25))
        for place, topic in enumerate(TOPICS)
    ]
    return build_hierarchy(document_of(*pages))


@pytest.mark.parametrize("width", [1, 3, 8, 20, 1000])
@pytest.mark.parametrize("question", ["How much was goodwill in 2004?", "?!", "all of it"])
def test_no_more_passages_than_the_width_are_read(hierarchy, monitor, width, question):
    encoder = stored()
    index = build(str(width), encoder=encoder).index(hierarchy.level(PASSAGE))
    assert monitor.encoded == 0
    found = index.search([question], len(hierarchy.nodes))[0]
    read = min(width, len(hierarchy.level(0)))
    # The question is one more.
    assert monitor.encoded - 1 == read
    near = [hit for hit in found.hits if {"tokens", "dense"} & {source.retriever for source in hit.sources}]
    assert len(near) == read


class Recording(Hashing):
    """Records the passages that it encodes."""

    def __init__(self, dimension):
        super().__init__(dimension)
        self.read = []

    def encode_query(self, text):
        return Hashing(self.dimension).encode_query(text)

    def encode_passages(self, texts):
        self.read += texts
        return super().encode_passages(texts)


class WithoutTokens(Hashing):
    """An encoder that gives no vectors of tokens."""

    def encode_query(self, text):
        return TokenVectors.without_tokens(super().encode_query(text).vector)

    def encode_passages(self, texts):
        return [TokenVectors.without_tokens(tokens.vector) for tokens in super().encode_passages(texts)]


def passages_of(*sections):
    """Passages of one sentence each, without titles."""
    nodes, position = [], 0
    for number, texts in enumerate(sections):
        for place, text in enumerate(texts):
            span = Span(position, position + len(text))
            nodes.append(Node(f"{number}-{place}", "d", PASSAGE, "", span, text, (span,), f"{number}"))
            position = span.end
    return nodes


@pytest.mark.parametrize("width", [0, 1, 2, 3, 4, 5, 1000])
def test_the_best_by_their_terms_are_read_then_the_first_of_the_document(width):
    encoder = Recording(4096)
    index = build(str(width), encoder=encoder).index(passages_of(["one", "two", "tax tax"], ["six", "tax", "ten"]))
    found = index.search(["which tax"], 100)[0]
    # 2 · 2.2 / (2 + 1.2 (0.25 + 0.75 · 2 / (7 / 6))) = 1.14, and 2.2 / (1 + 1.2 (0.25 + 0.75 / (7 / 6))) = 1.06.
    best = ["tax tax", "tax"]
    chosen = [*best, "one", "two", "six", "ten"][:width]
    assert sorted(encoder.read) == sorted(chosen)
    # The encoder reads the passages in the order of the document.
    assert encoder.read == [text for text in ("one", "two", "tax tax", "six", "tax", "ten") if text in chosen]
    assert {hit.node_id for hit in found.hits if hit.sentences} == {
        node_id for node_id, text in TEXTS_BY_ID.items() if text in chosen
    }


TEXTS_BY_ID = {"0-0": "one", "0-1": "two", "0-2": "tax tax", "1-0": "six", "1-1": "tax", "1-2": "ten"}


def test_a_passage_that_was_read_has_one_score_a_sentence_by_hand():
    rising = (
        "The goodwill of the unit rose in the year of the report. The debt of the company fell due in that year too. "
        "Nobody saw the goodwill of the unit fall in that year."
    )
    tree = build_hierarchy(
        document_of("# Leases\nThey came to ten thousand in all of the year.\n", f"# Notes\n{rising}\n")
    )
    found = build(encoder=Hashing(4096)).index(tree.level(PASSAGE)).search(["goodwill"], 100)[0]
    scores = {tree.node(hit.node_id).title: hit for hit in found.hits}
    # The only word of the question has cosine 1 with itself and cosine 0 with any other word.
    # A heading is the first sentence of its passage.
    assert scores["Notes"].sentences == pytest.approx((0.0, 1.0, 0.0, 1.0))
    assert scores["Leases"].sentences == pytest.approx((0.0, 0.0))
    said = {title: {source.retriever: source for source in hit.sources} for title, hit in scores.items()}
    assert {title: (each["tokens"].rank, each["tokens"].score) for title, each in said.items()} == {
        "Notes": (1, 1.0),
        "Leases": (2, 0.0),
    }


def test_a_word_counts_in_a_sentence_as_much_as_it_is_rare():
    sentences = "The goodwill of the unit was tested in the year. The debt of the company fell due in this year."
    tree = build_hierarchy(document_of(f"# One\n{sentences}\n", "# Two\nThe debt rose.\n"))
    found = build(encoder=Hashing(4096)).index(tree.level(PASSAGE)).search(["goodwill debt"], 100)[0]
    (one,) = [hit for hit in found.hits if tree.node(hit.node_id).title == "One"]
    # Of two passages one holds "goodwill", ln(1 + 1.5 / 1.5), and both hold "debt", ln(1 + 0.5 / 2.5).
    goodwill, debt = math.log(2), math.log(1.2)
    assert one.sentences == pytest.approx((0.0, goodwill / (goodwill + debt), debt / (goodwill + debt)), abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(document=documents(most_blocks=20))
def test_the_score_of_a_sentence_is_that_of_its_own_words(document):
    tree = build_hierarchy(document)
    found = build(encoder=Hashing(4096)).index(tree.level(PASSAGE)).search(["rate"], len(tree.nodes))[0]
    for hit in found.hits:
        node = tree.node(hit.node_id)
        names = {source.retriever for source in hit.sources}
        assert len(hit.sentences) == (len(node.sentences) if "tokens" in names else 0)
        held = ["rate" in re.findall(r"\w+", span.of(document.text).lower()) for span in node.sentences]
        assert [score is not None and score > 0.99 for score in hit.sentences] == held[: len(hit.sentences)]


@pytest.mark.parametrize("question", ["How much was goodwill in 2004?", "all of it"])
def test_an_encoder_without_tokens_says_how_close_a_passage_is_and_no_more(hierarchy, question):
    told, without_tokens = (
        build(encoder=encoder).index(hierarchy.level(PASSAGE)).search([question], 1000)[0]
        for encoder in (Hashing(64), WithoutTokens(64))
    )
    assert any(hit.sentences for hit in told.hits)
    assert not any(hit.sentences for hit in without_tokens.hits)
    assert {source.retriever for hit in without_tokens.hits for source in hit.sources} <= {"bm25", "dense"}
    assert {source.retriever for hit in told.hits for source in hit.sources} <= {"bm25", "tokens"}
    alone = Dense(Hashing(64)).index(hierarchy.level(PASSAGE))
    expected = {hit.node_id: hit.score for hit in alone.search([question], 1000)[0].hits}
    found = {
        hit.node_id: source for hit in without_tokens.hits for source in hit.sources if source.retriever == "dense"
    }
    assert {node_id: source.score for node_id, source in found.items()} == pytest.approx(expected, abs=1e-6)
    assert sorted(source.rank for source in found.values()) == list(range(1, len(expected) + 1))


def test_a_question_without_words_or_a_passage_without_any_has_no_score_by_tokens():
    nodes = passages_of(["tax of the year", "?!"])
    index = build(encoder=Hashing(64)).index(nodes)
    assert [hit.sentences for hit in index.search(["?!"], 10)[0].hits] == [(), ()]
    (found,) = index.search(["tax"], 10)[0].hits
    assert (found.node_id, found.sentences) == ("0-0", (1.0,))
    assert index.search([" \n"], 10)[0].hits == ()


NEEDS = ["How much was goodwill in 2004?", "leases of the company", "?!", " ", "pensions and dividends"]


@pytest.mark.parametrize("width", [1, 3, 8, 20, 1000])
def test_the_width_holds_for_all_queries_of_a_pass_together(hierarchy, monitor, width):
    index = build(str(width), encoder=stored()).index(hierarchy.level(PASSAGE))
    found = index.search(NEEDS, len(hierarchy.nodes))
    read = min(width, len(hierarchy.level(PASSAGE)))
    # Each query that is not blank is one more.
    assert monitor.encoded - 4 == read
    near = [
        {hit.node_id for hit in ranking.hits if {"tokens", "dense"} & {source.retriever for source in hit.sources}}
        for ranking in found
    ]
    assert len(set.union(*near)) == read
    assert near[3] == set()


def test_queries_of_one_pass_are_ranked_as_each_alone_if_all_passages_are_read(hierarchy):
    passages = hierarchy.level(PASSAGE)
    together = build("1000", encoder=Hashing(64)).index(passages).search(NEEDS, 1000)
    assert together == [build("1000", encoder=Hashing(64)).index(passages).search([need], 1000)[0] for need in NEEDS]


def test_the_best_of_each_query_are_read_in_turn():
    texts = ["one", "two", "tax tax", "debt debt", "tax", "debt", "ten"]
    encoder = Recording(4096)
    build("4", encoder=encoder).index(passages_of(texts)).search(["which tax", "of no avail", "which debt"], 100)
    # The first and the second of each query. The encoder reads them in the order of the document.
    assert encoder.read == ["tax tax", "debt debt", "tax", "debt"]
    encoder = Recording(4096)
    build("3", encoder=encoder).index(passages_of(texts)).search(["which tax", "of no avail", "which debt"], 100)
    assert encoder.read == ["tax tax", "debt debt", "tax"]


def test_blank_queries_encode_nothing(hierarchy, monitor):
    found = build(encoder=stored()).index(hierarchy.level(PASSAGE)).search(["", " \n"], 10)
    assert [ranking.hits for ranking in found] == [(), ()]
    assert monitor.encoded == 0


def test_a_second_question_encodes_only_what_is_new(hierarchy, monitor):
    encoder = stored()
    index = build("1000", encoder=encoder).index(hierarchy.level(PASSAGE))
    index.search(["How much was goodwill?"], 10)
    before = monitor.encoded
    index.search(["How much were the leases?"], 10)
    # The question alone.
    assert monitor.encoded == before + 1


def test_a_hit_tells_what_each_source_says_of_it(hierarchy):
    found = build(encoder=stored()).index(hierarchy.level(PASSAGE)).search(["How much was goodwill in 2004?"], 1000)[0]
    assert {hit.node_id for hit in found.hits} == {node.id for node in hierarchy.level(0)}
    best = found.hits[0]
    assert hierarchy.node(best.node_id).title == "Goodwill"
    assert [source.retriever for source in best.sources] == ["bm25", "tokens"]
    for hit in found.hits:
        assert hit.score == pytest.approx(sum(source.score for source in hit.sources))
    for name in ("bm25", "tokens"):
        sources = [source for hit in found.hits for source in hit.sources if source.retriever == name]
        ranked = sorted(sources, key=lambda source: source.rank)
        assert [source.rank for source in ranked] == list(range(1, len(ranked) + 1))
        assert [source.score for source in ranked] == sorted((source.score for source in ranked), reverse=True)


def test_the_terms_of_a_heading_find_its_passages():
    pages = ["# Goodwill\nIt came to nine thousand.\n", "# Leases\nThey came to ten thousand.\n"]
    hierarchy = build_hierarchy(document_of(*pages))
    found = build(encoder=stored()).index(hierarchy.level(PASSAGE)).search(["goodwill"], 1)[0].hits
    assert [hierarchy.node(hit.node_id).title for hit in found] == ["Goodwill"]


def test_the_encoder_says_how_many_passages_are_read(hierarchy, monitor):
    class Slow(Hashing):
        max_passages = 3

    build(encoder=stored(Slow(64))).index(hierarchy.level(PASSAGE)).search(["goodwill"], 3)
    assert monitor.encoded == 1 + 3


def test_another_question_on_the_same_passages_scores_as_if_it_were_the_first(hierarchy):
    first, second = "How much was goodwill in 2004?", "What were the leases?"
    for width in ("5", "1000"):
        index = build(width, encoder=Hashing(64)).index(hierarchy.level(PASSAGE))
        index.search([first], 1000)
        fresh = build(width, encoder=Hashing(64)).index(hierarchy.level(PASSAGE))
        assert index.search([second], 1000) == fresh.search([second], 1000)


@pytest.mark.parametrize("argument", ["wide", "-3", "1.5"])
def test_a_width_is_a_number(argument):
    with pytest.raises(ConfigError, match="takes a number of passages, such as cascade/"):
        build(argument, encoder=stored())
