from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.analysis import STOP_WORDS, terms, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The effective tax rates were", ["effect", "tax", "rate"]),
        ("Boeing's", ["boe"]),
        ("dividends’", ["dividend"]),
        ("$1,234.5 million", ["1234.5", "million"]),
        ("12,345,678 and 0.25", ["12345678", "0.25"]),
        ("FY2022", ["fy", "2022"]),
        ("A320 x²", ["320", "x2"]),
        ("ﬁnance Straße STRASSE", ["financ", "strass", "strass"]),
        ("１２３ ａｂｃ", ["123", "abc"]),
        ("", []),
        ("?! … ---", []),
        ("税率", ["税率"]),
        ("有效税率", ["有效", "效税", "税率"]),
        ("税", ["税"]),
        ("प्रतिशत की", ["प्रतिशत", "की"]),
        ("الضريبة", ["الضريبة"]),
        ("lone \ud800 surrogate", ["lone", "surrog"]),
    ],
)
def test_terms_of_a_text(text, found):
    assert terms(text) == found


def test_accents_written_apart_are_the_same_term():
    assert terms("re\u0301sume\u0301") == terms("r\u00e9sum\u00e9")


def test_words_of_asking_are_no_terms():
    assert terms("Which of these do we describe? Please explain what it was.") == []
    assert {"the", "what", "explain"} <= STOP_WORDS


def test_repeats_are_kept_in_order():
    assert terms("tax rate tax") == ["tax", "rate", "tax"]


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.characters(exclude_categories=())))
def test_terms_are_never_blank_and_always_the_same(text):
    found = terms(text)
    assert all(term.strip() for term in found)
    assert terms(text) == found
    assert all(len(word) > 1 for word in words(text))


@given(text=st.text(st.sampled_from("abc DEF 123,.'")))
def test_letter_case_does_not_matter(text):
    assert terms(text.upper()) == terms(text.lower())


def test_words_are_long_ones_as_they_stand():
    assert words("The rates of 2022 rose, the rate fell") == {"the", "rates", "rose", "rate", "fell"}
    assert words("有效税率 प्रतिशत") == {"有效", "效税", "税率", "प्रतिशत"}


def test_threads_stem_alike():
    texts = [f"companies{letter} reported growing revenues{letter}" for letter in "abcdefgh"] * 50
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(terms, texts)) == [terms(text) for text in texts]
