"""The two output streams: results go to stdout, and everything else goes to stderr.

Control characters from documents never reach a terminal.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

FILE_WIDTH = 160
"""The line width for a stream that is not a terminal. Long lines are easier to search in a file."""
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"}
_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_VISIBLE = _CONTROLS | {0x0D: None, 0x7F: 0x2421} | dict.fromkeys((*range(0x80, 0xA0), *_BIDI), 0xFFFD)
"""Maps control characters to visible symbols, so that escape sequences in a document have no effect on a terminal.

The characters that change the direction of a text are replaced too.
"""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""UTF-8 cannot encode a lone surrogate. The tokenizers count it as the replacement character."""


def prepare_streams() -> None:
    """Set up both streams so that every text can be written. Files and pipes get UTF-8 with LF line ends."""
    for stream in (sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):  # A stream of a test.
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")


def visible(text: str) -> str:
    """Return the text with visible symbols for control characters. The result is safe on a terminal."""
    return text.translate(_VISIBLE)


def is_plain(stream: TextIO) -> bool:
    """Whether a stream must get no escape sequences.

    This is so if it is not a terminal, if TERM is dumb, or if NO_COLOR is set.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return True
    return not (stream.isatty() or os.environ.get("FORCE_COLOR"))


def is_ascii(stream: TextIO) -> bool:
    """Whether a stream cannot show more than ASCII."""
    return not (stream.encoding or "ascii").lower().replace("-", "").startswith("utf")


def console(stream: TextIO) -> Console:
    """Return a rich console on a stream. It writes no escape sequences to a plain stream."""
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
    """Write a text on stdout and flush it. A terminal gets visible symbols for control characters."""
    whole = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    sys.stdout.write(visible(whole) if sys.stdout.isatty() else whole)
    sys.stdout.flush()


def write_line(text: str) -> None:
    """Write a text on stdout, and end it with a newline."""
    write(text if text.endswith("\n") else text + "\n")


def write_json(value: object) -> None:
    """Write one JSON document on stdout. It is ASCII, which every terminal and every encoding can show."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Write a line on stderr."""
    sys.stderr.write(visible(text) + "\n")
    sys.stderr.flush()
