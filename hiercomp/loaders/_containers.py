"""Zip containers, checked before a parser opens them: bombs and hostile XML are refused."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from hiercomp.errors import DocumentError
from hiercomp.loaders._limits import Limits

# Declarations stand before the root element; what is further on is an element's text.
_PROLOGUE_BYTES = 65_536
_SMALL_BYTES = 10_000_000
_XML = (".xml", ".rels", ".opf", ".ncx", ".xhtml")


def check_container(path: str, source: str, limits: Limits) -> None:
    """Refuses a container that is damaged, encrypted, or would unpack to more than the limits.

    Raises:
        DocumentError: it must not be opened; the message names the limit.
    """
    with open_container(path, source) as archive:
        entries = archive.infolist()
        packed = sum(entry.compress_size for entry in entries)
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > limits.unpacked_bytes:
            raise DocumentError(
                f"{source}: it unpacks to {unpacked / 1e6:,.0f} MB, more than the limit of "
                f"{limits.unpacked_bytes / 1e6:,.0f} MB"
            )
        # a small file may be very regular; a ratio is a bomb's only where it makes something large
        if unpacked > _SMALL_BYTES and unpacked > limits.unpacked_ratio * max(packed, 1):
            raise DocumentError(
                f"{source}: it unpacks to {unpacked / max(packed, 1):,.0f} times its size, more than the limit of "
                f"{limits.unpacked_ratio:,}"
            )
        for entry in entries:
            if entry.flag_bits & 1:
                raise DocumentError(f"{source}: it is encrypted; save it without a password")
            if entry.filename.lower().endswith(_XML):
                _check_xml(archive, entry, source)


def _check_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: str) -> None:
    with archive.open(entry) as stream:
        prologue = stream.read(_PROLOGUE_BYTES)
    if b"<!ENTITY" in prologue or "<!ENTITY".encode("utf-16-le") in prologue:
        raise DocumentError(f"{source}: its part {entry.filename} defines XML entities, which are refused")


@contextmanager
def open_container(path: str, source: str) -> Iterator[zipfile.ZipFile]:
    """The open archive; damage found while it is read is a `DocumentError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, ValueError, OSError) as error:
        raise DocumentError(f"{source}: the file is damaged ({error}); get it again") from error
