from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders._detect import detect


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"%PDF-1.7\n...", "pdf"),
        ("a.pdf", b"junk before it\n%PDF-1.4\n...", "pdf"),
        ("a.pdf", b"<!-- note --><!DOCTYPE html><p>x", "html"),
        ("a.html", b"<div>part of a page</div>", "html"),
        ("README.md", b"<div align=center>\n\n# Title\n", "markdown"),
        ("notes.md", b"no marks at all", "markdown"),
        ("notes.txt", b"# Title\n\n- a\n- b\n", "text"),
        ("run.py", b"# a comment\n# another\n- 1\n", "text"),
        ("stdin", b"# Title\n\nSee [this](http://a.b).\n", "markdown"),
        ("stdin", b"#!/bin/sh\n# Title\n> out\n", "text"),
        ("stdin", b"a line\n", "text"),
        ("a.TSV", b"a\tb\n", "csv"),
        ("a.csv", b"<html><p>Login required.", "html"),
        ("a.jsonl", b'{"a": 1}\n', "json"),
        ("app.log", b'{"time": 1}\n', "json"),
        ("app.log", b"[info] started\n", "text"),
        ("stdin", b'[{"a": 1}]', "json"),
        ("stdin", b'{"cells": [], "nbformat": 4}', "notebook"),
        ("a.vtt", b"WEBVTT\n", "subtitles"),
        ("stdin", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n", "subtitles"),
        ("stdin", b"Received: x\n y\nFrom: a@b.c\nDate: today\nSubject: x\n\nText", "mail"),
        ("stdin", b"From: Ann\nSent: today\nSubject: a printed mail\n\nText", "text"),
        ("stdin", b"From a@b.c Mon\nFrom: a@b.c\nMessage-ID: 1\nDate: today\n\nText", "mail"),
        ("stdin", b"% note\n\\documentclass{article}\n", "latex"),
        ("a.tex", b"\\section{One}", "latex"),
        ("a.rst", b"Title\n=====\n", "rst"),
        ("stdin", b"id,name,net\n" + b"1,Elm,4.10\n" * 5, "csv"),
        ("stdin", b"# Prices\n\n" + b"| a | b | c |\n" * 5, "markdown"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook\0".encode("utf-16-le"), "xls"),
    ],
)
def test_the_kind_is_found_by_content_and_ties_are_broken_by_name(tmp_path, name, content, kind):
    path = tmp_path / name
    path.write_bytes(content)
    assert detect(path, name) == kind


def test_containers_are_told_apart_by_their_parts(archive):
    assert detect(archive("a.zip", {"word/document.xml": "<a/>"}), "a") == "docx"
    assert detect(archive("b.zip", {"ppt/presentation.xml": "<a/>"}), "b") == "pptx"
    assert detect(archive("c.zip", {"META-INF/container.xml": "<a/>"}), "c") == "epub"
    assert detect(archive("d.zip", {"xl/workbook.xml": "<a/>"}), "d") == "xlsx"
    assert detect(archive("d.zip", {"xl/workbook.bin": "noise"}), "d") == "xls"
    assert detect(archive("d.zip", {"content.xml": "<a/>", "META-INF/manifest.xml": "<a/>"}), "d") == "odf"
    with pytest.raises(DocumentError, match="a zip archive that is no DOCX"):
        detect(archive("e.docx", {"photo.jpg": "x"}), "e")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image"),
        (b"II*\0" + bytes(20), "image"),
        (b"MM\0*" + bytes(20), "image"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image"),
        (b"BM\x9a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0" + bytes(20), "image"),
        (b"BM is short for bench mark, and this is a text.", "text"),
        (b"II* is a grade, and this is a text.", "text"),
    ],
)
def test_images_are_known_by_their_first_bytes(tmp_path, content, kind):
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    assert detect(path, "file.txt") == kind


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02 noise", "binary data in no known format"),
        (b"{\\rtf1 text}", "an RTF file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or password-protected Office file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a password-protected Office file",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version".encode("utf-16-le"), r"save it as \.eml"),
    ],
)
def test_what_no_loader_reads_is_named(tmp_path, content, message):
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=message) as error:
        detect(path, "file.txt")
    assert str(error.value).startswith("file.txt: ")
