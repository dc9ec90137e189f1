"""Loader of XLSX workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiercomp.loaders._limits import Limits
from hiercomp.loaders._sandbox import SandboxedLoader

if TYPE_CHECKING:
    from hiercomp.ports import Loader


def build(argument: str | None = None, *, limits: Limits | None = None) -> Loader:
    """Return the loader.

    Args:
        argument: a selection of pages. Workbooks have no pages, so loading with one is an error.
        limits: limits on the cost of reading a file.
    """
    return SandboxedLoader("xlsx", argument, limits or Limits())
