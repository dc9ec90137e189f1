"""Dates, times and durations as a spreadsheet shows them, by the tokens of their number format. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_DAY = 2_958_466


class Token(NamedTuple):
    """A part of a number format: its kind, such as "date" or "literal", and its text."""

    kind: str
    text: str


def shown_date(value: Decimal, tokens: Sequence[Token], *, is_1904: bool) -> str:
    """Return a date or a time, or "" if the number is none that the calendar has."""
    if not 0 <= value < _LAST_DAY:
        return ""
    seconds = 86_400 * value
    digits = _second_places(tokens)
    seconds = seconds.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    # The calendar of 1900 has a 29 February that there was not.
    shift = 1 if value < 60 and not is_1904 else 0
    moment = (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(days=shift, microseconds=int(seconds * 1_000_000))
    pieces, has_half = [], any(token.kind == "half" for token in tokens)
    for i, token in enumerate(tokens):
        if token.kind == "date":
            pieces.append(_date_part(moment, _minutes(tokens, i), has_half=has_half))
        elif token.kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[token.text[0].lower()]
            pieces.append(str(int(seconds // unit)).rjust(len(token.text), "0"))
        elif token.kind == "half":
            half = "AM" if moment.hour < 12 else "PM"
            pieces.append(half if len(token.text) > 3 else half[0])
        elif token.kind == "digit":
            pieces.append(f"{moment.microsecond:06d}"[_place_after_point(tokens, i)])
        elif token.kind in ("literal", "slash", "point", "comma"):
            pieces.append(token.text)
    return "".join(pieces).strip()


def _second_places(tokens: Sequence[Token]) -> int:
    return min(6, sum(token.kind == "digit" for token in tokens))


def _place_after_point(tokens: Sequence[Token], index: int) -> int:
    return min(5, sum(token.kind == "digit" for token in tokens[:index]))


def _minutes(tokens: Sequence[Token], index: int) -> str:
    """Return the part of a date that a token stands for. Between hours and seconds, m is the minute, written n."""
    part = tokens[index].text
    if part not in ("m", "mm"):
        return part
    units = [(i, token.text[0].lower()) for i, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    position = [i for i, _ in units].index(index)
    before = units[position - 1][1] if position else ""
    after = units[position + 1][1] if position + 1 < len(units) else ""
    return part.replace("m", "n") if before == "h" or after == "s" else part


def _date_part(moment: datetime, part: str, *, has_half: bool) -> str:
    hour = (moment.hour % 12 or 12) if has_half else moment.hour
    if part.startswith("y"):
        return f"{moment.year:04d}" if len(part) > 2 else f"{moment.year % 100:02d}"
    if part[0] in "md" and len(part) > 2:
        name = moment.strftime("%B" if part[0] == "m" else "%A")
        return name[:3] if len(part) == 3 else name[:1] if len(part) == 5 else name
    number = {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}[part[0]]
    return str(number).rjust(min(len(part), 2), "0")
