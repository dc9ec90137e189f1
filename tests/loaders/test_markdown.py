from __future__ import annotations

from hiercomp.loaders import load
from hiercomp.loaders.markdown import find_headings


def headings(text):
    return [(heading.depth, heading.title) for heading in find_headings(text)]


def test_atx_and_setext_headings_have_their_depth():
    assert headings("# One #\n\n### *Three* [deep](x)\n\nTwo\n---\n\nTop\n===\n#no space\n") == [
        (1, "One"),
        (3, "Three deep"),
        (2, "Two"),
        (1, "Top"),
    ]


def test_headings_in_code_and_front_matter_are_left_out():
    text = "---\ntitle: x\n---\n# Yes\n```sh\n# no\n~~~\n# no\n```\n    # no\n~~~\n# no\n"
    assert headings(text) == [(1, "Yes")]


def test_a_rule_and_a_list_are_no_setext_headings():
    assert headings("- item\n---\n\n---\n\n| a |\n---\n") == []


def test_spans_point_at_the_lines_of_the_file_as_it_is(tmp_path):
    path = tmp_path / "notes.md"
    path.write_bytes("# Un été\r\n\r\ntext\r\nTwo\r\n---\r\n".encode())
    document = load(path)
    assert document.text == "# Un été\r\n\r\ntext\r\nTwo\r\n---\r\n"
    assert [heading.span.of(document.text) for heading in document.headings] == ["# Un été", "Two\r\n---"]
    assert document.title == "Un été"


def test_many_headings_take_linear_time(tmp_path):
    assert len(headings("# A heading\n\n" * 20_000)) == 20_000
