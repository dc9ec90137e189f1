import pytest
from eval_parts import Words, parts_of, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.methods import truncation
from eval.methods._filling import SEPARATOR
from hiercomp import tokenizers

TEXT = "one two three four five six seven eight\n"
TOKENIZER = tokenizers.build("o200k_base")


@pytest.mark.parametrize(
    ("name", "budget", "text"),
    [
        ("head", 3, "one two three"),
        ("tail", 3, "six seven eight"),
        ("middle", 4, "one two\n\nseven eight"),
        ("middle", 5, "one two\n\nsix seven eight"),
        ("middle", 1, "eight"),
        ("head", 8, TEXT.strip()),
        ("middle", 8, TEXT.strip()),
        ("tail", 9, TEXT.strip()),
        ("head", 0, ""),
        ("middle", 0, ""),
        ("tail", 0, ""),
    ],
)
def test_what_is_kept(name, budget, text):
    assert text_of(truncation.build(name, parts_of()), TEXT, "anything", budget) == text


@settings(deadline=None, max_examples=100)
@given(text=st.text(max_size=400), budget=st.integers(1, 60))
def test_a_text_is_kept_from_its_ends_within_the_budget(text, budget):
    kept = {name: text_of(truncation.build(name, parts_of(TOKENIZER)), text, "", budget) for name in truncation.NAMES}
    assert all(TOKENIZER.count(each) <= budget for each in kept.values())
    assert text.strip().startswith(kept["head"])
    assert text.strip().endswith(kept["tail"])
    start, _, end = kept["middle"].rpartition(SEPARATOR)
    assert text.strip().startswith(start)
    assert text.strip().startswith(end) or text.strip().endswith(end)


@pytest.mark.parametrize("name", truncation.NAMES)
def test_a_long_document_is_not_counted_whole_and_the_budget_is_used(name):
    tokenizer = Words()
    kept = text_of(truncation.build(name, parts_of(tokenizer)), "word " * 300_000, "", 1000)
    assert len(kept.split()) == 1000
    assert tokenizer.longest < 5 * 1024 * 2 + 10


@pytest.mark.parametrize("name", truncation.NAMES)
def test_nearly_all_of_the_budget_is_used_in_a_script_without_spaces(name):
    kept = text_of(truncation.build(name, parts_of(TOKENIZER)), "税率为百分之十四公司不同意" * 400, "", 500)
    assert 450 <= TOKENIZER.count(kept) <= 500
