"""The marks by which a reader cites the parts of its context: `[3]`, `[3][5]`, `[3, 5]`, `[3-5]`.

For people each run of marks becomes one address, `[report.pdf pp. 55, 57]`. Documents bring brackets of their own, such
as the references of a paper. `free_marks` gives the context marks that the documents do not use, so that the two cannot
be confused; a bracket that is no mark but stands in the cited parts is the document's own, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from hiercomp.types import Part

_BRACKET = r"\[[ \t]*\d+(?:[ \t]*[,;–-][ \t]*\d+)*[ \t]*\]"
_BRACKETS = rf"{_BRACKET}(?:[ \t]*[,;]?[ \t]*{_BRACKET})*"
_RUN = re.compile(rf"[ \t]*{_BRACKETS}")
# The end of a piece that the next piece may make a run of marks, or make longer.
_UNFINISHED = re.compile(rf"[ \t]*(?:{_BRACKETS}[ \t]*[,;]?[ \t]*)?(?:\[[\d \t,;–-]*)?\Z")
_HUGS_NEXT = '([{"“‘—'  # no space is put between these and an address


def free_marks(texts: Iterable[str]) -> Iterator[int]:
    """Numbers from 1 that none of the texts has in brackets."""
    taken = {int(digits) for text in texts for digits in re.findall(r"\[(\d+)\]", text)}
    return (number for number in count(1) if number not in taken)


@dataclass(frozen=True, slots=True)
class Run:
    """Marks side by side, and where they stand: `position` in the plain text, `start` and `end` in the answer."""

    numbers: tuple[int, ...]
    position: int
    start: int
    end: int


class Marks:
    """The marks of a context; `parts` has the parts that each of them heads."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts: dict[int, list[Part]] = {}
        for part in parts:
            self.parts.setdefault(part.mark, []).append(part)
        self._text = "\n".join(part.text for part in parts)

    def address(self, run: str, before: str) -> str:
        """What people are shown in place of a run of marks."""
        brackets = {bracket: self._read(bracket) for bracket in re.findall(_BRACKET, run)}
        own = [bracket for bracket, numbers in brackets.items() if numbers is None]
        if len(own) == len(brackets):
            return run
        cited = [number for numbers in brackets.values() for number in numbers or () if number in self.parts]
        label = [_label([part for number in cited for part in self.parts[number]])] if cited else []
        space = run[: run.index("[")] or (" " if before and not before.isspace() and before not in _HUGS_NEXT else "")
        return "".join(space + shown for shown in [*label, *own])

    def without(self, text: str) -> tuple[str, list[Run]]:
        """An answer without its marks, and the runs of marks that were in it."""
        runs: list[Run] = []
        plain, end = "", 0
        for match in _RUN.finditer(text):
            read = [numbers for bracket in re.findall(_BRACKET, match.group()) if (numbers := self._read(bracket))]
            if read:
                plain += text[end : match.start()]
                numbers = tuple(dict.fromkeys(number for group in read for number in group))
                runs.append(Run(numbers, len(plain), match.start(), match.end()))
                end = match.end()
        return plain + text[end:], runs

    def _read(self, bracket: str) -> tuple[int, ...] | None:
        """The numbers of a bracket, None where it is not one of ours but the text's own."""
        numbers = tuple(_expand(bracket))
        if any(number in self.parts for number in numbers):
            return numbers
        return None if bracket in self._text or max(numbers) > 999 else numbers


class MarkStream:
    """Turns marks into addresses while an answer streams in; a mark may be split over pieces."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._marks = Marks(parts)
        self._held = ""
        self._last = ""

    def feed(self, piece: str) -> str:
        """What can be shown after one more piece."""
        held = self._held + piece
        unfinished = _UNFINISHED.search(held)
        end = unfinished.start() if unfinished else len(held)
        self._held = held[end:]
        return self._show(held[:end])

    def close(self) -> str:
        """What is left to show after the last piece."""
        held, self._held = self._held, ""
        return self._show(held)

    def _show(self, text: str) -> str:
        before = self._last
        shown = _RUN.sub(lambda run: self._marks.address(run.group(), text[: run.start()][-1:] or before), text)
        self._last = text[-1:] or before
        return shown


def _label(parts: Sequence[Part]) -> str:
    pages: dict[str, list[str]] = {}
    for part in parts:
        numbers = pages.setdefault(part.source, [])
        if part.page is not None and str(part.page) not in numbers:
            numbers.append(str(part.page))
    labels = []
    for source, numbers in pages.items():
        prefix = " pp. " if len(numbers) > 1 else " p. "
        labels.append(source + prefix + ", ".join(numbers) if numbers else source)
    return f"[{'; '.join(labels)}]"


def _expand(bracket: str) -> Iterator[int]:
    """The numbers of `[3, 5]`, and of `[3-5]` all three."""
    for item in re.split("[,;]", bracket.strip("[]")):
        ends = [int(digits) for digits in re.findall(r"\d+", item)]
        is_range = len(ends) == 2 and 0 < ends[1] - ends[0] < 20
        yield from range(ends[0], ends[1] + 1) if is_range else ends
