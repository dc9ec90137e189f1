"""Files to documents, one module a format."""

from __future__ import annotations

from hiercomp.loaders._expand import expand
from hiercomp.loaders._limits import Limits
from hiercomp.loaders._load import load, load_bytes, package_of
from hiercomp.loaders._pages import select_pages

__all__ = ["Limits", "expand", "load", "load_bytes", "package_of", "select_pages"]
