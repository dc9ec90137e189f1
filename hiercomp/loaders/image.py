"""Loader of images, such as scans and screenshots, by OCR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiercomp.loaders._limits import Limits
from hiercomp.loaders._sandbox import SandboxedLoader

if TYPE_CHECKING:
    from hiercomp.ports import Loader


def build(argument: str | None = None, *, limits: Limits | None = None) -> Loader:
    """Return the loader.

    Args:
        argument: a selection of pages such as "3-9,12". An image file has one page for each image in it.
        limits: limits on the cost of reading a file.
    """
    return SandboxedLoader("image", argument, limits or Limits())
