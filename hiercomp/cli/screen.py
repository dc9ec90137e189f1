"""The two streams: results on stdout, everything else on stderr; and what a terminal may be sent."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

FILE_WIDTH = 160
"""Columns where there is no screen: nobody has to scroll a file sideways, but may want to search it by line."""
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"}
_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_VISIBLE = _CONTROLS | {0x0D: None, 0x7F: 0x2421} | dict.fromkeys((*range(0x80, 0xA0), *_BIDI), 0xFFFD)
"""Control characters become their pictures: a document's escape sequence or bidi override is shown, not obeyed."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""No UTF-8 can carry one; the tokenizers count it as the replacement character."""


def prepare_streams() -> None:
    """Sets both streams so that no text can fail to be written, and files and pipes get UTF-8 with plain newlines."""
    for stream in (sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):  # a test's stream
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")


def visible(text: str) -> str:
    """The text with control characters shown: safe on a terminal, piece by piece."""
    return text.translate(_VISIBLE)


def is_plain(stream: TextIO) -> bool:
    """Whether a stream must get no escape sequence: not a terminal, a dumb one, or NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return True
    return not (stream.isatty() or os.environ.get("FORCE_COLOR"))


def is_ascii(stream: TextIO) -> bool:
    """Whether a stream cannot show more than ASCII."""
    return not (stream.encoding or "ascii").lower().replace("-", "").startswith("utf")


def console(stream: TextIO) -> Console:
    """A rich console on a stream: no escape sequence where it must be plain."""
    from rich.console import Console

    plain = is_plain(stream)
    return Console(
        file=stream,
        force_terminal=False if plain else None,
        color_system=None if plain else "auto",
        no_color=plain,
        width=None if stream.isatty() or "COLUMNS" in os.environ else FILE_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def write(text: str) -> None:
    """Text on stdout at once: as it is in a pipe or a file, with controls shown on a terminal."""
    whole = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    sys.stdout.write(visible(whole) if sys.stdout.isatty() else whole)
    sys.stdout.flush()


def write_line(text: str) -> None:
    """Text on stdout, ended by one newline."""
    write(text if text.endswith("\n") else text + "\n")


def write_json(value: object) -> None:
    """One JSON document on stdout: ASCII, so that neither terminals nor encodings can spoil it."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(visible(text) + "\n")
    sys.stderr.flush()
