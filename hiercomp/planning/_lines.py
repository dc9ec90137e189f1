"""Read the search lines that a model wrote. A line that breaks a rule is refused; the others are kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from hiercomp.types import Context, Need

MAX_LINES = 4
"""Further lines are not read."""
MAX_WORDS = 60
"""A longer line is an answer or an explanation."""
MAX_COPIED_WORDS = 10
"""A longer line that the model copied is no plan. A shorter copy may be a heading or a row head."""
_PREFIX = re.compile(r"\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
_MARKS = re.compile(r"\s*((?:\[\s*\d+(?:\s*[,;]\s*\d+)*\s*\]\s*)+)[.;]?$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Shown:
    """The text that the model saw beside the question. `sections` holds the nodes of each mark in it."""

    text: str
    sections: Mapping[int, tuple[str, ...]]

    @classmethod
    def outline(cls, context: Context) -> Shown:
        """Return a rendered outline: a mark stands for the sections that it shows."""
        sections: dict[int, tuple[str, ...]] = {}
        for part in context.parts:
            sections[part.mark] = tuple(dict.fromkeys((*sections.get(part.mark, ()), part.node_id)))
        return cls(context.text, sections)

    @classmethod
    def excerpts(cls, context: Context) -> Shown:
        """Return a rendered context: its marks stand for nothing, because the missing evidence is not in it."""
        return cls(context.text, {part.mark: () for part in context.parts})


def parse(answer: str, shown: Shown, *, known: Collection[str], reason: str = "") -> list[Need]:
    """Return the needs that a model wrote, one a line; an empty list if no line is usable.

    A number or a bullet before a line is removed. A line is refused if it has no word or more than `MAX_WORDS`, ends
    with a colon, has a mark that the model did not see, is a long copy of what it saw, or repeats what is known.

    Args:
        answer: The text of the model.
        shown: The text that the model saw.
        known: The question and the needs that are planned already.
        reason: The reason of the needs.
    """
    seen = {_words(text) for text in known}
    copied = _words(shown.text)
    needs = []
    for text, marks in _lines(answer):
        words = _words(text)
        usable = _is_usable(text) and set(marks) <= set(shown.sections)
        if usable and words not in seen and not (words.count(" ") >= MAX_COPIED_WORDS and words in copied):
            seen.add(words)
            nodes = tuple(dict.fromkeys(node for mark in marks for node in shown.sections[mark]))
            needs.append(Need(text, nodes, reason))
    return needs[:MAX_LINES]


def _lines(answer: str) -> Iterator[tuple[str, list[int]]]:
    """Yield each line without its prefix, quotation marks and marks, and the marks at its end."""
    for line in answer.splitlines():
        text = _PREFIX.sub("", line, count=1).strip()
        found = _MARKS.search(text)
        marks = [int(digits) for digits in re.findall(r"\d+", found[1])] if found else []
        yield text[: found.start() if found else None].strip(' "“”`*'), marks


def _is_usable(text: str) -> bool:
    has_word = any(character.isalpha() for character in text)
    return has_word and len(text.split()) <= MAX_WORDS and not text.endswith(":")


def _words(text: str) -> str:
    """Return the words of a text in lower case, with one space between them."""
    return " ".join(_WORD.findall(text.casefold()))
