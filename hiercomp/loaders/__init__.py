"""Loaders: they read files and return documents. Each module holds one format."""

from __future__ import annotations

from hiercomp.loaders._expand import expand
from hiercomp.loaders._limits import Limits
from hiercomp.loaders._load import FAMILY, build, load, load_bytes, package_of
from hiercomp.loaders._pages import select_pages

__all__ = ["FAMILY", "Limits", "build", "expand", "load", "load_bytes", "package_of", "select_pages"]
