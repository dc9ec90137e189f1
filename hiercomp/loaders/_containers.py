"""Zip containers (DOCX, PPTX, EPUB), which are checked for zip bombs and hostile XML before a parser opens them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from hiercomp.errors import DocumentError
from hiercomp.loaders._limits import Limits

# XML allows declarations only before the root element, so only the beginning of a part is searched for them.
_PROLOGUE_BYTES = 65_536
_SMALL_BYTES = 10_000_000
_XML_SUFFIXES = (".xml", ".rels", ".opf", ".ncx", ".xhtml")


def check_container(path: str, source: str, limits: Limits) -> None:
    """Check that a container is safe to open.

    Raises:
        DocumentError: the container is damaged or encrypted, exceeds a limit when unpacked, or defines XML entities.
    """
    with open_container(path, source) as archive:
        entries = archive.infolist()
        packed = sum(entry.compress_size for entry in entries)
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > limits.unpacked_bytes:
            raise DocumentError(
                f"{source}: it unpacks to {unpacked / 1e6:,.0f} MB, more than the limit of "
                f"{limits.unpacked_bytes / 1e6:,.0f} MB; split the file"
            )
        # A small regular file can reach any ratio and is harmless, so the ratio counts only for large output.
        if unpacked > _SMALL_BYTES and unpacked > limits.unpacked_ratio * max(packed, 1):
            raise DocumentError(
                f"{source}: it unpacks to {unpacked / max(packed, 1):,.0f} times its size, more than the limit of "
                f"{limits.unpacked_ratio:,}; it may be a zip bomb, so check where it comes from"
            )
        for entry in entries:
            if entry.flag_bits & 1:
                raise DocumentError(f"{source}: it is encrypted; save it without a password")
            if entry.filename.lower().endswith(_XML_SUFFIXES):
                _check_xml(archive, entry, source)


def _check_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: str) -> None:
    try:
        with archive.open(entry) as stream:
            prologue = stream.read(_PROLOGUE_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return  # No parser can read a damaged part either. A parser that needs it reports it.
    if b"<!ENTITY" in prologue or "<!ENTITY".encode("utf-16-le") in prologue:
        raise DocumentError(
            f"{source}: its part {entry.filename} defines XML entities, which are refused as unsafe; save the file anew"
        )


@contextmanager
def open_container(path: str, source: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive. Damage that is found while it is open is raised as a `DocumentError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, ValueError, OSError) as error:
        raise DocumentError(f"{source}: the file is damaged ({error}); get it again") from error
