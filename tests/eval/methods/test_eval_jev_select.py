import gc
import sys

import pytest
from eval_parts import asked, parts_of, text_of

from eval import methods
from eval.methods import jev_select
from eval.ports import Unavailable
from hiercomp import tokenizers
from hiercomp.types import Document

TOKENIZER = tokenizers.build("o200k_base")
PLANTED = "The lighthouse keeper at Varn Point was Ottoline Brask, who served until 1911."
TEXT = "\n\n".join(
    PLANTED if n == 31 else f"Parish {n} kept its own ledger of harvests, and its clerk wrote {n * 7} pages of it."
    for n in range(150)
)
QUESTION = "Who was the lighthouse keeper at Varn Point?"


@pytest.fixture(params=jev_select.NAMES)
def method(request):
    return methods.build(request.param, parts_of(TOKENIZER))


@pytest.mark.parametrize("budget", [200, 700])
def test_the_sentence_that_is_asked_for_is_kept_within_the_budget(method, budget):
    text = text_of(method, TEXT, QUESTION, budget)
    assert PLANTED in text
    assert TOKENIZER.count(text) <= budget


def test_a_passage_is_cited_and_the_citation_is_counted():
    method = methods.build("jev-select/paragraphs", parts_of(TOKENIZER))
    text = text_of(method, TEXT, QUESTION, 60)
    citation, passage = text.split("\n")
    assert citation == '[1] {"source":"document","line":1,"id":"32","chars":[0,77]}'.replace("77", str(len(PLANTED)))
    assert passage == PLANTED
    whole = TOKENIZER.count(text)
    assert text_of(method, TEXT, QUESTION, whole) == text
    assert PLANTED not in text_of(method, TEXT, QUESTION, whole - 1)


def test_a_question_is_needed_and_a_long_one_is_cut(method):
    index = method.index(Document(TEXT, "text", ""))
    assert index.find(asked("  "))(200) == ""
    assert PLANTED in index.find(asked(f"{QUESTION} {'x' * 5000}"))(200)


def test_another_tokenizer_of_openai_is_counted_by_and_any_other_is_not():
    assert methods.build("jev-select", parts_of(tokenizers.build("cl100k_base"))).settings["encoding"] == "cl100k_base"
    assert methods.build("jev-select", parts_of()).settings["encoding"] == "o200k_base"


def test_its_index_on_disk_goes_with_the_document(method, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    index = method.index(Document(TEXT, "text", ""))
    assert len(list(tmp_path.iterdir())) == 1
    del index
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jselect", None)
    with pytest.raises(Unavailable, match=r"jselect is not installed: pip install 'hiercomp\[eval\]'"):
        jev_select.build("jev-select", parts_of())
