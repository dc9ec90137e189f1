"""Parser of JSON and JSON lines. It runs in the child process.

A record is a line. Numbers keep their spelling, because "1.10" and a long identifier would change as binary numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from hiercomp.loaders._decode import decode, replace_surrogates
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.loaders.text import TextLoader
from hiercomp.types import Document

RECORD_LENGTH = 1200
"""A longer record is laid out in several lines, one for each of its parts. It is the size of a long sentence."""
_MOST_FAILURES = 5000
"""After as many lines that are no JSON, the rest is one piece. Each costs time that grows with the text before it."""
_PLAIN_KEY = re.compile(r"[\w$@-]+")
# Data such as that of a picture. Text has blanks, and a long number has no letters.
_ENCODED = re.compile(r"(?:data:[\w/+.;=-]+,)?(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_\s-]{1000,}={0,2}\s*")


class _Number(str):
    """A number as it is spelled in the file."""

    __slots__ = ()


class _Object(tuple[tuple[str, "_Value"], ...]):
    """The keys and values of an object in their order. A repeated key stays."""

    __slots__ = ()


_Value = str | bool | None | list["_Value"] | _Object


def parse(job: Job) -> Document:
    """Return the values in a file, a record a line. A file that is no JSON is read as plain text.

    Raises:
        DocumentError: the file is binary or holds no text.
    """
    values = list(_values(decode(Path(job.path).read_bytes(), job.source)))
    # A line of text may begin with a number or a quotation. In JSON, most values are records.
    if 2 * sum(isinstance(value, _Object | list) for value in values) <= len(values):
        return TextLoader(job.pages, job.limits).load(Path(job.path), source=job.source)
    layout = _Layout()
    text = replace_surrogates("".join(f"{line}\n" for line in layout.lines(values)))
    document = Document(text, job.source, Path(job.source).stem, omissions=tuple(layout.omissions))
    return select_pages(document, job.pages)


def _values(text: str) -> Iterator[_Value]:
    """Yield the values that follow each other in a text. A line that is none is yielded as a number, so as it is."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_Object, parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False
    )
    position, failures = _next_place(text, 0), 0
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            if text[position] == "[" and failures < _MOST_FAILURES:  # an array that is not closed
                failures += 1
                position = _next_place(text, position + 1)
                continue
            failures += 1
            line_end = text.find("\n", position) if failures < _MOST_FAILURES else -1
            end = line_end if line_end >= 0 else len(text)
            value = _Number(text[position:end])
        yield value
        position = _next_place(text, end)


def _next_place(text: str, position: int) -> int:
    match = re.compile(r"[\s,\x1e]*").match(text, position)
    return match.end() if match else position


class _Layout:
    """Lays out values in lines. It counts the data that it leaves out."""

    def __init__(self) -> None:
        self.omissions: list[str] = []

    def lines(self, roots: list[_Value]) -> Iterator[str]:
        """Yield the lines of the values of a file. The elements of an array are records, and so are several values."""
        (records,) = roots if len(roots) == 1 else (roots,)
        if not isinstance(records, list):
            yield from self._opened(records, "")
        elif any(isinstance(record, list | _Object) for record in records):
            for index, record in enumerate(records):
                yield from [_compact(record)] if _is_short(record) else self._opened(record, f"[{index}]")
        else:
            yield from self._array(records, "")

    def _opened(self, value: _Value, path: str) -> Iterator[str]:
        """Yield a value that is no record: each part of it that holds others is a line, or several."""
        if isinstance(value, _Object):
            yield from self._object(value, path)
        elif isinstance(value, list):
            yield from self._array(value, path)
        elif _is_short(value) or isinstance(value, _Number | bool | None):
            yield _labelled(path, _compact(value))
        elif _ENCODED.fullmatch(value):
            self.omissions.append(f"the encoded data of {path or 'the file'} ({len(value):,} characters)")
        else:
            yield from [_labelled(path, ""), *value.splitlines()]

    def _object(self, value: _Object, path: str) -> Iterator[str]:
        """Yield an object. Its short members that hold no others stand together, so that figures keep their keys."""
        together = _Object(member for member in value if _is_leaf(member[1]))
        yield from self._members(together, path)
        for key, member in value:
            if not _is_leaf(member):
                yield from self._opened(member, _joined(path, key))

    def _members(self, members: _Object, path: str) -> Iterator[str]:
        """Yield members that stand together, in as many lines as they need."""
        pending: list[tuple[str, _Value]] = []
        length = 0
        for member in members:
            pending.append(member)
            length += len(_compact(member[1]))
            if length > RECORD_LENGTH:
                yield _labelled(path, _compact(_Object(pending)))
                pending, length = [], 0
        if pending:
            yield _labelled(path, _compact(_Object(pending)))

    def _array(self, values: list[_Value], path: str) -> Iterator[str]:
        """Yield an array. Elements that hold others are records, and the others stand together."""
        pending: list[_Value] = []
        first = length = 0
        for index, value in enumerate(values):
            is_record = isinstance(value, list | _Object) or not _is_short(value)
            if pending and (is_record or length > RECORD_LENGTH):
                yield _labelled(f"{path}[{first}]", _compact(pending))
                pending, length = [], 0
            if is_record:
                own = f"{path}[{index}]"
                yield from [_labelled(own, _compact(value))] if _is_short(value) else self._opened(value, own)
                continue
            first = first if pending else index
            pending.append(value)
            length += len(_compact(value))
        if pending:
            yield _labelled(f"{path}[{first}]" if first else path, _compact(pending))


def _is_leaf(value: _Value) -> bool:
    """Return whether a value is short and holds no objects or arrays that hold others."""
    if isinstance(value, _Object):
        return False
    if isinstance(value, list):
        return _is_short(value) and not any(isinstance(element, list | _Object) for element in value)
    return _is_short(value)


def _is_short(value: _Value) -> bool:
    return _room(value, RECORD_LENGTH) >= 0


def _room(value: _Value, room: int) -> int:
    """Return the characters that are left of a room after a value. A negative number ends the count early."""
    if isinstance(value, str):
        return room - len(value) - 4
    if not isinstance(value, list | _Object):
        return room - 7
    members = value if isinstance(value, _Object) else (("", element) for element in value)
    for key, member in members:
        room = _room(member, room - len(key) - 2)
        if room < 0:
            break
    return room


def _compact(value: _Value) -> str:
    """Return a value as JSON in one line."""
    if isinstance(value, _Number):
        return value
    if isinstance(value, _Object):
        return "{" + ", ".join(f"{_text(key)}: {_compact(member)}" for key, member in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_compact, value)) + "]"
    return _text(value)


def _text(value: str | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _joined(path: str, key: str) -> str:
    own = key if _PLAIN_KEY.fullmatch(key) else _text(key)
    return f"{path}.{own}" if path else own


def _labelled(path: str, value: str) -> str:
    return f"{path}: {value}".rstrip() if path else value
