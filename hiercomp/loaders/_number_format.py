"""Numbers as a spreadsheet shows them, by the number format of their cell. Pure.

A number is never written with an exponent, and formats that depend on the country of the computer give ISO dates.

Source: ECMA-376, part 1, sections 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from hiercomp.loaders._date_format import Token, shown_date

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0;-$#,##0", 6: "$#,##0;-$#,##0",
    7: "$#,##0.00;-$#,##0.00", 8: "$#,##0.00;-$#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 41: '#,##0;(#,##0);"-";@', 42: '$#,##0;($#,##0);$"-";@',
    43: '#,##0.00;(#,##0.00);"-";@', 44: '$#,##0.00;($#,##0.00);$"-";@', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "0.0E+0", 49: "@",
}  # fmt: skip
"""The formats that have a number and no definition in the file."""

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)|\\(?P<escaped>.)|(?P<space>_.|\*.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]
    |\[(?P<elapsed>h+|m+|s+)\]|\[(?P<condition>[<>=]{1,2})(?P<bound>-?\d+(?:\.\d+)?)\]|(?P<colour>\[[^\]]*\])
    |(?P<general>General)|(?P<half>AM/PM|A/P)|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+)|(?P<digit>[0\#?])
    |(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<text>@)|(?P<other>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_COMPARISONS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1), "=": (0,), "<>": (-1, 1)}
# A spreadsheet keeps and shows 15 digits. More digits are the error of binary fractions.
_SHOWN = Context(prec=15, rounding=ROUND_HALF_UP)
_LONG = Context(prec=400)
_PLAIN_NUMBER = re.compile(r"0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9]")
_PIECE = re.compile(r'((?:"[^"]*"?|\\.|[_*].|\[[^\]]*\]?|[^;])*)(?:;|$)', re.DOTALL)
# The kinds of sections, the first that fits, and the tokens by which they are told.
_KINDS = {
    "text": {"text"},
    "date": {"date", "elapsed", "half"},
    "exact": {"exponent", "general"},
    "fraction": {"slash"},
    "digits": {"digit"},
}


class _Section(NamedTuple):
    """One of the formats for positive, negative and zero numbers and for text.

    Attributes:
        kind: "date", "exact", "fraction", "digits" or "literal".
        condition: a comparison with `bound` that decides whether the section is for a number, or "".
        before: what stands before the digits.
        after: what stands behind the digits.
        zeros: the least number of digits before the point.
        least: the least number of digits after the point.
        most: the number of digits after the point to which a number is rounded.
        grouped: whether commas separate thousands.
        scale: the power of ten that a number is multiplied by.
        whole: the digits before the point, if literals stand between them as in "000-00".
    """

    kind: str
    tokens: tuple[Token, ...]
    condition: str = ""
    bound: Decimal = Decimal(0)
    before: str = ""
    after: str = ""
    zeros: int = 0
    least: int = 0
    most: int = 0
    grouped: bool = False
    scale: int = 0
    whole: tuple[Token, ...] = ()


_GENERAL = _Section("exact", (Token("general", ""),))


def shown_text(text: str, code: str) -> str:
    """Return a text as its format shows it, such as with a prefix."""
    tokens = _sections(code)[-1].tokens
    if not any(token.kind == "text" for token in tokens):
        return text
    return "".join({"text": text, "literal": token.text}.get(token.kind, "") for token in tokens)


@lru_cache(maxsize=1 << 16)  # dates and small numbers repeat
def shown_number(number: str, code: str, *, is_1904: bool = False) -> str:
    """Return a number as its format shows it.

    Args:
        number: the number as it is written in the file. A text that is no number is returned as it is.
        code: the format, such as "#,##0.00".
        is_1904: whether the dates of the workbook count from 1904.
    """
    if code == "General" and len(number) < 16 and _PLAIN_NUMBER.fullmatch(number):
        return number
    try:
        value = _SHOWN.create_decimal(number)
    except ArithmeticError:
        return number
    if not value.is_finite():
        return number
    section, is_signed = _choose(_sections(code), value)
    if section.kind == "date":
        return shown_date(value, section.tokens, is_1904=is_1904) or _plain(value)
    if section.kind == "exact":
        return section.before + _plain(value if is_signed else abs(value)) + section.after
    shown = _SHOW[section.kind](abs(value), section)
    return f"-{shown}" if is_signed and value < 0 and re.search(r"[1-9]", shown) else shown


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    pieces = _PIECE.findall(code[:255])[:4]
    # The pattern also matches the empty text at the end of the code.
    if len(pieces) > 1 and not pieces[-1] and not code.endswith(";"):
        pieces.pop()
    return tuple(map(_section, pieces))


def _section(piece: str) -> _Section:
    tokens: list[Token] = []
    condition, bound = "", Decimal(0)
    for match in _TOKEN.finditer(piece):
        kind = match.lastgroup or ""
        if kind == "bound":
            condition, bound = match["condition"], Decimal(match["bound"])
        elif kind in ("quoted", "escaped", "currency", "other"):
            tokens.append(Token("literal", match[kind].strip('"') if kind == "quoted" else match[kind]))
        elif kind not in ("space", "colour"):
            tokens.append(Token(kind, match[0].lower() if kind == "date" else match[kind]))
    kinds = {token.kind for token in tokens}
    kind = next((kind for kind, signs in _KINDS.items() if kinds & signs), "literal")
    section = _Section(kind, tuple(tokens), condition, bound)
    return _with_digits(section) if kind in ("digits", "exact") else section


def _with_digits(section: _Section) -> _Section:
    """Return a section with the places of its digits."""
    tokens = section.tokens
    places = [i for i, token in enumerate(tokens) if token.kind in ("digit", "general", "point")]
    point = next((i for i, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    whole = [i for i in places if i < point]
    decimals = "".join(tokens[i].text for i in places if i > point)
    last = whole[-1] if whole else -1
    commas = [i for i, token in enumerate(tokens) if token.kind == "comma"]
    inner = tokens[whole[0] : last + 1] if whole else ()
    return section._replace(
        before=_literals(tokens[: places[0]]),
        after=_literals(tokens[places[-1] + 1 :]),
        zeros=sum(tokens[i].text == "0" for i in whole),
        least=decimals.rfind("0") + 1,
        most=len(decimals),
        grouped=any(i < last for i in commas),
        scale=2 * sum(token.kind == "percent" for token in tokens)
        - 3 * sum(last < i < point or i > places[-1] for i in commas),
        whole=inner if any(token.kind == "literal" for token in inner) else (),
    )


def _literals(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens if token.kind in ("literal", "percent"))


def _choose(sections: Sequence[_Section], value: Decimal) -> tuple[_Section, bool]:
    """Return the section for a number, and whether a minus sign stands before a negative one."""
    numeric = [section for section in sections[:3] if section.kind != "text"] or [_GENERAL]
    if any(section.condition for section in numeric):
        for section in numeric:
            sign = (value > section.bound) - (value < section.bound)
            if not section.condition or sign in _COMPARISONS.get(section.condition, ()):
                return section, True
    if value < 0 and len(numeric) > 1:
        return numeric[1], False
    return numeric[2 if value == 0 and len(numeric) > 2 else 0], True


def _plain(value: Decimal) -> str:
    shown = f"{value or Decimal(0):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _digits(value: Decimal, section: _Section) -> str:
    scaled = value.scaleb(section.scale, _LONG)
    rounded = scaled.quantize(Decimal(1).scaleb(-section.most), ROUND_HALF_UP, _LONG)
    integer, _, rest = f"{rounded:{',' if section.grouped else ''}f}".partition(".")
    if len(integer) < section.zeros:
        width = section.zeros + (section.zeros - 1) // 3 * section.grouped
        integer = f"{int(integer.replace(',', '')):0{width}{',' if section.grouped else ''}}"
    elif integer == "0" and not section.zeros:
        integer = ""
    if section.whole:
        integer = _filled(section.whole, integer)
    rest = rest[: section.least] + rest[section.least :].rstrip("0")
    return f"{section.before}{integer}{'.' if rest else ''}{rest}{section.after}".strip()


def _filled(tokens: Sequence[Token], digits: str) -> str:
    """Return digits in the places of a pattern such as "000-00", from the right. The first place takes the rest."""
    count = sum(token.kind == "digit" for token in tokens)
    pieces = []
    for token in reversed(tokens):
        if token.kind == "digit":
            count -= 1
            pieces.append(digits[-1:] if count else digits)
            digits = digits[:-1]
        elif token.kind == "literal":
            pieces.append(token.text)
    return "".join(reversed(pieces))


def _fraction(value: Decimal, section: _Section) -> str:
    tokens = section.tokens
    slash = next(i for i, token in enumerate(tokens) if token.kind == "slash")
    fixed = "".join(token.text for token in tokens[slash + 1 :] if token.text.isdigit())
    places = sum(token.kind == "digit" for token in tokens[slash + 1 :])
    is_mixed = len(re.findall(r"[0#?]+", "".join(token.text for token in tokens[:slash]))) > 1
    if fixed.strip("0"):
        denominator = int(fixed)
        numerator = round(Fraction(value) * denominator)
    else:
        nearest = Fraction(value).limit_denominator(10 ** max(places, 1) - 1)
        numerator, denominator = nearest.numerator, nearest.denominator
    if not is_mixed:
        return f"{numerator}/{denominator}"
    whole, numerator = divmod(numerator, denominator)
    return " ".join([str(whole)] * bool(whole or not numerator) + [f"{numerator}/{denominator}"] * bool(numerator))


def _literal(value: Decimal, section: _Section) -> str:
    return "".join(token.text for token in section.tokens if token.kind != "text")


_SHOW: dict[str, Callable[[Decimal, _Section], str]] = {"digits": _digits, "fraction": _fraction, "literal": _literal}
