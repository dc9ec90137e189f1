from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders import Limits, load
from hiercomp.types import Span


def write(tmp_path, content):
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"one\r\ntwo\n", "one\r\ntwo\n"),
        (b"\xef\xbb\xbfwith a mark", "with a mark"),
        ("Ответ: сорок два".encode("utf-16"), "Ответ: сорок два"),
        ("\U0001d11e".encode("utf-16-be").join([b"\xfe\xff", b""]), "\U0001d11e"),
        (b"Caf\xe9 na\xefve r\xe9sum\xe9", "Café naïve résumé"),
        (
            "名前,年齢,住所\r\n佐藤太郎,30,東京\r\n三木英子,25,大阪\r\n".encode("shift-jis"),
            "名前,年齢,住所\r\n佐藤太郎,30,東京\r\n三木英子,25,大阪\r\n",
        ),
    ],
)
def test_the_text_is_the_file_as_decoded(tmp_path, content, text):
    assert load(write(tmp_path, content)).text == text


def test_half_a_surrogate_pair_becomes_a_replacement_character(tmp_path):
    assert load(write(tmp_path, b"\xff\xfea\0\x00\xd8b\0")).text == "a\ufffdb"


def test_form_feeds_end_pages(tmp_path):
    document = load(write(tmp_path, b"one\n\x0ctwo\x0cthree\x0c"))
    assert [(page.number, page.span) for page in document.pages] == [
        (1, Span(0, 5)),  # "one\n\f"
        (2, Span(5, 9)),  # "two\f"
        (3, Span(9, 15)),  # "three\f"
    ]
    assert load(write(tmp_path, b"one\x0ctwo\x0cthree"), pages="1,3").text == "one\x0cthree"
    assert load(write(tmp_path, b"no pages")).pages == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\0\1\2 data", "binary data"), (b" \n\t ", "no text, only white space"), (b"", "the file is empty")],
)
def test_a_file_without_text_is_an_error(tmp_path, content, message):
    with pytest.raises(DocumentError, match=message):
        load(write(tmp_path, content))


def test_binary_data_is_refused_where_the_user_says_it_is_text(tmp_path):
    with pytest.raises(DocumentError, match="binary data, not text"):
        load(write(tmp_path, b"\0\1\2 data"), kind="text")


def test_a_file_over_the_limit_is_refused(tmp_path):
    with pytest.raises(DocumentError, match=r"more than the limit of 0\.0 MB"):
        load(write(tmp_path, b"too much"), limits=Limits(input_bytes=4))


def test_the_title_is_the_first_line_or_the_name(tmp_path):
    assert load(write(tmp_path, b"\n The year \nmore")).title == "The year"
    assert load(write(tmp_path, b"{\n1 2 3")).title == "file"
