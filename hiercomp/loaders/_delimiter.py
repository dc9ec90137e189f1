"""The character that separates the cells of a table that is written as text."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import NamedTuple

_CHARACTERS = ("\t", ";", "|", ",")
"""The characters that may separate cells. The first one wins if several fit equally well."""


class Delimiter(NamedTuple):
    """A character that separates cells, the number of cells that most records have, and their share."""

    character: str
    cells: int
    share: float


def delimiter_of(sample: str) -> Delimiter:
    """Return the character that separates the cells in most records of a text. It is a comma if none does."""
    best = Delimiter(",", 1, 0.0)
    for character in _CHARACTERS:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=character)
        counts = Counter(len(row) for row in rows if row)
        cells, count = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        share = count / max(counts.total(), 1)
        if cells > 1 and share > best.share:
            best = Delimiter(character, cells, share)
    return best
