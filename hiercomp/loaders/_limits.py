"""What reading one file may cost; a file that needs more is refused with the name of the limit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hiercomp.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file: bytes, decompressed bytes and their ratio, pages, memory in bytes, seconds, code points.

    Memory is bounded only where the platform has `resource` (not on Windows); the wall time holds everywhere.
    """

    input_bytes: int = 200 * 1000**2
    unpacked_bytes: int = 1000**3
    unpacked_ratio: int = 1000
    pages: int = 20_000
    memory_bytes: int = 2 * 1024**3
    seconds: float = 120.0
    # 20,000 pages of 5,000 characters: what comes back is held in the parent's memory
    characters: int = 100_000_000


def check_size(path: Path, source: str, limits: Limits) -> None:
    """Raises `DocumentError` when a file is larger than the limit."""
    size, most = path.stat().st_size, limits.input_bytes
    if size > most:
        raise DocumentError(f"{source}: {size / 1e6:,.1f} MB is more than the limit of {most / 1e6:,.1f} MB; split it")
