from documents import documents
from eval_parts import Words
from hypothesis import given, settings

from eval.methods._chunks import CHUNK_TOKENS, chunks, nodes, sentences
from hiercomp import tokenizers
from hiercomp.text.chunking import units
from hiercomp.types import Document

TOKENIZER = tokenizers.build("o200k_base")


def document(text):
    return Document(text, "text", "")


def test_whole_sentences_are_packed_to_200_tokens():
    sentence = "Rates " + "rose " * 88 + "again. "  # 90 words
    found = chunks(document(sentence * 3), Words())
    assert [unit.text for unit in found] == [(sentence * 2).strip(), sentence.strip()]
    assert [unit.position for unit in found] == [0, 2 * len(sentence)]


def test_only_a_sentence_that_is_longer_alone_is_cut_between_words():
    row = "Total\t" + "1,204 " * 449 + "end"  # 451 words
    found = chunks(document(f"{row}\nThe rate rose to four percent in the year.\n"), Words())
    # 200 + 200 + 51 words, and the sentence of 9 goes with the last piece: 51 + 9.
    assert [len(unit.text.split()) for unit in found] == [200, 200, 60]


@settings(deadline=None, max_examples=60)
@given(document=documents(most_blocks=20))
def test_chunks_are_short_follow_each_other_and_hold_every_sentence(document):
    found = chunks(document, TOKENIZER)
    assert all(TOKENIZER.count(unit.text) <= CHUNK_TOKENS for unit in found)
    covered = set()
    end = 0
    for unit in found:
        assert unit.position >= end
        end = unit.position + len(unit.text)
        assert unit.text == document.text[unit.position : end]
        covered |= set(range(unit.position, end))
    told = {place for span in units(document) for place in range(span.start, span.end)}
    assert {place for place in told - covered if not document.text[place].isspace()} == set()


def test_sentences_are_the_units_of_the_document():
    text = "The rate rose to four percent in the year.\nTotal\t4\t5\n"
    found = sentences(document(text))
    assert [(unit.text, unit.position) for unit in found] == [
        ("The rate rose to four percent in the year.", 0),
        ("Total\t4\t5", 43),
    ]


def test_nodes_are_numbered_in_document_order():
    text = "\n".join(f"This is sentence number {number} of the eleven that there are." for number in range(11))
    found = nodes(sentences(document(text)))
    assert [int(node.id) for node in found] == list(range(11))
    assert [node.id for node in found] == sorted(node.id for node in found)
