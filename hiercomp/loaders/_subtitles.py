"""Parser of subtitles: SRT and WebVTT. It runs in the child process.

A sentence is a line with its time and its speaker: "00:01:02 Ana: We open the meeting."
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from hiercomp.loaders._decode import decode
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.loaders.text import TextLoader
from hiercomp.types import Document

_TIMES = re.compile(
    r"[ \t]*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}[ \t]+-->[ \t]+(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}.*"
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?\s+([^<>]{0,200})>")
# Marks of WebVTT, of HTML, and the positions of SubStation Alpha that some SRT files have.
_MARK = re.compile(r"</?[a-zA-Z\d][^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_SENTENCE_END = re.compile(r"[.!?…。！？♪\])][\"'”’»)]*$")
# A dash, a name, a note or a sound stands before what someone else says.
_BEGINNING = re.compile(r"[-–—>\[(♪#]|[^\W\d_][\w.' -]{0,40}: ")
_LONGEST = 300
"""The most characters of a line of several cues. Captions of machines have no sentence ends."""


class _Cue(NamedTuple):
    """What someone says: the time at which it begins, the name with a colon, if it is known, and the text."""

    time: str
    speaker: str
    text: str


def parse(job: Job) -> Document:
    """Return the cues in a file. Numbers of cues, notes and styles are left out. Without cues, it is plain text.

    Raises:
        DocumentError: the file is binary or holds no text.
    """
    text = decode(Path(job.path).read_bytes(), job.source)
    lines = list(_lines(text.splitlines()))
    if not lines:
        return TextLoader(job.pages, job.limits).load(Path(job.path), source=job.source)
    title = Path(job.source).stem
    return select_pages(Document("".join(f"{line}\n" for line in lines), job.source, title), job.pages)


def _lines(lines: list[str]) -> Iterator[str]:
    """Yield a line for each cue, or for each speaker of a cue. A sentence that goes on in the next cue is one line."""
    time, speaker, text = "", "", ""
    for cue in _spoken(lines):
        if text and _goes_on(speaker, text, cue):
            text = f"{text} {cue.text}"
            continue
        if text:
            yield f"{time} {speaker}{text}"
        time, speaker, text = cue
    if text:
        yield f"{time} {speaker}{text}"


def _goes_on(speaker: str, text: str, cue: _Cue) -> bool:
    """Return whether a cue continues the sentence of the cue before it."""
    is_open = not _SENTENCE_END.search(text) and len(text) + len(cue.text) < _LONGEST
    return is_open and speaker == cue.speaker and not _BEGINNING.match(cue.text)


def _spoken(lines: list[str]) -> Iterator[_Cue]:
    """Yield what is spoken, apart for each speaker."""
    last = ""
    for time, texts in _cues(lines):
        # Captions that roll repeat the line above.
        if len(texts) > 1 and texts[0] == last:
            texts = texts[1:]
        last = texts[-1] if texts else last
        first, *rest = _VOICE.split(" ".join(texts))
        parts = [("", first), *zip(rest[::2], rest[1::2], strict=True)]
        for speaker, spoken in parts:
            if text := _plain(spoken):
                yield _Cue(time, f"{_plain(speaker)}: " if speaker else "", text)


def _cues(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the time at which each cue begins, and its lines that are not blank."""
    starts = [index for index, line in enumerate(lines) if _TIMES.fullmatch(line)]
    for start, following in pairwise([*starts, len(lines)]):
        texts = []
        for index in range(start + 1, following):
            line = lines[index].strip()
            # A blank line ends a cue. So does the number of the next one, if the blank line is missing.
            if not line or (index == following - 1 and following < len(lines) and line.isdigit()):
                break
            texts.append(line)
        hours, minutes, seconds = (int(part or 0) for part in _TIMES.fullmatch(lines[start]).groups())  # type: ignore[union-attr]
        yield f"{hours:02}:{minutes:02}:{seconds:02}", texts


def _plain(text: str) -> str:
    return " ".join(html.unescape(_MARK.sub("", text)).split())
