from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders import Limits, load
from hiercomp.loaders._containers import check_container


def test_a_container_that_unpacks_to_too_much_is_refused(archive):
    path = archive("bomb.docx", {"word/document.xml": b"0" * 20_000_000})
    with pytest.raises(DocumentError, match="it unpacks to 20 MB, more than the limit of 1 MB"):
        check_container(str(path), "bomb.docx", Limits(unpacked_bytes=1_000_000))
    with pytest.raises(DocumentError, match="times its size, more than the limit of 1,000"):
        check_container(str(path), "bomb.docx", Limits())
    with pytest.raises(DocumentError, match="times its size, more than the limit of 1,000"):
        load(path)


def test_xml_entities_are_refused(archive):
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    path = archive("laughs.docx", {"word/document.xml": laughs})
    with pytest.raises(DocumentError, match=r"its part word/document\.xml defines XML entities, which are refused"):
        load(path)


def test_a_container_within_the_limits_passes(archive):
    assert check_container(str(archive("a.docx", {"word/document.xml": "<a/>"})), "a.docx", Limits()) is None


def test_a_damaged_container_is_a_document_error(tmp_path):
    path = tmp_path / "broken.docx"
    path.write_bytes(b"PK\x03\x04 and then word/document.xml is cut")
    with pytest.raises(DocumentError, match=r"broken\.docx: the file is damaged"):
        load(path)
