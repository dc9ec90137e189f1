"""Tests of formats in which each record is a line: tables as text, JSON and subtitles."""

from __future__ import annotations

import json

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders import Limits, load
from hiercomp.text.records import is_record


@pytest.fixture
def read(tmp_path):
    def write_and_load(name, content, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(path, **options)

    return write_and_load


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,name,net\n1,Elm Oy,\n2,,4.10\n"),
        ("a.csv", "id;name;net\r\n1;Elm Oy;\r\n2;;4.10\r\n"),
        ("a.tsv", "id\tname\tnet\n1\tElm Oy\t\n2\t\t4.10\n"),
        ("a.psv", "id|name|net\n1|Elm Oy|\n2||4.10"),
        ("a.csv", "sep=;\nid;name;net\n1;Elm Oy;\n2;;4.10\n"),
        ("a.csv", 'id, "name", net\n1, "Elm Oy",\n2, "", 4.10\n'),
        ("a.csv", "\ufeffid,name,net\n1,Elm Oy\n2,,4.10,\n"),
        ("a.csv", "id,name,net\n1,Elm Oy,\n2,,4.10\n".encode("utf-16")),
    ],
)
def test_a_table_has_a_line_for_each_record_and_keeps_empty_cells(read, name, content):
    assert read(name, content).text == "id\tname\tnet\n1\tElm Oy\t\n2\t\t4.10\n"


def test_a_quoted_cell_may_hold_separators_and_line_breaks(read):
    document = read("a.csv", 'id,note\n1,"one, two\nthree ""four"""\n2,"5"" pipe"\n')
    assert document.text == 'id\tnote\n1\tone, two three "four"\n2\t5" pipe\n'
    assert read("b.csv", 'id,note\n1,"a \\"b\\", c"\n').text == 'id\tnote\n1\ta "b", c\n'


def test_a_decimal_comma_is_no_separator(read):
    assert read("a.csv", "id;net\n1;1,50\n2;2,75\n").text == "id\tnet\n1\t1,50\n2\t2,75\n"


def test_lines_above_a_table_are_no_rows(read):
    document = read("a.csv", "Orders of the year\n\nid,net\n1,2\n3,4\n")
    assert document.text == "Orders of the year\n\nid\tnet\n1\t2\n3\t4\n"


def test_a_quote_that_is_never_closed_does_not_swallow_the_table(read):
    rows = "".join(f"{number},x\n" for number in range(500))
    document = read("a.csv", 'id,note\n7,"open\n' + rows)
    assert document.text.count("\n") == 502


def test_a_table_is_told_by_its_content_if_the_suffix_says_nothing(read):
    table = "id,name,net\n" + "".join(f"{number},Elm Oy,4.10\n" for number in range(5))
    assert read("export.txt", table).text.startswith("id\tname\tnet\n0\tElm Oy\t4.10\n")
    prose = "We met, talked, and left.\n" * 5
    assert read("prose.txt", prose).text == prose
    log = "2025-06-01 10:00:00,1,a\n" * 5
    assert read("app.log", log).text == log


def test_a_giant_cell_is_read_and_a_table_over_the_limit_is_refused(read):
    assert len(read("a.csv", "id,note\n1," + "x" * 1_000_000 + "\n").text) > 1_000_000
    with pytest.raises(DocumentError, match="more than the limit of 10"):
        read("a.csv", "id,note\n" + "1,2\n" * 99, limits=Limits(characters=10))
    with pytest.raises(DocumentError, match="only separators"):
        read("a.csv", ",,\n,,\n")


ORDERS = '[{"id":"A1","net":1.10,"to":12345678901234567890,"lines":[{"n":1},{"n":2}]},{"id":"A2","net":1E-7,"to":null}]'


def test_each_element_of_an_array_is_a_line_and_numbers_keep_their_spelling(read):
    records = [
        '{"id": "A1", "net": 1.10, "to": 12345678901234567890, "lines": [{"n": 1}, {"n": 2}]}',
        '{"id": "A2", "net": 1E-7, "to": null}',
    ]
    indented = "[\n  " + ORDERS[1:-1].replace(",", ",\n    ") + "\n]"
    lines = ORDERS[1:-1].replace("},{", "}\n{", 1).replace("]},{", "]}\n{").replace('2}]}\n{"id"', '2}]}\n{"id"')
    for name, text in (("a.json", ORDERS), ("b.json", indented), ("no suffix", ORDERS), ("c.txt", ORDERS)):
        assert read(name, text).text == "\n".join(records) + "\n", name
    first, second = ORDERS[1:-1].split("}]},", 1)
    assert read("a.jsonl", f"{first}}}]}}\n{second}\n").text == "\n".join(records) + "\n"
    assert lines
    assert all(map(is_record, records))


def test_the_records_inside_an_object_have_their_path(read):
    text = '{"firm":"Acme","since":1901,"tags":["a","b"],"rate":{"vat":7.70},"data":[[1,2],[3,4.00]],"orders":' + ORDERS
    lines = read("a.json", text + "}").text.splitlines()
    assert lines == [
        '{"firm": "Acme", "since": 1901, "tags": ["a", "b"]}',
        'rate: {"vat": 7.70}',
        "data[0]: [1, 2]",
        "data[1]: [3, 4.00]",
        'orders[0]: {"id": "A1", "net": 1.10, "to": 12345678901234567890, "lines": [{"n": 1}, {"n": 2}]}',
        'orders[1]: {"id": "A2", "net": 1E-7, "to": null}',
    ]
    assert all(map(is_record, lines))


def test_a_long_record_is_several_lines_that_belong_together_by_their_path(read):
    record = {
        "id": "A1",
        "note": "long text. " * 200,
        "lines": [{"part": f"P-{n}", "text": "x" * 90} for n in range(20)],
    }
    lines = read("a.json", json.dumps([record, {"id": "A2"}])).text.splitlines()
    assert lines[0] == '[0]: {"id": "A1"}'
    assert lines[1:3] == ["[0].note:", "long text. " * 200]
    assert lines[3].startswith('[0].lines[0]: {"part": "P-0"')
    assert lines[-1] == '{"id": "A2"}'


def test_encoded_data_is_left_out_and_named(read):
    document = read("a.json", json.dumps({"name": "logo", "data": "aGVsbG8gd29ybGQ" * 200}))
    assert document.text == '{"name": "logo"}\n'
    assert document.omissions == ("the encoded data of data (3,000 characters)",)


def test_json_that_breaks_off_keeps_its_records_and_other_text_stays_as_it_is(read):
    assert read("a.json", '[{"id":1},{"id":2},{"id"').text == '{"id": 1}\n{"id": 2}\n{"id"\n'
    assert read("a.jsonl", '{"id":1}\nnoise\n{"id":2}\n').text == '{"id": 1}\nnoise\n{"id": 2}\n'
    plain = '// settings\n{"id": 1 /* one */}\nplain words\n'
    assert read("b.json", plain).text == plain
    assert read("c.json", '{"a": "\\ud800"}').text == '{"a": "\ufffd"}\n'


def test_json_that_is_nested_too_deeply_is_refused(read):
    with pytest.raises(DocumentError, match="nested too deeply"):
        read("a.json", "[" * 100_000 + "]" * 100_000)


def test_a_cue_is_a_line_with_its_time_and_speaker(read):
    vtt = (
        "WEBVTT - meeting\n\nNOTE not\nshown\n\nSTYLE\n::cue { color: red }\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start\n<v.loud Ana Berg>We <i>open</i> at &lt;9&gt;\n<v Ben>Yes.\n\n"
        "01:00:02.500 --> 01:00:03.000\n<c.red>Travel</c> costs\n$25,000.\n"
    )
    document = read("call.vtt", vtt)
    assert document.text == "00:00:01 Ana Berg: We open at <9>\n00:00:01 Ben: Yes.\n01:00:02 Travel costs $25,000.\n"
    assert all(map(is_record, document.text.splitlines()))


def test_subtitles_have_no_numbers_of_cues(read):
    srt = (
        "1\r\n00:00:01,000 --> 00:00:02,000\r\nANA: Hello\r\nthere.\r\n\r\n2\r\n00:01:05,000 --> 00:01:06,000\r\n42\r\n"
    )
    expected = "00:00:01 ANA: Hello there.\n00:01:05 42\n"
    assert read("talk.srt", srt).text == read("no suffix", srt).text == expected


def test_captions_that_roll_do_not_repeat(read):
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\none.\n\n00:02.000 --> 00:03.000\none.\ntwo\n"
    assert read("roll.vtt", vtt).text == "00:00:01 one.\n00:00:02 two\n"


def test_a_sentence_that_goes_on_in_the_next_cue_is_one_line(read):
    vtt = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ben>It closes on 30\n\n00:02.000 --> 00:03.000\n<v Ben>September.\n\n"
        "00:03.000 --> 00:04.000\n<v Ana>And\n\n00:04.000 --> 00:05.000\n<v Ben>Then?\n\n"
        "00:05.000 --> 00:06.000\nwe wait\n\n00:06.000 --> 00:07.000\n- No.\n"
    )
    assert read("a.vtt", vtt).text.splitlines() == [
        "00:00:01 Ben: It closes on 30 September.",
        "00:00:03 Ana: And",
        "00:00:04 Ben: Then?",
        "00:00:05 we wait",
        "00:00:06 - No.",
    ]


def test_a_file_without_cues_is_plain_text(read):
    assert read("a.srt", "just prose\n").text == "just prose\n"
