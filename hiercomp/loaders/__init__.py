"""Loaders: they read files and return documents. Each module holds one format."""

from __future__ import annotations

from hiercomp.loaders._expand import expand
from hiercomp.loaders._limits import Limits
from hiercomp.loaders._load import FAMILY, build, format_of, is_readable, load, load_bytes, package_of
from hiercomp.loaders._ocr import is_installed as has_ocr
from hiercomp.loaders._pages import select_pages

__all__ = [
    "FAMILY",
    "Limits",
    "build",
    "expand",
    "format_of",
    "has_ocr",
    "is_readable",
    "load",
    "load_bytes",
    "package_of",
    "select_pages",
]
