"""The contract of all loaders, for any content of a file. `tests/loaders/` tests each loader with its own format."""

import random

import pytest

from hiercomp import registry
from hiercomp.errors import ConfigError, DocumentError
from hiercomp.loaders import FAMILY, Limits, build
from hiercomp.registry import names

HOSTILE = {
    "white": b" \r\n\t\n",
    "random": random.Random(1).randbytes(20_000),
    "text": "The rate was 14 %.\r\n\x00税率\ud7ff 👩‍👩‍👧‍👦 <b>&amp; ".encode() * 50,
    "cues": b"1\n00:00:01,000 --> 00:00:02,000\nThe rate was 14 %.\n\n2\n99:99:99,000 --> x\n\xff\n",
}


def _read(name, path, **options):
    """Return the document, or the message of the error."""
    try:
        return build(name, **options).load(path, source="shown.name")
    except DocumentError as error:
        return str(error)


@pytest.mark.parametrize("name", names(FAMILY))
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


@pytest.mark.parametrize("name", names(FAMILY))
def test_the_same_bytes_are_the_same_document(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(HOSTILE["cues"])
    assert _read(name, path) == _read(name, path)


@pytest.mark.parametrize("name", names(FAMILY))
def test_a_file_over_the_limit_is_refused(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(HOSTILE["cues"])
    assert "shown.name: " in str(_read(name, path, limits=Limits(input_bytes=9)))


@pytest.mark.parametrize("name", names(FAMILY))
def test_pages_that_cannot_be_read_are_refused(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(HOSTILE["cues"])
    with pytest.raises((ConfigError, DocumentError)):
        build(name, pages="nonsense").load(path, source="shown.name")


@pytest.mark.parametrize("name", names(FAMILY))
def test_an_option_that_no_loader_has_is_refused(name):
    with pytest.raises(ConfigError, match=f"'{name}' of loaders cannot be built: .*'pagse'"):
        registry.build(FAMILY, name, pagse="3")
