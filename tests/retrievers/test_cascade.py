import pytest
from documents import document_of

from hiercomp.encoders.hashing import Hashing
from hiercomp.errors import ConfigError
from hiercomp.hierarchy import build_hierarchy
from hiercomp.retrievers.cascade import DIGEST_WORDS, build
from hiercomp.store import Store
from hiercomp.stored_encoder import StoredEncoder
from hiercomp.types import Document

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
    assert [source.retriever for source in best.sources] == ["bm25", "dense", "section_dense", "section_bm25"]
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
    assert encoder.encoded == 0


def test_a_digest_holds_words_and_no_more_than_are_read():
    texts = []

    class Listening(Hashing):
        def encode_passages(self, given):
            texts.extend(given)
            return super().encode_passages(given)

    words = " ".join(f"word{chr(97 + place % 26)}{chr(97 + place // 26)}" for place in range(DIGEST_WORDS + 90))
    hierarchy = build_hierarchy(Document(f"1,204 1,187 {words} {words}", "a", ""))
    build(encoder=Listening(16)).index(hierarchy.nodes)
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
