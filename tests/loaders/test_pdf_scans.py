"""The order and the places of words that OCR read, without OCR."""

from __future__ import annotations

from math import cos, radians, sin

import pytest

from hiercomp.loaders._ocr import Piece, Scan
from hiercomp.loaders._pdf_document import page_list
from hiercomp.loaders._pdf_scans import scanned_words

HEIGHT = 24


def piece(text, left, top, confidence=0.99, *, height=HEIGHT, tilt=0.0):
    """Return a piece whose characters are 10 pixels wide."""
    width = 10 * len(text)
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    turned = [(x * cos(tilt) - y * sin(tilt), x * sin(tilt) + y * cos(tilt)) for x, y in corners]
    ends, start = [], 0
    for word in text.split():
        ends.append((word, start / len(text), (start + len(word)) / len(text)))
        start += len(word) + 1
    return Piece(text, tuple(ends), confidence, tuple(turned))


def rows_of(words):
    """Return the text of each stretch of words at one height."""
    rows = {}
    for word in words:
        rows.setdefault(round(word.bottom, 1), []).append(word.text)
    return [" ".join(row) for row in rows.values()]


def scan_of(*pieces):
    return Scan(pieces, 1000, 1400, 0)


def test_words_stand_where_they_are_on_the_page():
    first, second = scanned_words(scan_of(piece("Tax paid", 100, 140)), 500.0)
    assert (first.text, first.left, first.right, first.top) == ("Tax", 50, 65, 630)
    assert (second.text, second.left, second.right, second.bottom) == ("paid", 70, 90, 618)
    assert [(word.begins_line, word.has_space_before) for word in (first, second)] == [(True, True), (False, True)]


def test_cells_of_a_row_follow_each_other_though_the_page_is_tilted():
    tilt = radians(1.5)
    cells = [
        piece(f"{row}{column}", 100 + 300 * column, 100 + 40 * row, tilt=tilt)
        for row in range(4)
        for column in range(3)
    ]
    heading = piece("A line that is long enough to show how the page is tilted", 100, 300, tilt=tilt)
    words = scanned_words(scan_of(*reversed(cells), heading), 500.0)
    assert [word.text for word in words[:12]] == [f"{row}{column}" for row in range(4) for column in range(3)]


def test_sizes_and_edges_that_differ_by_pixels_are_equal():
    heights = [24, 25, 23, 26, 24, 48]
    pieces = [
        piece("Some words", 100 + index % 3, 100 + 60 * index, height=height) for index, height in enumerate(heights)
    ]
    words = scanned_words(scan_of(*pieces), 500.0)
    sizes = [round(word.top - word.bottom, 2) for word in words if word.text == "Some"]
    assert len(set(sizes[:5])) == 1
    assert sizes[5] == pytest.approx(24)
    assert len({word.left for word in words if word.text == "Some"}) == 1


def test_columns_of_prose_are_read_one_after_the_other():
    left = [piece(f"left column of prose, line {index}", 50, 200 + 40 * index) for index in range(6)]
    right = [piece(f"right column of prose, line {index}", 520, 190 + 40 * index) for index in range(6)]
    title = piece("A title over both of the columns, which is long", 300, 100)
    footer = piece("A footer below both of the columns, which is long", 300, 700)
    words = scanned_words(scan_of(*left, *right, title, footer), 500.0)
    text = " ".join(word.text for word in words)
    order = [
        text.index(line)
        for line in ("A title", "left column of prose, line 5", "right column of prose, line 0", "A footer")
    ]
    assert order == sorted(order)


def test_a_table_with_long_labels_is_read_row_by_row():
    labels = [piece("A label of many words" + " and more" * (index % 3), 50, 200 + 40 * index) for index in range(6)]
    notes = [piece("seen" + " and signed here" * (index % 4), 600, 200 + 40 * index) for index in range(6)]
    words = scanned_words(scan_of(*labels, *notes), 500.0)
    assert [row.endswith("here") or row.endswith("seen") for row in rows_of(words)] == [True] * 6


def test_a_scan_counts_its_doubts():
    scan = scan_of(piece("clear text", 0, 0, 0.98), piece("smeared", 0, 40, 0.7))
    assert scan.unsure == ["smeared"]
    assert scan.confidence == pytest.approx((10 * 0.98 + 7 * 0.7) / 17)
    assert scan.turns == ()
    assert scan_of(piece("upside down", 0, 0, 0.6)).turns == (2,)
    assert scan_of(piece("sideways", 0, 0, height=200)).turns == (1, 3)


def test_page_numbers_are_listed_in_runs():
    assert page_list([3]) == "page 3"
    assert page_list([1, 3, 4, 5, 9]) == "pages 1, 3-5, 9"
