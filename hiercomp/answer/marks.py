"""Marks: the numbers in brackets by which a reader cites the parts of its context: `[3]`, `[3][5]`, `[3, 5]`, `[3-5]`.

Users see an address instead of a run of marks, for example `[report.pdf pp. 55, 57]`. Documents have
brackets of their own, such as the references of a paper. `free_marks` yields numbers that the documents do not use, so
that marks and such brackets cannot be confused. A bracket of a document stays in the answer as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from hiercomp.types import Part, printed

_BRACKET = r"\[[ \t]*\d+(?:[ \t]*[,;–-][ \t]*\d+)*[ \t]*\]"
_BRACKETS = rf"{_BRACKET}(?:[ \t]*[,;]?[ \t]*{_BRACKET})*"
_RUN = re.compile(rf"[ \t]*{_BRACKETS}")
# The end of a piece that the next piece may complete or extend to a run of marks.
_UNFINISHED = re.compile(rf"[ \t]*(?:{_BRACKETS}[ \t]*[,;]?[ \t]*)?(?:\[[\d \t,;–-]*)?\Z")
_OPENING_PUNCTUATION = '([{"“‘—'  # no space follows these


def free_marks(texts: Iterable[str]) -> Iterator[int]:
    """Yield the numbers from 1 on that no text contains in brackets."""
    taken = {int(digits) for text in texts for digits in re.findall(r"\[(\d+)\]", text)}
    return (number for number in count(1) if number not in taken)


@dataclass(frozen=True, slots=True)
class MarkRun:
    """Marks side by side. `position` is their place in the plain text, `start` and `end` are those in the answer."""

    marks: tuple[int, ...]
    position: int
    start: int
    end: int


class Marks:
    """The marks of a context. `parts` maps each mark to its parts."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts: dict[int, list[Part]] = {}
        for part in parts:
            self.parts.setdefault(part.mark, []).append(part)
        self._text = "\n".join(part.text for part in parts)

    def address(self, run: str, before: str) -> str:
        """Return the address that replaces a run of marks.

        Args:
            run: the brackets and the white space before them.
            before: the character before the run, empty at the start of the answer.
        """
        brackets = {bracket: self._read(bracket) for bracket in re.findall(_BRACKET, run)}
        of_documents = [bracket for bracket, numbers in brackets.items() if numbers is None]
        if len(of_documents) == len(brackets):
            return run
        cited = [number for numbers in brackets.values() for number in numbers or () if number in self.parts]
        label = [_label([part for mark in cited for part in self.parts[mark]])] if cited else []
        space = run[: run.index("[")] or (
            " " if before and not before.isspace() and before not in _OPENING_PUNCTUATION else ""
        )
        return "".join(space + shown for shown in [*label, *of_documents])

    def remove(self, answer_text: str) -> tuple[str, list[MarkRun]]:
        """Return the plain text of an answer, without its marks, and the runs of marks that were removed."""
        runs: list[MarkRun] = []
        plain, end = "", 0
        for match in _RUN.finditer(answer_text):
            read = [numbers for bracket in re.findall(_BRACKET, match.group()) if (numbers := self._read(bracket))]
            if read:
                plain += answer_text[end : match.start()]
                marks = tuple(dict.fromkeys(mark for numbers in read for mark in numbers))
                runs.append(MarkRun(marks, len(plain), match.start(), match.end()))
                end = match.end()
        return plain + answer_text[end:], runs

    def _read(self, bracket: str) -> tuple[int, ...] | None:
        """Return the numbers of a bracket, or None if the bracket belongs to a document."""
        numbers = tuple(_expand(bracket))
        if any(number in self.parts for number in numbers):
            return numbers
        return None if bracket in self._text or max(numbers) > 999 else numbers


class MarkStream:
    """Replaces marks with addresses while an answer is streamed. A mark may be split over several pieces."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._marks = Marks(parts)
        self._held = ""
        self._last = ""

    def feed(self, piece: str) -> str:
        """Take one more piece and return the text that can be shown now."""
        held = self._held + piece
        unfinished = _UNFINISHED.search(held)
        end = unfinished.start() if unfinished else len(held)
        self._held = held[end:]
        return self._show(held[:end])

    def close(self) -> str:
        """Return the rest of the text after the last piece."""
        held, self._held = self._held, ""
        return self._show(held)

    def _show(self, text: str) -> str:
        before = self._last
        shown = _RUN.sub(lambda run: self._marks.address(run.group(), text[: run.start()][-1:] or before), text)
        self._last = text[-1:] or before
        return shown


def _label(parts: Sequence[Part]) -> str:
    """Return the address of parts: each source with its pages."""
    pages: dict[str, dict[str, bool]] = {}
    for part in parts:
        numbers = pages.setdefault(part.source, {})
        if part.page is not None:
            is_range = part.last_page is not None
            numbers[f"{part.page}-{part.last_page}" if is_range else f"{part.page}{printed(part.label)}"] = is_range
    labels = []
    for source, numbers in pages.items():
        prefix = " p. " if list(numbers.values()) == [False] else " pp. "
        labels.append(source + prefix + ", ".join(numbers) if numbers else source)
    return f"[{'; '.join(labels)}]"


def _expand(bracket: str) -> Iterator[int]:
    """Yield the numbers of a bracket. A range such as `[3-5]` yields all of its numbers."""
    for item in re.split("[,;]", bracket.strip("[]")):
        ends = [int(digits) for digits in re.findall(r"\d+", item)]
        is_range = len(ends) == 2 and 0 < ends[1] - ends[0] < 20
        yield from range(ends[0], ends[1] + 1) if is_range else ends
