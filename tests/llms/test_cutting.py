from hypothesis import given
from hypothesis import strategies as st

from hiercomp.llms._text import cut, well_formed


@given(st.text(max_size=60), st.integers(0, 70))
def test_a_cut_is_the_longest_prefix_where_length_is_what_counts(text: str, limit: int) -> None:
    assert cut(text, lambda prefix: len(prefix) <= limit) == text[:limit]


def test_nothing_is_left_where_nothing_fits() -> None:
    assert cut("abc", lambda prefix: False) == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_only_lone_surrogates_are_replaced(before: str, after: str) -> None:
    assert well_formed(before + after) == before + after
    assert well_formed(f"{before}\ud800{after}") == f"{before}\ufffd{after}"
    assert well_formed(f"{before}\udc00 {after}") == f"{before}\ufffd {after}"
