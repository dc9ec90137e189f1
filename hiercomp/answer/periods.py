"""The periods of the figures of a claim: a figure under the head of another year does not support it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hiercomp.answer.claims import Claim
from hiercomp.text.rows import cells, names_periods, years


def is_of_other_years(claim_text: str, texts: Sequence[str]) -> bool:
    """Return whether all figures of a claim that stand in tables stand under the heads of other years.

    A claim such as "The loss of Oslo in 2022 was 7.5 %" is of another year if 7.5 only stands in the column of 2025.
    Figures in prose, and in columns whose head names no year, may be of any year.

    Args:
        claim_text: the claim.
        texts: the texts of the cited pages.
    """
    claimed = years(claim_text)
    claim = Claim.of(claim_text)
    figures = {number.magnitude for number in claim.numbers if not number.is_year}
    if not claimed or not figures:
        return False
    given = [found for text in texts for magnitudes, found in _periods(text) if figures & magnitudes]
    return bool(given) and all(found and not found & claimed for found in given)


def _periods(text: str) -> Iterator[tuple[frozenset[object], frozenset[str]]]:
    """Yield the numbers of each cell and of each line of prose, with the years that its head and its row name."""
    heads: dict[int, list[str]] = {}
    for line in text.split("\n"):
        row = cells(line) if "\t" in line else [line]
        numbers = [frozenset(number.magnitude for number in Claim.of(cell).numbers) for cell in row]
        if len(row) == 1:
            yield numbers[0], frozenset()
            continue
        if names_periods(line):
            heads[len(row)] = row
            continue
        head = heads.get(len(row), [""] * len(row))
        for index, magnitudes in enumerate(numbers):
            yield magnitudes, years(head[index]) | years(row[0]) if years(head[index]) else frozenset()
