from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.text.analysis import (
    _ENGLISH,
    _FOREIGN,
    LONGEST_RUN,
    STOP_WORDS,
    analysis_for,
    grams,
    is_english,
    located,
    terms,
    words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The effective tax rates were", ["effect", "tax", "rate"]),
        ("Boeing's", ["boe"]),
        ("dividends’", ["dividend"]),
        ("$1,234.5 million", ["1234.5", "million"]),
        ("12,345,678 and 0.25", ["12345678", "0.25"]),
        ("4120.57,824.13", ["4120.57", "824.13"]),
        ("100,11,39 1,2,3", ["100", "11", "39", "1", "2", "3"]),
        ("12,34,567.5", ["1234567.5"]),
        ("4,2 1.234,56 25.000 1.12.3", ["4.2", "1234.56", "25.000", "1.12.3"]),
        ("٢٠٢٢", ["2022"]),
        ("trea\u00adsurer", ["treasur"]),
        ("\ufefb\u0632\u0645 \u0644\u0640\u0627\u0632\u0645", ["\u0644\u0627\u0632\u0645", "\u0644\u0627\u0632\u0645"]),
        ("the trea-\n  surer", ["trea", "surer", "treasur"]),
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


def test_a_long_run_without_white_space_has_the_terms_of_its_tokens():
    run = "/".join(["effective", "tax", "rate"] * 5)
    assert len(run) > LONGEST_RUN
    assert terms(run) == ["effect", "tax", "rate"] * 5
    assert grams(run) == grams(run.replace("/", " "))


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # A word gets a blank at each end and is cut into runs of four characters.
        ("Steuer", [" ste", "steu", "teue", "euer", "uer "]),
        ("und", [" und", "und "]),
        ("o", [" o "]),
        (
            "l’État Varşova'nın",
            [" l ", " éta", "état", "tat ", " var", "varş", "arşo", "rşov", "şova", "ova ", " nın", "nın "],
        ),
        ("ставка", [" ста", "став", "тавк", "авка", "вка "]),
        ("12,345 € FY2022", ["12345", " fy ", "2022"]),
        ("วอร์ซอว์", ["วอร์", "อร์ซ", "ร์ซอ", "์ซอว", "ซอว์"]),
        ("ปี", ["ปี"]),
        ("有效税率", ["有效", "效税", "税率"]),
        ("?! … ---", []),
    ],
)
def test_grams_of_a_text(text, found):
    assert grams(text) == found


def test_forms_and_compounds_of_a_word_share_grams():
    for first, second in [("Steuerquote", "Steuern"), ("налоговая", "налоги"), ("vergilendirme", "vergisi")]:
        assert set(grams(first)) & set(grams(second))
        assert not set(terms(first)) & set(terms(second))


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.characters(exclude_categories=())))
def test_grams_are_never_blank_and_always_the_same(text):
    found = grams(text)
    assert all(gram.strip() for gram in found)
    assert grams(text) == found


ENGLISH = "The company reported that revenue of the segment fell by four percent, and that of services rose."
OTHERS = [
    "Das Unternehmen meldete, dass der Umsatz des Segments um vier Prozent gefallen ist.",
    "L'entreprise a annoncé que le chiffre d'affaires du segment a baissé de quatre pour cent.",
    "La compañía informó que los ingresos del segmento cayeron un cuatro por ciento.",
    "A empresa informou que a receita do segmento caiu quatro por cento, e a dos serviços não.",
    "L'azienda ha comunicato che i ricavi della divisione sono scesi del quattro per cento.",
    "Het bedrijf meldde dat de omzet van het segment met vier procent is gedaald.",
    "Företaget rapporterade att segmentets intäkter är fyra procent lägre och att det fortsätter.",
    "Compania a raportat că veniturile din segment au scăzut cu patru la sută.",
    "Spółka podała, że przychody segmentu nie spadły o cztery procent, jak się spodziewano.",
    "Şirket, bölümün gelirinin yüzde dört düştüğünü ve bu durumun bir yıl süreceğini bildirdi.",
    "Công ty báo cáo rằng doanh thu của bộ phận đã giảm bốn phần trăm và có thể tiếp tục.",
    "Компания сообщила, что выручка сегмента снизилась на четыре процента.",
    "ذكرت الشركة أن إيرادات القطاع انخفضت بنسبة أربعة في المائة.",
    "公司报告称，该部门的收入下降了百分之四。",
    "บริษัทรายงานว่ารายได้ของส่วนงานลดลงร้อยละสี่",
    "कंपनी ने बताया कि खंड की आय चार प्रतिशत घट गई।",
]


@pytest.mark.parametrize("text", OTHERS)
def test_other_languages_are_told_from_english(text):
    assert not is_english([text])
    assert analysis_for([text, text]) is grams


@pytest.mark.parametrize(
    "texts",
    [
        [ENGLISH],
        [],
        [""],
        ["273,589\t266,412\n"],
        ["Total current assets\t273,589\nInventories\t1,206"],
        [ENGLISH, f"He wrote: “{OTHERS[0][:40]}”"],
        ["The word " + "слово"],
        ["Ripoti hakuna"],
    ],
)
def test_what_is_not_told_from_english_is_analysed_as_english(texts):
    assert is_english(texts)
    assert analysis_for(texts) is terms


def test_the_language_is_that_of_most_texts_and_told_from_their_beginnings():
    assert is_english([ENGLISH, ENGLISH, OTHERS[0]])
    assert not is_english([ENGLISH, *OTHERS[:3]])
    assert is_english([ENGLISH * 3 + OTHERS[11] * 99])


def test_no_function_word_tells_two_ways():
    assert not _ENGLISH & _FOREIGN
    assert not STOP_WORDS & _FOREIGN


def test_words_and_numbers_are_located_where_they_stand():
    text = "Boeing's $1,234.5 m, \u7a0e\u7387"
    assert [text[start:end] for start, end in located(text)] == ["Boeing's", "1,234.5", "m", "\u7a0e\u7387"]
    assert list(located("ab cd")) == [(0, 2), (3, 5)]
    assert list(located("?! _")) == []
