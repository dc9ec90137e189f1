"""Rows of tables: their cells, and the lines above them that tell how to read their figures. Pure.

A head gives the years, the unit or the column names of the rows below it. It is told by its form: years and periods
without other figures, a unit such as "in thousands" without an amount, or cells that are all names. An amount such as
25,000 and a sentence such as "We paid $5 million in 2021." are no heads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

HEAD_LENGTH = 160
"""The most characters of a head. A longer line is a row or prose."""
TITLE_WORDS = 8
"""The most words of a line without cells that is a head because of its years. A longer one is prose."""
ROWS_BELOW = 3
"""The number of rows that show whether names stand above figures."""

_CELLS = re.compile(r"^\t|\S *\t|^\s*\||\S {3,}\S")
_COLUMNS = re.compile(r" {3,}")
_SCALE = r"(?:thousand|million|billion|crore|lakh)"
_OTHER_SCALES = r"(?:milliers|millions|milliards|miles|millones|milhares|milhões|migliaia|milioni)"
_GERMAN_SCALE = r"(?:Tausend|Tsd\.?|Millionen|Mio\.?|Milliarden|Mrd\.?)"
_SIGN = r"(?:US|C|A|HK|NZ|S|R)?[$€£¥₹]"
_CODE = r"\b(?:USD|EUR|GBP|JPY|CHF|CNY|RMB|INR|CAD|AUD|SEK|NOK|DKK|Rs\.?|euros?|dollars?|pounds?|yen|francs?)"
_CURRENCY = rf"(?:{_SIGN}|{_CODE})"
_COUNTED = r"(?:dollars|euros?|pounds|yen|yuan|francs|rupees|shares|tons|tonnes|units)"
_UNIT = re.compile(
    rf"""\b(?:in|of|en|em)\s(?:{_CURRENCY}\s?)?(?:{_SCALE}s|{_OTHER_SCALES})\b
      | {_CURRENCY}\s?(?:in\s)?{_SCALE}s?\b
      | \b{_SCALE}s\sof\s(?:[^\W\d]+\s){{0,2}}{_COUNTED}\b
      | \bin\s{_GERMAN_SCALE}
      | (?<!\d)(?<!\d\s)\b{_GERMAN_SCALE}\s?{_CURRENCY} | {_CURRENCY}\s?(?:Tsd|Mio|Mrd|mn|bn|m|k)\b
      | \bT(?:€|EUR|USD|CHF|\$)(?!\w)
      | (?:{_SIGN}|\bin\s(?:{_CURRENCY}\s?)?|\(\s?|^\s*|\t){_CURRENCY}?\s?['’]?0?00(?:['’]?s)?['’]?(?![\w.,'’]*\d)
      | \b000['’]?s\b
      | [千百万亿億]{{1,2}}[元円]
    """,
    re.VERBOSE | re.IGNORECASE,
)
# A quick test before `_UNIT`, which is ten times slower. Most texts do not match it.
_MAYBE_UNIT = re.compile(
    r"thou|ll..?on|crore|lakh|mil[elh]|milli|migl|tausend|tsd|mio|mrd|00|t[€$]|teur|tusd|tchf|[元円]"
    r"|(?:[$€£¥₹]|usd|eur|gbp|chf|jpy)\s?[mbk]"
)
_MONTH = r"[^\W\d_]{3,}\.?"
# Years, fiscal years and quarters, dates, and lengths of a period.
_PERIOD = re.compile(
    rf"""\b(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b
      | \b(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:(?:19|20)?\d\d)\b
      | \b(?:FY|CY|[QH][1-4][\s-]?(?:FY|CY)?|[1-4][QH][\s-]?(?:FY|CY)?)?['’]?(?:19|20)\d\d(?:[-/–](?:19|20)?\d\d)?(?!\d)
      | \b(?:FY|CY)['’]?\d\d\b | \b[QH][1-4](?:['’]?\d\d)?\b | \b[1-4][QH](?:['’]?\d\d)?\b
      | \b{_MONTH}[ ]\d{{1,2}}\b | \b\d{{1,2}}\.?[ ]{_MONTH}
      | \b\d{{1,2}}[- ]?(?:months?|weeks?|quarters?|days?|years?)\b
    """,
    re.VERBOSE,
)
# The mark of a note behind a word or a year, and the zeros of a unit.
_MARK = re.compile(r"(?<=[^\W_]) ?(?:\[\w{1,2}\]|\(\d\))|(?<!\d)(?<!\d[.,'’ ])\b000")
_YEAR = re.compile(r"(?<!\d)(?<!\d[.,'’])(?:19|20)\d\d(?![\d%])(?![.,]\d)")
_SHORT_YEAR = re.compile(r"\b(?:[FC]Y|[1-4][QH]|[QH][1-4])['’]?(\d\d)\b")
_FIGURE = re.compile(r"[^\w\[]*\d")
_NO_VALUE = re.compile(r"[^\w$€£¥₹%]*|(?:n\.?/?a\.?|n\.?m\.?|nil|none)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？]['”’\"]?$")
_DECLARES = re.compile(
    r"[(\[]|(?:all |the )?(?:amounts?|figures|dollars?|data|table|tabular|in|unit|stated|expressed)\b", re.I
)
_QUALIFIER = re.compile(r"/?\([^()]*\)/?|\[\w{1,3}\]|, (?:includ|exclud|net\b|at cost\b|less\b).*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def is_row(text: str) -> bool:
    """Return whether a unit is a table row."""
    return ("\t" in text or "|" in text or "   " in text) and bool(_CELLS.search(text))


def cells(row: str) -> list[str]:
    """Return the cells of a row, without the white space around them. Empty cells are kept."""
    if "\t" in row:
        parts = row.split("\t")
    elif row.lstrip().startswith("|"):
        parts = row.strip().strip("|").split("|")
    else:
        parts = _COLUMNS.split(row.strip())
    return [part.strip() for part in parts]


def is_figure(cell: str) -> bool:
    """Return whether a cell holds a figure: it starts with a digit, whatever signs stand before it."""
    return bool(_FIGURE.match(cell))


def is_name(cell: str) -> bool:
    """Return whether a cell holds words, and neither a figure nor a mark for a missing value such as "–" or "n/a"."""
    return not is_figure(cell) and not _NO_VALUE.fullmatch(cell)


def label(row: str) -> str:
    """Return the label of a row: its cells before the first figure. The first cell always belongs to it.

    What stands in parentheses, and what a label includes or excludes, is left out: "Operating income (loss)".
    """
    first, *others = cells(row)
    words = " ".join([first, *takewhile(lambda cell: not is_figure(cell), others)])
    return _QUALIFIER.sub("", words).strip() or words.strip()


def is_rule(row: str) -> bool:
    """Return whether a row only draws a line, as below the head of a table in Markdown."""
    return not any(map(str.isalnum, row))


def years(text: str) -> frozenset[str]:
    """Return the years of a text as four digits. FY22 and 3Q22 are 2022."""
    return frozenset([*_YEAR.findall(text), *(f"20{year}" for year in _SHORT_YEAR.findall(text))])


@lru_cache(maxsize=1 << 14)  # each question asks again for the same lines
def is_head(text: str) -> bool:
    """Return whether a unit has the form of a head: it names periods, a unit or columns, and has no figures."""
    return names_periods(text) or (len(text) <= HEAD_LENGTH and is_row(text) and names_columns(text))


@lru_cache(maxsize=1 << 14)
def names_periods(text: str) -> bool:
    """Return whether a unit gives the periods or the unit of the figures below it, and has no figures itself."""
    if len(text) > HEAD_LENGTH or any(map(str.isdigit, _PERIOD.sub("", _MARK.sub("", text)))):
        return False
    if _MAYBE_UNIT.search(text.lower()) and _UNIT.search(text):
        return is_row(text) or not _SENTENCE_END.search(text) or bool(_DECLARES.match(text))
    found = len(_YEAR.findall(text))
    if is_row(text):
        return bool(found or _PERIOD.search(text))
    is_title = not _SENTENCE_END.search(text) and len(_WORD.findall(text)) <= TITLE_WORDS
    return found > 1 and is_title


def names_columns(row: str) -> bool:
    """Return whether a row holds names only. It is the head of a table if it stands at its top."""
    found = [cell for cell in cells(row) if cell]
    return len(found) > 1 and all(map(is_name, found))


def names_columns_of(row: str, before: str, below: Sequence[str]) -> bool:
    """Return whether a row names the columns of a table: it is the first one, and names stand above figures.

    Args:
        row: the row.
        before: the sentence before it.
        below: the sentences below it. Those up to the first that is no row are compared.
    """
    if not is_row(row) or is_row(before) or not names_columns(row):
        return False
    names = cells(row)
    rows = [cells(each) for each in takewhile(is_row, below) if not is_rule(each)][:ROWS_BELOW]
    columns = zip(names, *(each for each in rows if len(each) == len(names)), strict=True)
    return any(figures and is_name(name) and all(map(is_figure, figures)) for name, *figures in columns)
