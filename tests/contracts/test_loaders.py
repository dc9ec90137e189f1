"""What every loader must do with whatever a file holds; `tests/loaders/` has what each does with its own format."""

import random

import pytest

from hiercomp.errors import ConfigError, DocumentError
from hiercomp.loaders import Limits
from hiercomp.registry import builder, names

HOSTILE = {
    "white": b" \r\n\t\n",
    "random": random.Random(1).randbytes(20_000),
    "text": "The rate was 14 %.\r\n\x00税率\ud7ff 👩‍👩‍👧‍👦 <b>&amp; ".encode() * 50,
    "cues": b"1\n00:00:01,000 --> 00:00:02,000\nThe rate was 14 %.\n\n2\n99:99:99,000 --> x\n\xff\n",
}


def _read(name, path, **options):
    """A document, or the message of the refusal."""
    try:
        return builder("loaders", name)(None, **options).load(path, source="shown.name")
    except DocumentError as error:
        return str(error)


@pytest.mark.parametrize("name", names("loaders"))
def test_any_bytes_are_a_document_or_are_refused_with_its_name(name, tmp_path):
    for kind, data in HOSTILE.items():
        path = tmp_path / kind
        path.write_bytes(data)
        read = _read(name, path)
        if isinstance(read, str):
            assert read.startswith("shown.name: ")
            assert "\n" not in read
            continue
        assert read.source == "shown.name"
        assert read.text.strip()
        assert read.text.encode("utf-8").decode("utf-8") == read.text
        places = [heading.span.start for heading in read.headings]
        assert places == sorted(places)
        assert all(span.end <= len(read.text) for span in (*read.furniture, *(each.span for each in read.headings)))


@pytest.mark.parametrize("name", names("loaders"))
def test_the_same_bytes_are_the_same_document(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(HOSTILE["cues"])
    assert _read(name, path) == _read(name, path)


@pytest.mark.parametrize("name", names("loaders"))
def test_a_file_over_the_limit_is_refused(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(HOSTILE["cues"])
    assert "shown.name: " in str(_read(name, path, limits=Limits(input_bytes=9)))


@pytest.mark.parametrize("name", names("loaders"))
def test_pages_that_cannot_be_read_are_refused(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(HOSTILE["cues"])
    with pytest.raises((ConfigError, DocumentError)):
        builder("loaders", name)("nonsense").load(path, source="shown.name")
