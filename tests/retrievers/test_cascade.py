import math
import re

import pytest
from documents import document_of, documents
from hypothesis import given, settings

from hiercomp.encoders.hashing import Hashing
from hiercomp.errors import ConfigError
from hiercomp.hierarchy import build_hierarchy
from hiercomp.ports import TokenVectors
from hiercomp.retrievers.cascade import DIGEST_WORDS, TERMS_PER_SECTION, build
from hiercomp.store import Store
from hiercomp.stored_encoder import StoredEncoder
from hiercomp.types import PASSAGE, SECTION, Document, Node, Span

TOPICS = ["taxes", "leases", "debt", "goodwill", "pensions", "segments", "revenue", "inventories", "dividends", "risks"]
SENTENCE = "In the year {year} the {topic} of the company came to {amount} thousand, after they had been more before. "


def counting():
    return StoredEncoder(lambda: Hashing(64), Store.memory(), lambda done, total: None)


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
def test_no_more_passages_than_the_width_are_encoded(hierarchy, width, question):
    encoder = counting()
    index = build(str(width), encoder=encoder).index(hierarchy.nodes)
    digests = encoder.encoded
    assert digests == len(hierarchy.level(1))
    found = index.search(question, len(hierarchy.nodes))
    passages = len(hierarchy.level(0))
    # The question is one more, read once for the digests and once for the passages.
    assert encoder.encoded - digests - 2 == min(width, passages)
    near = [hit for hit in found.hits if "dense" in {source.retriever for source in hit.sources}]
    assert len(near) == min(width, passages)


class Listening(Hashing):
    """Hears which passages are read, without their empty title."""

    def __init__(self, dimension):
        super().__init__(dimension)
        self.read = []

    def encode_query_tokens(self, text):
        return Hashing(self.dimension).encode_query_tokens(text)

    def encode_passage_tokens(self, texts):
        self.read += [text.removeprefix("\n") for text in texts]
        return super().encode_passage_tokens(texts)


class Untold(Hashing):
    """An encoder that gives no vectors of tokens."""

    def encode_query_tokens(self, text):
        return TokenVectors.untold(self.encode_query(text))

    def encode_passage_tokens(self, texts):
        return [TokenVectors.untold(vector) for vector in self.encode_passages(texts)]


def sections_of(*texts):
    """Sections, each of passages with the given texts; a passage is one sentence."""
    nodes, position = [], 0
    for number, passages in enumerate(texts):
        child_ids = tuple(f"{number}-{place}" for place in range(len(passages)))
        for node_id, text in zip(child_ids, passages, strict=True):
            span = Span(position, position + len(text))
            nodes.append(Node(node_id, "d", PASSAGE, "", span, text, (span,), f"{number}"))
            position = span.end
        whole = Span(position - sum(map(len, passages)), position)
        nodes.append(Node(f"{number}", "d", SECTION, "", whole, "", (), None, child_ids))
    return nodes


@pytest.mark.parametrize("width", [0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 14, 1000])
def test_the_best_sections_and_four_passages_by_their_terms_for_each_are_read_in_turn(width):
    # The words of asking are no terms, but the encoder reads them. So the first section is closest by its digest, the
    # second next, and the third, which has many other words, last; only its passages hold the term, from once to
    # nine times among nine words.
    asking = ["how which", "which how"], ["how are they", "they are how"]
    others = [[f"{start}{end}ish" for end in "bcdfghkl"] for start in "bcdfghklm"]
    taxes = [" ".join(["tax"] * count + words[count - 1 :]) for count, words in enumerate(others, start=1)]
    encoder = Listening(4096)
    index = build(str(width), encoder=encoder).index(sections_of(*asking, taxes))
    found = index.search("how which tax", 100)
    assert TERMS_PER_SECTION == 4
    in_turn = [*asking[0], *taxes[:4:-1], *asking[1], *taxes[4:0:-1], taxes[0]]
    assert encoder.read == in_turn[:width]
    read = [hit for hit in found.hits if "tokens" in {source.retriever for source in hit.sources}]
    assert len(read) == len(in_turn[:width])
    assert {hit.node_id for hit in read} == {hit.node_id for hit in found.hits if hit.sentences}


def test_without_sections_passages_are_read_by_their_terms_to_the_last(hierarchy):
    encoder = Listening(64)
    passages = [node for node in sections_of([f"tax w{place}" for place in range(11)]) if node.level == PASSAGE]
    build("100", encoder=encoder).index([*passages, *sections_of()]).search("tax", 3)
    assert encoder.read == [node.text for node in sorted(passages, key=lambda node: node.id)]


def test_a_passage_that_was_read_has_one_score_a_sentence_by_hand():
    rising = (
        "The goodwill of the unit rose in the year of the report. The debt of the company fell due in that year too. "
        "Nobody saw the goodwill of the unit fall in that year."
    )
    tree = build_hierarchy(
        document_of("# Leases\nThey came to ten thousand in all of the year.\n", f"# Notes\n{rising}\n")
    )
    found = build(encoder=Hashing(4096)).index(tree.nodes).search("goodwill", 100)
    scores = {tree.node(hit.node_id).title: hit for hit in found.hits}
    # The one word of the question has cosine 1 with itself, and none with any other word.
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
    found = build(encoder=Hashing(4096)).index(tree.nodes).search("goodwill debt", 100)
    (one,) = [hit for hit in found.hits if tree.node(hit.node_id).title == "One"]
    # Of two passages one holds "goodwill", ln(1 + 1.5 / 1.5), and both hold "debt", ln(1 + 0.5 / 2.5).
    goodwill, debt = math.log(2), math.log(1.2)
    assert one.sentences == pytest.approx((0.0, goodwill / (goodwill + debt), debt / (goodwill + debt)), abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(document=documents(most_blocks=20))
def test_the_score_of_a_sentence_is_that_of_its_own_words(document):
    tree = build_hierarchy(document)
    found = build(encoder=Hashing(4096)).index(tree.nodes).search("rate", len(tree.nodes))
    for hit in found.hits:
        node = tree.node(hit.node_id)
        names = {source.retriever for source in hit.sources}
        assert len(hit.sentences) == (len(node.sentences) if "tokens" in names else 0)
        held = ["rate" in re.findall(r"\w+", span.of(document.text).lower()) for span in node.sentences]
        assert [score > 0.99 for score in hit.sentences] == held[: len(hit.sentences)]


@pytest.mark.parametrize("question", ["How much was goodwill in 2004?", "all of it"])
def test_an_encoder_without_tokens_says_how_close_a_passage_is_and_no_more(hierarchy, question):
    told, untold = (
        build(encoder=encoder).index(hierarchy.nodes).search(question, 1000) for encoder in (Hashing(64), Untold(64))
    )
    assert any(hit.sentences for hit in told.hits)
    assert not any(hit.sentences for hit in untold.hits)
    assert {source.retriever for hit in untold.hits for source in hit.sources} <= {*LEXICAL, "dense", "section_dense"}
    assert dense_of(untold) == dense_of(told)


LEXICAL = ("bm25", "section_bm25")


def dense_of(ranking):
    """What the vectors say of each passage."""
    return {hit.node_id: source for hit in ranking.hits for source in hit.sources if source.retriever == "dense"}


def test_a_question_without_words_or_a_passage_without_any_has_no_score_by_tokens():
    nodes = sections_of(["tax of the year", "?!"])
    index = build(encoder=Hashing(64)).index(nodes)
    assert [hit.sentences for hit in index.search("?!", 10).hits] == [(), ()]
    found = {hit.node_id: hit for hit in index.search("tax", 10).hits}
    assert (found["0-0"].sentences, found["0-1"].sentences) == ((1.0,), ())
    assert {source.retriever for source in found["0-1"].sources} == {
        "dense",
        *(f"section_{name}" for name in ("bm25", "dense")),
    }


def test_a_second_question_encodes_only_what_is_new(hierarchy):
    encoder = counting()
    index = build("1000", encoder=encoder).index(hierarchy.nodes)
    index.search("How much was goodwill?", 10)
    before = encoder.encoded
    index.search("How much were the leases?", 10)
    assert encoder.encoded == before + 2


def test_a_hit_tells_what_each_source_says_of_it(hierarchy):
    found = build(encoder=counting()).index(hierarchy.nodes).search("How much was goodwill in 2004?", 1000)
    assert {hit.node_id for hit in found.hits} == {node.id for node in hierarchy.level(0)}
    best = found.hits[0]
    assert hierarchy.node(best.node_id).title == "Goodwill"
    names = ["bm25", "dense", "tokens", "section_dense", "section_bm25"]
    assert [source.retriever for source in best.sources] == names
    assert best.score == pytest.approx(sum(source.score for source in best.sources))
    said = {}
    for hit in found.hits:
        names = [source.retriever for source in hit.sources]
        assert len(set(names)) == len(names)
        assert "section_dense" in names
        for source in hit.sources:
            if source.retriever.startswith("section"):
                section = (source.retriever, hierarchy.node(hit.node_id).parent_id)
                said.setdefault(section, set()).add((source.rank, source.score))
    # The same is said of a section to all its passages, and each section has its own rank.
    assert all(len(words) == 1 for words in said.values())
    ranks = [rank for (name, _), words in said.items() if name == "section_dense" for rank, _ in words]
    assert sorted(ranks) == list(range(1, len(hierarchy.level(1)) + 1))


def test_the_terms_of_a_heading_find_its_passages():
    pages = ["# Goodwill\nIt came to nine thousand.\n", "# Leases\nThey came to ten thousand.\n"]
    hierarchy = build_hierarchy(document_of(*pages))
    found = build(encoder=counting()).index(hierarchy.nodes).search("goodwill", 1).hits
    assert [hierarchy.node(hit.node_id).title for hit in found] == ["Goodwill"]


def test_passages_alone_are_found_by_their_terms(hierarchy):
    encoder = counting()
    found = build(encoder=encoder).index(hierarchy.level(0)).search("goodwill", 3)
    assert {hierarchy.node(hit.node_id).title for hit in found.hits} == {"Goodwill"}
    # Those that hold the term are read, and the question.
    assert encoder.encoded == 1 + sum(node.title == "Goodwill" for node in hierarchy.level(0))


def test_a_digest_holds_words_and_no_more_than_are_read():
    texts = []

    class Reading(Hashing):
        def encode_passages(self, given):
            texts.extend(given)
            return super().encode_passages(given)

    words = " ".join(f"word{chr(97 + place % 26)}{chr(97 + place // 26)}" for place in range(DIGEST_WORDS + 90))
    hierarchy = build_hierarchy(Document(f"1,204 1,187 {words} {words}", "a", ""))
    build(encoder=Reading(16)).index(hierarchy.nodes)
    (digest,) = texts
    assert digest.split() == words.split()[:DIGEST_WORDS]


@pytest.mark.parametrize("argument", ["wide", "-3", "1.5"])
def test_a_width_is_a_number(argument):
    with pytest.raises(ConfigError, match="takes a number of passages, such as cascade/"):
        build(argument, encoder=counting())


def test_a_digest_has_whole_words_of_scripts_that_write_vowels_as_marks():
    read = []

    class Reading(Hashing):
        def encode_passages(self, texts):
            read.extend(texts)
            return super().encode_passages(texts)

    document = Document("कंपनी की प्रभावी कर दर 2022 में घटकर चौदह प्रतिशत रह गई थी।", "text", "")
    build(encoder=Reading(64)).index(build_hierarchy(document).nodes)
    assert read == ["कंपनी की प्रभावी कर दर में घटकर चौदह प्रतिशत रह गई थी"]
