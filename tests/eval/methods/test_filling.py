import pytest
from eval_parts import Words
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.methods._filling import SEPARATOR, Unit, fill, largest_fitting
from hiercomp import tokenizers

TOKENIZER = tokenizers.build("o200k_base")
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.sampled_from(["The rate was 14.8 %.", "税率为百分之十四。" * 8, "x" * 300, "<|endoftext|>", "lone \ud800 one"]),
)


@st.composite
def ranked(draw):
    """Generate units of a document in any order."""
    texts = draw(st.lists(TEXTS, max_size=12))
    return [Unit(texts[place], place) for place in draw(st.permutations(range(len(texts))))]


def test_the_best_units_stand_in_document_order_and_the_first_that_does_not_fit_is_cut():
    units = [Unit("c d", 20), Unit("a b", 0), Unit("e f g", 40), Unit("h", 60)]
    # 2 + 2 words and two words of the third unit fit into 6. The fourth unit would fit too, but it is not used.
    assert fill(units, 6, Words()) == "a b\n\nc d\n\ne f"
    assert fill(units, 3, Words()) == "a\n\nc d"
    assert fill(units, 8, Words()) == "a b\n\nc d\n\ne f g\n\nh"


def test_a_unit_without_spaces_is_cut_in_pieces():
    # 60 characters are a word of 24, another of 24 and one of 12.
    letters = type("Letters", (Words,), {"count": lambda self, text: len(text)})()
    assert fill([Unit("字" * 60, 0)], 50, letters) == "字" * 48


@pytest.mark.parametrize("units", [[], [Unit("", 0)], [Unit(" \n", 0), Unit("a", 3)]])
def test_what_there_is_not_takes_nothing(units):
    assert fill(units, 0, Words()).strip() == ""


@settings(deadline=None, max_examples=150)
@given(units=ranked(), budget=st.integers(0, 120))
def test_the_whole_is_never_over_the_budget_and_only_one_unit_is_cut(units, budget):
    text = fill(units, budget, TOKENIZER)
    assert TOKENIZER.count(text) <= budget
    whole = [
        count
        for count in range(len(units) + 1)
        for kept in [sorted(units[:count], key=lambda unit: unit.position)]
        if TOKENIZER.count(SEPARATOR.join(unit.text for unit in kept)) <= budget
    ]
    if whole[-1] == len(units):
        assert text == SEPARATOR.join(unit.text for unit in sorted(units, key=lambda unit: unit.position))
    elif whole == list(range(len(whole))):  # one more unit can take one token less, so the search may stop early
        assert all(unit.text in text for unit in units[: len(whole) - 1])


@given(limit=st.integers(0, 500), bound=st.integers(0, 600))
def test_most_finds_the_greatest_count(limit, bound):
    assert largest_fitting(limit, lambda count: count <= bound) == min(limit, bound)
