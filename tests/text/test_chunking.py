import time
from itertools import pairwise

import pytest
from documents import document_of, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.text.chunking import (
    ENTRY_SIZE,
    PASSAGE_SIZE,
    ROW_SIZE,
    SENTENCE_SIZE,
    TINY,
    passages,
    units,
    weighted_bytes,
)
from hiercomp.types import Document, Heading, Page, Span


def plain(text):
    return Document(text, "notes.txt", "")


def texts(document):
    return [unit.of(document.text) for unit in units(document)]


def seconds(text):
    started = time.thread_time()
    found = passages(plain(text))
    return time.thread_time() - started, found


def assert_lossless(document):
    """Units do not overlap, have only empty cells around them, and hold all text that is not furniture."""
    found = units(document)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(unit.of(document.text).strip("\t") == unit.of(document.text).strip() != "" for unit in found)
    shown = {place for unit in found for place in range(unit.start, unit.end)}
    shown |= {place for span in document.furniture for place in range(span.start, span.end)}
    assert all(place in shown or letter.isspace() for place, letter in enumerate(document.text))


@settings(deadline=None, max_examples=60)
@given(document=documents())
def test_units_are_lossless_and_cross_no_page_heading_or_furniture(document):
    assert_lossless(document)
    lines = [heading.span for heading in document.headings if len(heading.span)]
    borders = {page.span.start for page in document.pages}
    borders |= {place for heading in document.headings for place in (heading.span.start, heading.span.end)}
    for unit in units(document):
        assert not any(unit.start < border < unit.end for border in borders)
        assert not any(unit.start < span.end and span.start < unit.end for span in document.furniture)
    assert set(lines) <= set(units(document))


@settings(deadline=None, max_examples=60)
@given(document=documents())
def test_passages_tile_the_text_and_hold_the_units_in_order(document):
    found = passages(document)
    assert [span.start for span, _ in found] == [0, *(span.end for span, _ in found[:-1])]
    assert found[-1][0].end == len(document.text)
    assert [unit for _, inside in found for unit in inside] == units(document)
    for span, inside in found:
        assert all(span.start <= unit.start and unit.end <= span.end for unit in inside)


@settings(deadline=None, max_examples=60)
@given(document=documents())
def test_a_passage_lies_on_one_page_under_one_heading(document):
    starts = [heading.span.start for heading in document.headings]
    for span, inside in passages(document):
        places = {document.page_at(unit.start) for unit in inside}
        assert places <= {document.page_at(span.start)}
        for unit in inside[1:]:
            assert not any(inside[0].start < start <= unit.start for start in starts)


@settings(deadline=None, max_examples=60)
@given(text=st.text(st.characters(exclude_categories=()), max_size=3000))
def test_any_text_is_cut_without_loss(text):
    document = plain(text)
    assert_lossless(document)
    assert "".join(span.of(text) for span, _ in passages(document)) == text


@settings(deadline=None, max_examples=60)
@given(document=documents())
def test_passages_are_filled_to_their_size_and_not_beyond(document):
    for (_, before), (span, after) in pairwise(passages(document)):
        weights = [weighted_bytes(unit.of(document.text)) for unit in before]
        assert sum(weights) <= PASSAGE_SIZE or len(before) == 1
        same_page = document.page_at(span.start) == document.page_at(before[0].start) if before else False
        starts = [heading.span.start for heading in document.headings]
        apart = any(before[-1].start < start <= after[0].start for start in starts) if before else True
        if same_page and not apart:
            assert sum(weights) + weighted_bytes(after[0].of(document.text)) > PASSAGE_SIZE


def test_a_row_with_a_tab_is_one_unit_whatever_it_holds():
    row = "Income taxes. See Note 4. Paid\t310\t287"
    assert texts(plain(f"{row}\nTotal\t1\t2\n")) == [row, "Total\t1\t2"]


def test_rows_between_pipes_and_rows_set_off_by_spaces_are_units():
    rows = ["| Paid. In full. | 310 |", "Income taxes   310   287"]
    assert texts(plain("\n".join(rows))) == rows


def test_a_tab_that_indents_prose_makes_no_row():
    assert texts(plain("\tThe first sentence stands here, indented. The second one stands here as well.")) == [
        "The first sentence stands here, indented.",
        "The second one stands here as well.",
    ]


def test_prose_wrapped_at_a_width_is_joined_to_sentences():
    text = (
        "The company reported an effective tax rate of four percent, which\n"
        "compares with fifteen percent a year ago. The change is explained\n"
        "by the release of a valuation allowance in the second quarter.\n"
    )
    assert texts(plain(text)) == [
        "The company reported an effective tax rate of four percent, which\ncompares with fifteen percent a year ago.",
        "The change is explained\nby the release of a valuation allowance in the second quarter.",
    ]


def test_lines_too_narrow_for_wrapped_prose_do_not_run_on():
    lines = [f"{name} of the {place}, p." for name in ("The anatomy", "The history") for place in ("north", "south")]
    found = texts(plain("\n".join(f"{line}\n{line}" for line in lines)))
    assert max(map(len, lines)) < 30
    assert found == [f"{line}\n{line}" for line in lines]


def test_a_short_line_ends_a_paragraph_without_a_full_stop():
    text = (
        "The company reported an effective tax rate of four percent, which\n"
        "compares with fifteen percent, and with fourteen before that one\n"
        "see the notes to the financial statements\n"
        "\n"
        "Valuation allowances were released in the second quarter as planned\n"
    )
    found = texts(plain(text))
    assert len(found) == 2
    assert found[0].endswith("see the notes to the financial statements")


def test_list_items_stand_alone_though_the_lines_before_them_are_full():
    lines = [
        f"{mark} the lender may call in the whole loan at any time that it sees fit" for mark in ("(a)", "2.", "•")
    ]
    assert texts(plain("\n".join(lines))) == lines


def test_tiny_units_join_what_follows_and_the_last_one_stays():
    text = "Yes. No. The rate was fourteen percent in the year that ended.\nAye."
    assert texts(plain(text)) == ["Yes. No. The rate was fourteen percent in the year that ended.", "Aye."]
    assert weighted_bytes("Yes. No.") < TINY


def test_tiny_units_do_not_join_across_a_row_or_a_heading():
    document = document_of("Yes.\na\tb\nNo.\n# Item 1\nMaybe.\n")
    assert texts(document) == ["Yes.", "a\tb", "No.", "Item 1", "Maybe."]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("公司的有效税率为百分之四点二，低于去年。下降的原因是释放了估值准备金的余额！", "。！"),
        ("実効税率は四・二パーセントで、前年より低い数字です。理由は注記四に書いてあります。", "。。"),
        ("ما هو معدل الضريبة الفعلي في السنة المالية؟ لم تذكر الشركة ذلك في التقرير السنوي۔", "؟۔"),
        ("वित्तीय वर्ष में प्रभावी कर की दर चार प्रतिशत थी। कंपनी ने कारण नहीं बताया है॥", "।॥"),
    ],
)
def test_sentences_end_in_other_scripts(text, ends):
    found = texts(plain(text))
    assert "".join(unit[-1] for unit in found) == ends
    assert len(found) == 2


def test_closing_quotes_and_repeated_marks_stay_with_their_sentence():
    text = "他说：“公司的有效税率为百分之四点二，低于去年的数字。”然后他问我们：“为什么会这样下降呢，请解释！？”"
    assert texts(plain(text)) == [
        "他说：“公司的有效税率为百分之四点二，低于去年的数字。”",
        "然后他问我们：“为什么会这样下降呢，请解释！？”",
    ]


def test_line_ends_of_windows_and_form_feeds_part_like_others():
    sentence = "The effective tax rate was fourteen percent in the year."
    found = texts(plain(f"{sentence}\r\n\r\n{sentence}\f{sentence}\r\nTotal\t1\r\n"))
    assert found[-1] == "Total\t1"
    assert all("\n" not in unit for unit in found)
    assert sum(unit.count(sentence) for unit in found) == 3


def test_a_long_stretch_without_an_end_is_cut_between_words():
    text = "word " * 1000
    found = texts(plain(text))
    assert all(weighted_bytes(unit) <= SENTENCE_SIZE and set(unit.split()) == {"word"} for unit in found)
    # 1200 bytes hold 240 times "word ", and 1000 / 240 is a little more than 4.
    assert len(found) == 5


def test_a_long_stretch_of_lines_is_cut_at_a_line_end():
    line = "a line of prose that fills its width but never ends, so that nothing parts it"
    found = texts(plain(f"{line}\n" * 100))
    assert len(found) > 1
    assert all(set(unit.split("\n")) == {line} for unit in found)


def test_one_word_longer_than_all_limits_is_cut_anywhere():
    found = texts(plain("x" * 3000))
    assert [len(unit) for unit in found] == [1200, 1200, 600]
    # A Han character takes three bytes, so 1200 bytes hold 400.
    assert [len(unit) for unit in texts(plain("字" * 1000))] == [400, 400, 200]


def test_only_a_huge_row_is_cut():
    row = "cell " * 1000 + "\tend"  # a blank before the tab
    assert weighted_bytes(row) < ROW_SIZE
    assert texts(plain(row)) == [row]
    assert all(weighted_bytes(unit) <= ROW_SIZE for unit in texts(plain(row * 10)))


def test_a_unit_is_measured_in_bytes():
    assert weighted_bytes("abc") == 3
    assert weighted_bytes("字é\ud800") == 3 + 2 + 3


def test_furniture_is_in_no_unit_but_in_a_passage():
    document = document_of("~Report 2022\nThe rate was 14 percent.\n~Page 1\n", "~Report 2022\nIt fell.\n~Page 2\n")
    assert texts(document) == ["The rate was 14 percent.", "It fell."]
    assert [span.of(document.text) for span, _ in passages(document)] == [
        "Report 2022\nThe rate was 14 percent.\nPage 1\n",
        "Report 2022\nIt fell.\nPage 2\n",
    ]


def test_pages_without_text_go_with_the_passage_before_them():
    document = document_of("~Cover\n", "First words stand here.\n", "~Blank\n", "~Blank\n", "# Last\nLast words.\n")
    found = [(document.page_at(span.start), len(inside)) for span, inside in passages(document)]
    assert found == [(1, 0), (2, 1), (5, 2)]


def test_a_document_of_white_space_is_one_passage_without_units():
    assert passages(plain(" \n\f")) == [(Span(0, 3), ())]
    assert passages(plain("")) == [(Span(0, 0), ())]


def test_several_marks_at_one_place_break_once():
    heading = Heading("Part I", 1, Span(6, 6))
    document = Document("Before\nAfter", "a", "", (Page(1, Span(0, 6)), Page(2, Span(6, 12))), (heading,))
    assert [span for span, _ in passages(document)] == [Span(0, 6), Span(6, 12)]


@pytest.mark.parametrize(
    "sentence", ["The rate was 14 percent of it all. ", "word ", "x", "税率为百分之十四。", "a   ", "Yes. ", "a\tb\n"]
)
@pytest.mark.timing
def test_time_grows_with_the_length_of_the_text(sentence):
    short = sentence * (10_000 // len(sentence))
    # The best of three counts, because another process may delay one.
    first = min(seconds(short)[0] for _ in range(3))
    second = min(seconds(short * 4)[0] for _ in range(3))
    assert second < 4 * 3 * first + 0.3


@pytest.mark.timing
def test_ten_megabytes_on_one_line_take_seconds():
    taken, found = seconds("wordy " * 1_700_000)
    assert taken < 30
    assert sum(len(span) for span, _ in found) == 10_200_000


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ما هو معدل الضريبة الفعلي الذي سجلته الشركة؟", "بلغ المعدل أربعة عشر في المائة هذا العام؟"),
        ("इस वर्ष कंपनी की प्रभावी कर दर कितनी रही थी।", "यह इस वर्ष चौदह प्रतिशत थी।"),
        ("“इस वर्ष कंपनी की प्रभावी कर दर कितनी रही थी।”", "यह इस वर्ष चौदह प्रतिशत थी।"),
        ("Ποιος ήταν ο φορολογικός συντελεστής της εταιρείας φέτος;", "Ήταν δεκατέσσερα τοις εκατό."),
        ("ယခုနှစ်တွင် ကုမ္ပဏီ၏ အခွန်နှုန်းသည် မည်မျှရှိသနည်း။", "ယခုနှစ်တွင် ဆယ့်လေးရာခိုင်နှုန်း ရှိသည်။"),
        ("የኩባንያው የግብር መጠን በዚህ ዓመት ከባለፈው ዓመት ጋር ሲነጻጸር ስንት ነበር፧", "በዚህ ዓመት አሥራ አራት በመቶ ነበር።"),
        ("公司的实际税率是多少，与去年相比有何变化？", "今年的税率为百分之十四，去年为百分之十五。"),
    ],
)
def test_sentences_of_other_scripts_end_with_their_own_marks(first, second):
    assert texts(plain(f"{first} {second}")) == [first, second]


def test_a_semicolon_after_a_greek_letter_of_an_english_sentence_ends_nothing():
    text = "The assay measured interferon-γ; interleukin-6 was not measured in this group of patients."
    assert texts(plain(text)) == [text]


def test_thai_clauses_are_joined_until_they_are_as_long_as_a_sentence():
    # A clause has 30 letters. Four of them with their blanks have 124 characters, three have 93.
    clause = "บริษัทรายงานรายได้ลดลงในปีนี้ก"
    assert len(clause) == 30
    assert texts(plain(" ".join([clause] * 9))) == [" ".join([clause] * 4), " ".join([clause] * 4), clause]


def test_thai_is_not_parted_from_its_figures():
    text = " ".join(["ในปี 2022 บริษัทมีรายได้ 711,988 บาท"] * 8)
    assert all(not unit.startswith(("2022", "711")) and not unit.endswith("ปี") for unit in texts(plain(text)))
    # A sentence has 36 characters. Three of them with their blanks have 111.
    assert len(texts(plain(text))) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate", 4),
        ("税率", 6),
        ("“é” – ∑", 3 + 2 + 3 + 1 + 3 + 1 + 3),
        ("ставка налога", 13),
        ("ภาษี คือ", 8),
        ("Москва (Moscow)", 15),
        ("Moscow (Москва)", 15),  # of 21 bytes 12 are other letters, more than half
        ("the city of Moscow (Москва)", 21 + 6 * 2),
        ("interferon-γ", 11 + 2),
        ("việc", 1 + 1 + 3 + 1),
        ("\ud800", 3),
    ],
)
def test_a_letter_of_an_alphabet_has_the_size_of_a_latin_one(text, expected):
    assert weighted_bytes(text) == expected


def test_passages_of_other_alphabets_hold_as_many_letters_as_english_ones():
    # 16 sentences of 50 letters and blanks have 800 characters.
    for sentence in (
        "The company has an income of about one million. ",
        "Компания имеет доход около одного миллиона рублей. ",
        "कंपनी की आय इस वर्ष लगभग दस लाख रुपये रही है अब तक। ",
    ):
        inside = passages(plain(sentence * 60))[0][1]
        assert 15 <= len(inside) <= 17


def test_the_empty_cells_of_a_row_stay_in_its_unit():
    text = "Losses:\n\t2022\t2025\nOslo\t\t7.5\nBergen\t6.1\t\n"
    assert texts(plain(text)) == ["Losses:", "\t2022\t2025", "Oslo\t\t7.5", "Bergen\t6.1\t"]
    assert texts(plain("a\tb\n\t \nc\td\n")) == ["a\tb", "c\td"]


def test_records_are_units_of_their_own_though_they_fill_the_width():
    lines = [f"2025-06-01T00:0{n}:00Z INFO worker-{n} request id={n} took=574ms status=200" for n in range(9)]
    assert texts(plain("\n".join(lines))) == lines


def test_the_lines_below_a_record_belong_to_it():
    trace = "2025-06-01T00:00:01Z ERROR It failed. Try again.\nTraceback of the call:\n- in main"
    text = f"2025-06-01T00:00:00Z INFO ready\n{trace}\n\nThe end of the log is here, and it is a sentence."
    assert texts(plain(text)) == [
        "2025-06-01T00:00:00Z INFO ready",
        trace,
        "The end of the log is here, and it is a sentence.",
    ]


def test_a_record_takes_no_more_lines_than_a_sentence_has_room_for():
    line = "a line of words that follows the record and goes on and on"
    found = texts(plain("2025-06-01T00:00:00Z INFO ready\n" + f"{line}\n" * 40))
    assert found[0].startswith("2025-06-01")
    assert len(found[0]) <= SENTENCE_SIZE
    assert len(found) > 1


def test_a_long_record_of_one_line_stays_whole():
    record = '{"id": "A10237", "note": "' + "It was paid. " * 200 + '"}'
    assert SENTENCE_SIZE < len(record) < ROW_SIZE
    assert texts(plain(f"{record}\n{record}")) == [record, record]


def test_the_entries_of_a_listing_are_units_and_only_a_long_one_is_parted():
    long = "P-1002 " + "It is a valve of steel. " * 15
    lines = ["P-1000 nylon valve", "P-1001 nylon washer. Not in stock.", long.strip()]
    assert weighted_bytes(long) > ENTRY_SIZE
    found = texts(plain("\n".join(lines)))
    assert found[:2] == lines[:2]
    assert found[2].startswith("P-1002 It is a valve of steel.")
    assert len(found) > 3


@pytest.mark.parametrize("crumb", ["[72]", "[72] [73]", "41", "•", "* * *"])
def test_a_crumb_is_no_unit_of_its_own(crumb):
    sentence = "The rate was fourteen percent in the year that ended."
    assert texts(plain(f"{sentence}\n\n{crumb}\n")) == [f"{sentence}\n\n{crumb}"]
    assert len(texts(plain(f"{sentence}\n\n{crumb}\n\n{sentence}"))) == 2


def test_the_mark_of_a_reference_joins_the_sentence_before_it():
    sentence = "The rate was fourteen percent in the year that ended."
    assert texts(plain(f"{sentence}\n\n[72]\n\n{sentence}")) == [f"{sentence}\n\n[72]", sentence]
    assert texts(plain("[72]\n")) == ["[72]"]
