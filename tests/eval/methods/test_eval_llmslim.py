import sys

import pytest
from eval_parts import asked, parts_of, text_of

from eval import methods
from eval.methods import llmslim
from eval.methods._texts import paragraphs
from eval.ports import Unavailable
from hiercomp import tokenizers
from hiercomp.types import Document, Page, Span

TOKENIZER = tokenizers.build("o200k_base")
PLANTED = "The lighthouse keeper at Varn Point was Ottoline Brask, who served until 1911."
TEXT = "\n\n".join(
    PLANTED if n == 31 else f"Parish {n} kept its own ledger of harvests, and its clerk wrote {n * 7} pages of it."
    for n in range(60)
)
QUESTION = "Who was the lighthouse keeper at Varn Point?"


@pytest.fixture(params=llmslim.NAMES)
def method(request):
    return methods.build(request.param, parts_of(TOKENIZER))


@pytest.mark.parametrize("budget", [60, 200, 800])
def test_the_sentence_that_is_asked_for_is_kept_within_the_budget(method, budget):
    text = text_of(method, TEXT, QUESTION, budget)
    assert PLANTED in text
    assert budget // 2 < TOKENIZER.count(text) <= budget


def test_the_question_decides(method):
    text = text_of(method, TEXT, "How many pages did the clerk of parish 12 write?", 60)
    assert "Parish 12 kept" in text
    assert PLANTED not in text


def test_what_fits_is_not_touched():
    method = methods.build("llmslim", parts_of(TOKENIZER))
    assert text_of(method, TEXT, QUESTION, TOKENIZER.count(TEXT)) == TEXT


def test_less_is_asked_for_until_the_result_fits():
    class Heavy:
        """Count compressed texts as longer than their share, so that the first share is too large."""

        name = "heavy"

        def count(self, text):
            return len(text.split()) + 40 * text.count("Varn Point")

    method = methods.build("llmslim", parts_of(Heavy()))
    text = text_of(method, TEXT, QUESTION, 400)
    assert PLANTED in text
    assert Heavy().count(text) <= 400


def test_paragraphs_are_parted_by_blank_lines_and_pages():
    text = "One.\nStill one.\n \nTwo.\fThree.\n\nFour"
    assert paragraphs(Document(text, "text", "")) == ["One.\nStill one.", "Two.", "Three.", "Four"]
    pages = (Page(1, Span(0, 5)), Page(2, Span(5, len(text))))
    assert paragraphs(Document(text, "text", "", pages))[:2] == ["One.\n", "Still one."]


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "llmslim", None)
    with pytest.raises(Unavailable, match=r"llmslim is not installed: pip install 'hiercomp\[eval\]'"):
        llmslim.build("llmslim", parts_of())


def test_settings_name_the_version(method):
    assert method.settings["llmslim"] == "0.11.2"
    assert method.index(Document("", "text", "")).find(asked(QUESTION))(10) == ""
