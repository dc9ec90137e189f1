"""Numbers in the number formats of spreadsheets, with all of their digits: dates, percentages, currencies, units."""

from __future__ import annotations

import re
from calendar import day_name, month_name
from datetime import datetime, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation

_TOKEN = re.compile(
    r"""(?P<literal>"[^"]*"|\\.)|(?P<space>_.|\*.)|(?P<bracket>\[[^\]]*\])|(?P<general>General)|(?P<noon>AM/PM|A/P)"""
    r"|(?P<date>y+|m+|d+|h+|s+)|(?P<scientific>E[+-])|(?P<digits>[0#?][0#?.,]*|\.[0#?]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CURRENCY = re.compile(r"\[\$([^-\]]+)")
# A double has 15 exact digits. The digits after them are noise of the binary representation.
_EXACT = Context(prec=15)
# A share such as 1/3 has no end of digits.
_PERCENTAGE_PLACES = 4
_LARGEST = Decimal(10) ** 30


def displayed(text: str, code: str = "General", *, counts_from_1904: bool = False) -> str:
    """Return a stored value as a spreadsheet shows it, with all of its digits. Text that is no number stays as it is.

    Args:
        text: the stored value, such as "4.2999999999999997E-2".
        code: the number format, such as "0.0%" or "m/d/yyyy".
        counts_from_1904: whether dates count from 1904 instead of 1900.
    """
    try:
        value = _EXACT.plus(Decimal(text.strip()))
    except (InvalidOperation, DivisionByZero):
        return text
    if not value.is_finite() or abs(value) > _LARGEST:
        return text
    tokens = [(str(match.lastgroup), match[0]) for match in _TOKEN.finditer(_first_section(code))]
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "noon"} and not kinds & {"general", "scientific"}:
        return _date(value, tokens, counts_from_1904=counts_from_1904) or _plain(value)
    return _number(value, tokens)


def _first_section(code: str) -> str:
    return re.match(r"""(?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*""", code, re.DOTALL)[0]  # type: ignore[index]


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: Decimal, tokens: list[tuple[str, str]]) -> str:
    digits = [token for kind, token in tokens if kind == "digits"]
    shows_parts = any(kind == "scientific" or token in ("/", "@") for kind, token in tokens)
    is_scaled = any(token.endswith(",") for token in digits)
    if shows_parts or is_scaled or len(digits) > 1:
        return _plain(value)
    is_percentage = ("other", "%") in tokens
    amount = _grouped(_percentage(value) if is_percentage else abs(value), digits[0] if digits else "")
    before, after, seen = "", "", False
    for kind, token in tokens:
        if kind in ("digits", "general"):
            seen = True
        elif seen:
            after += _literal(kind, token)
        else:
            before += _literal(kind, token)
    text = f"{before}{amount}{after}" if seen else amount
    return f"-{text.strip()}" if value < 0 else text.strip()


def _percentage(value: Decimal) -> Decimal:
    percentage = abs(value) * 100
    return min(percentage, round(percentage, _PERCENTAGE_PLACES), key=lambda shown: len(str(shown)))


def _grouped(value: Decimal, digits: str) -> str:
    """Return an amount with the thousands separators and at least the decimal places of a format."""
    whole, _, decimals = _plain(value).partition(".")
    grouped = f"{int(whole):,}" if "," in digits.partition(".")[0] else whole
    decimals = decimals.ljust(digits.partition(".")[2].count("0"), "0")
    return f"{grouped}.{decimals}" if decimals else grouped


def _literal(kind: str, token: str) -> str:
    if kind == "literal":
        return token.strip('"') if token.startswith('"') else token[1:]
    if kind == "bracket":
        currency = _CURRENCY.match(token)
        return currency[1] if currency else ""
    return token if kind == "other" and token not in "()" else ""


def _date(value: Decimal, tokens: list[tuple[str, str]], *, counts_from_1904: bool) -> str:
    """Return a date or time of day, or "" if the value lies outside the calendar."""
    start = datetime(1904, 1, 1) if counts_from_1904 else datetime(1899, 12, 30)
    try:
        moment = start + timedelta(seconds=round(float(value) * 86_400))
    except OverflowError:
        return ""
    shows_noon = any(kind == "noon" for kind, _ in tokens)
    fields = [(place, token[0].lower()) for place, (kind, token) in enumerate(tokens) if kind == "date"]
    text = ""
    for place, (kind, token) in enumerate(tokens):
        if kind == "noon":
            text += "AM" if moment.hour < 12 else "PM"
        elif kind == "date":
            text += _field(moment, token.lower(), is_minute=_is_minute(fields, place), shows_noon=shows_noon)
        else:
            text += _literal(kind, token)
    return text.strip()


def _is_minute(fields: list[tuple[int, str]], place: int) -> bool:
    """Return whether an "m" stands for minutes: after hours or before seconds."""
    index = [position for position, _ in fields].index(place)
    before = fields[index - 1][1] if index else ""
    after = fields[index + 1][1] if index + 1 < len(fields) else ""
    return before == "h" or after == "s"


def _field(moment: datetime, token: str, *, is_minute: bool, shows_noon: bool) -> str:
    if token[0] == "y":
        return f"{moment.year:04}" if len(token) > 2 else f"{moment.year % 100:02}"
    if token[0] == "m" and not is_minute and len(token) > 2:
        return month_name[moment.month][: {3: 3, 5: 1}.get(len(token))]
    if token[0] == "d" and len(token) > 2:
        return day_name[moment.weekday()][: 3 if len(token) == 3 else None]
    hour = (moment.hour % 12 or 12) if shows_noon else moment.hour
    month = moment.minute if is_minute else moment.month
    number = {"m": month, "d": moment.day, "h": hour, "s": moment.second}[token[0]]
    return f"{number:02}" if len(token) > 1 else str(number)
