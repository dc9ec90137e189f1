"""Playbooks: professional knowledge about where the evidence for a kind of question stands, and in which words.

A playbook is a TOML file of entries:

    [[entry]]
    name = "Quick ratio"
    asked = ["quick ratio", "acid test"]
    needs = ["Consolidated balance sheets: cash and cash equivalents, accounts receivable, total current liabilities"]
    source = "IAS 1.54"

An entry applies to a question that has the words of one of its phrases close together. The optional table `documents`
says which documents the playbook is for: at least `least` of the `words` each occur in this share of the sentences.

    [documents]
    words = ["shareholders", "liabilities", "fiscal", "revenues"]
    least = 3
    share = 0.002
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from hiercomp.building import Lazy
from hiercomp.errors import ConfigError
from hiercomp.text.analysis import terms

SPREAD = 2
"""The most other words among the words of a phrase in a question."""
_WITH_AMPERSAND = re.compile(r"(?<![\w&])(?:\w\w?&\w\w?|\w & \w)(?![\w&])")
_SHIPPED_ENTRY = re.compile(
    r'^\[\[entry\]\]\nname = (".+")\nasked = (\[.+\])\nneeds = \[((?:\n  ".+",)+)\n\]\nsource = (".+")$', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What to look for if a question names a thing.

    `phrases` are the stemmed words of the names by which people ask for it.
    """

    name: str
    phrases: tuple[tuple[str, ...], ...]
    needs: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that applies to a question, and the positions of the phrase's words in the question."""

    entry: Entry
    words: frozenset[int]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: at least `least` of the `words` each occur in a `share` (0 to 1) of its sentences."""

    words: tuple[str, ...] = ()
    least: int = 0
    share: float = 0.0


class Playbook:
    """Entries for a kind of document, found by the words of their phrases. They are read when they are first needed."""

    def __init__(self, kind: Kind, read_entries: Callable[[], Sequence[Entry]]) -> None:
        self._kind = kind
        self._entries = Lazy(read_entries)
        self._phrases = Lazy(self._index)

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries in the order of the file."""
        return self._entries()

    def _index(self) -> dict[str, list[tuple[tuple[str, ...], Entry]]]:
        """Return the phrases with their entries by the first word of each phrase in the alphabet."""
        found: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}
        for entry in self.entries:
            for phrase in entry.phrases:
                found.setdefault(min(phrase), []).append((phrase, entry))
        return found

    def is_for(self, share: Callable[[str], float]) -> bool:
        """Return whether documents are of the playbook's kind. `share` returns the share of sentences with a word."""
        shares = [share(word) for word in self._kind.words]
        return sum(found > 0 and found >= self._kind.share for found in shares) >= self._kind.least

    def find(self, question: str) -> list[Entry]:
        """Return the entries that apply to a question, in the order in which it names them.

        The entry with the longest phrase wins if two entries match the same words.
        """
        words = stems(question)
        matches = sorted(self._matches(words), key=lambda match: (-len(match.words), min(match.words)))
        taken: set[int] = set()
        kept: dict[str, Match] = {}
        for match in matches:
            if not match.words & taken:
                kept.setdefault(match.entry.name, match)
                taken |= match.words
        return [match.entry for match in sorted(kept.values(), key=lambda match: min(match.words))]

    def _matches(self, words: Sequence[str]) -> Iterator[Match]:
        places: dict[str, list[int]] = {}
        for index, word in enumerate(words):
            places.setdefault(word, []).append(index)
        for word in places:
            for phrase, entry in self._phrases().get(word, ()):
                for found in _occurrences(phrase, places):
                    yield Match(entry, found)


def _occurrences(phrase: Sequence[str], places: Mapping[str, Sequence[int]]) -> Iterator[frozenset[int]]:
    """Yield the positions of a phrase's words for each place of a question where they stand close together.

    A place is a position of the phrase's first word. If another word stands as close before it as after it, the later
    one counts, because most people write the words in the order of the phrase.
    """
    if all(word in places for word in phrase):
        for start in places[phrase[0]]:
            found = {min(places[word], key=lambda index: (abs(index - start), -index)) for word in phrase}
            if max(found) - min(found) < len(found) + SPREAD:
                yield frozenset(found)


def stems(text: str) -> tuple[str, ...]:
    """Return the stemmed words of a text without stop words. `R&D`, `R & D` and `PP&E` are one word each."""
    if "&" in text:
        text = _WITH_AMPERSAND.sub(lambda found: found[0].replace(" ", "").replace("&", "and"), text)
    return tuple(terms(text))


@cache
def shipped() -> tuple[Playbook, ...]:
    """Return the playbooks that come with hiercomp."""
    folder = files("hiercomp.planning").joinpath("playbooks")
    texts = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.name.endswith(".toml")}
    return tuple(_shipped(texts[name], name) for name in sorted(texts))


def _shipped(text: str, name: str) -> Playbook:
    """Return a playbook that reads its entries only if a document is of its kind."""
    head = tomllib.loads(text.partition("[[entry]]")[0])
    return Playbook(_kind(head["documents"], name), lambda: shipped_entries(text))


def shipped_entries(text: str) -> list[Entry]:
    """Return the entries of a playbook that comes with hiercomp.

    Its values are written as JSON writes them, and each key has its own line. So they are read 20 times faster than by
    a parser of TOML. The tests compare the result with that of `parse`.
    """
    found = _SHIPPED_ENTRY.findall(text)
    rows = ",".join(f"[{name},{asked},[{needs[:-1]}],{source}]" for name, asked, needs, source in found)
    values: list[tuple[str, list[str], list[str], str]] = json.loads(f"[{rows}]")
    return [Entry(name, _phrases(asked), tuple(needs), source) for name, asked, needs, source in values]


def read(path: Path) -> Playbook:
    """Read a user's playbook.

    Raises:
        ConfigError: the file cannot be read, or an entry is not complete.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the playbook cannot be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, place: str) -> Playbook:
    """Parse a playbook. `place` names it in errors.

    Raises:
        ConfigError: the text is not a playbook. The message names the entry.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{place}: the playbook is not valid TOML: {error}") from error
    if not isinstance(values.get("entry"), list) or not set(values) <= {"entry", "documents"}:
        raise ConfigError(f"{place}: a playbook consists of tables [[entry]] and at most one table [documents]")
    entries = [_entry(value, f"{place}, entry {number}") for number, value in enumerate(values["entry"], start=1)]
    kind = _kind(values["documents"], f"{place}, documents") if "documents" in values else Kind()
    return Playbook(kind, lambda: entries)


def _kind(value: object, place: str) -> Kind:
    if not isinstance(value, dict) or set(value) != {"words", "least", "share"}:
        raise ConfigError(f"{place}: the table has exactly the keys words, least and share")
    least, share = value["least"], value["share"]
    if not isinstance(least, int) or not isinstance(share, int | float):
        raise ConfigError(f"{place}: least and share are numbers, not {least!r} and {share!r}")
    return Kind(_lines(value["words"], f"{place}, words"), least, float(share))


def _entry(value: object, place: str) -> Entry:
    if not isinstance(value, dict) or set(value) != {"name", "asked", "needs", "source"}:
        raise ConfigError(f"{place}: an entry has exactly the keys name, asked, needs and source")
    name, source = value["name"], value["source"]
    if not isinstance(name, str) or not isinstance(source, str):
        raise ConfigError(f"{place}: name and source are texts")
    asked, needs = (_lines(value[key], f"{place}, {key}") for key in ("asked", "needs"))
    phrases = _phrases(asked)
    if not all(phrases):
        raise ConfigError(f"{place}: each phrase of asked needs a word that can be searched for")
    return Entry(name, phrases, needs, source)


def _phrases(asked: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the stemmed words of phrases, each distinct phrase once."""
    return tuple(dict.fromkeys(map(stems, asked)))


def _lines(value: object, place: str) -> tuple[str, ...]:
    lines = tuple(value) if isinstance(value, list) else ()
    if not lines or not all(isinstance(line, str) and line.strip() for line in lines):
        raise ConfigError(f"{place}: a list of one or more texts is needed")
    return lines
