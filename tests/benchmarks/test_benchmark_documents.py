"""Documents of any length from the pages of real files."""

from pathlib import Path

import pypdfium2
import pytest

from benchmarks.documents import Material, length_of, replace_words

DEMO = Path(__file__).parents[2] / "data" / "tarnholt_2025_annual_report.pdf"


def texts(path):
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


@pytest.fixture
def material(tmp_path):
    return Material([DEMO, DEMO], tmp_path / "made")


def test_pages_of_files_are_joined_in_their_order(material):
    own = texts(DEMO)
    count = len(own)
    assert material.pages == 2 * count
    assert texts(material.cut(count - 1, 2)) == [own[-1], own[0]]


def test_a_page_that_comes_again_has_its_words_but_no_line_of_it(material):
    (own,) = texts(material.cut(1, 1))
    (again,) = texts(material.cut(material.pages + 1, 1))
    lines = [" ".join(line.split()) for line in own.splitlines() if len(line.split()) > 5]
    assert len(lines) > 5
    assert not [line for line in lines if line in again]
    assert len(set(own.split()) & set(again.split())) > len(set(own.split())) / 2


def test_one_word_of_each_line_is_exchanged_by_hand():
    # Repetition 1: word 1 of line 0 becomes word 0 · 7 + 1 = 1 of the page.
    # Word 0 of line 1 becomes word 7 + 1 = 3 mod 5.
    assert replace_words(["net sales rose", "much again"], 1) == ["net sales1 rose", "much1 again"]
    # After an empty line, the last line is line 2: its word 3 mod 2 = 1 becomes word 2 · 7 + 1 = 0 mod 5.
    assert replace_words(["net sales rose", "", "much again"], 1) == ["net sales1 rose", "", "much net1"]


def test_a_file_is_made_once(material):
    made = material.cut(0, 1)
    before = made.stat().st_mtime_ns
    assert material.cut(0, 1) == made
    assert made.stat().st_mtime_ns == before


def test_what_is_no_pdf_has_no_pages(tmp_path):
    (tmp_path / "text.pdf").write_text("no PDF", encoding="utf-8")
    assert length_of(tmp_path / "text.pdf") == 0
