"""Raised, lowered and stacked text as plain text: `10^6`, `H_2O`, `1/2`, `sqrt(2)`, `word[1]`, `漢字(かんじ)`."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[+-]?\d+|[^\W\d_]|[+-]")
_SIGNED = re.compile(r"[+-]\s*[\w./*]+|\d*[+-]")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|ère|e|ème|eme)", re.IGNORECASE)
_ORDINAL_BASE = re.compile(r"\d|\b[a-z]|\b[IVX]+", re.IGNORECASE)
_TRADE = {"tm": "™", "sm": "℠", "r": "®", "(r)": "®", "o": "°", "0": "°"}
_PLAIN = re.compile(r"[™℠®©°º′″'\"]+")
_VARIABLE = re.compile(r"[knmxyijtNT]")
_EXPRESSION = re.compile(r"\w+(?:\s*[-+*/·×=]\s*\w+)+|\d+[a-z]|\w+\^.+", re.DOTALL)
_TEN = re.compile(r"(?<![\d.,$€£¥])10\s?")
_SMALL_NUMBER = re.compile(r"(?<![\d.,$€£¥])\d{1,2}")
_LETTER = re.compile(r"(?<![^\W\d_])(?<!['’.])[^\W\d_]")
_LABELLED = re.compile(
    r"\b(?:annex|appendix|article|class|exhibit|group|item|note|part|schedule|section|series|table|type)\s[a-z]", re.I
)
_BRACKETED = re.compile(r"[(|]([^()|]*)[)|]")
_WORD = re.compile(r"[^\W\d_]{3}")
_UNIT = re.compile(
    r"(?<![^\W\d_])(?:[nµμmcdk]?m|ft|yd|mi|km|sec|min|hr|kg|mg|mol|rad|feet|foot|inch(?:es)?|miles?|met(?:er|re)s?"
    r"|sin|cos|tan|log|ln)|\d\s?in"
)
_SLASH = re.compile(r"⁄|[/∕]\s*(?:\d|$)")
_NUMERATOR_PLACE = re.compile(r"^$|[\d\s($€£-]")
_DENOMINATOR_PLACE = re.compile(r"\d[⁄/∕]$")


def raised(before: str, text: str, *, is_mark: bool | None = None, after: str = "") -> str:
    """Return what to write for raised text: an exponent (`^6`), a note mark (`[1]`), or plain text (`st`, `™`).

    Args:
        before: the text before it on the same line, by which an exponent is told from a mark.
        text: the raised text.
        is_mark: whether the format says that it is the mark of a note. None means that the text decides.
        after: the text that follows up to the next change of type, if it is known. A slash makes the raised text the
            numerator of a fraction.
    """
    core = _normal(text)
    if not core:
        return text and " "
    end = " " if text[-1].isspace() else ""
    if is_mark is None:
        if core.isdigit() and _NUMERATOR_PLACE.search(before[-1:]) and _SLASH.match(after):
            return fraction(core, "", before)[:-1]
        plain = _plain(before, core)
        if plain:
            return plain + end
    is_exponent = not is_mark if is_mark is not None else _is_exponent(before, core)
    return (f"^{_grouped(core)}" if is_exponent else _mark(core)) + end


def lowered(text: str, *, before: str = "") -> str:
    """Return what to write for lowered text, such as `_2` or `_(i+1)`.

    Args:
        text: the lowered text.
        before: the text before it on the same line. A slash after a digit makes it the denominator of a fraction.
    """
    core = _normal(text)
    if not core:
        return text and " "
    is_denominator = core.isdigit() and _DENOMINATOR_PLACE.search(before[-2:])
    return (core if is_denominator else f"_{_grouped(core)}") + (" " if text[-1].isspace() else "")


def fraction(numerator: str, denominator: str, before: str = "") -> str:
    """Return a fraction, such as `1/2` or `(a + b)/c`, with a blank between a whole number before it and itself."""
    blank = " " if before[-1:].isdigit() else ""
    return f"{blank}{_operand(numerator)}/{_operand(denominator)}"


def root(radicand: str, degree: str = "") -> str:
    """Return a root, such as `sqrt(2)` or `root(3, x)`."""
    degree = _normal(degree)
    return f"root({degree}, {_normal(radicand)})" if degree not in ("", "2") else f"sqrt({_normal(radicand)})"


def ruby(base: str, reading: str) -> str:
    """Return text with its reading in parentheses, such as `漢字(かんじ)`."""
    base, reading = base.strip(), reading.strip().strip("()（）")
    return f"{base}({reading})" if base and reading else base or reading


def _normal(text: str) -> str:
    return re.sub(r"[−–‐‑]", "-", " ".join(text.split()))


def _grouped(text: str) -> str:
    return text if _TOKEN.fullmatch(text) or re.fullmatch(r"\([^()]*\)", text) else f"({text})"


def _operand(text: str) -> str:
    text = _normal(text)
    return text if re.fullmatch(r"-?[\w.,%^]*|\w*\([^()]*\)", text) else f"({text})"


def _plain(before: str, text: str) -> str:
    """Return raised text that is written as it is, such as the ending of an ordinal number, or ""."""
    if _PLAIN.fullmatch(text):
        return text
    trade = _TRADE.get(text.casefold(), "")
    if trade == "°":
        return trade if re.search(r"\d\s?$", before) and text != "0" else ""
    if trade:
        return trade if re.search(r"[^\W\d]{2}$", before) else ""
    return text if _ORDINAL.fullmatch(text) and _ends_with(before, _ORDINAL_BASE) else ""


def _mark(text: str) -> str:
    """Return the mark of a note in brackets."""
    if text.startswith(":") or re.fullmatch(r"(?:\[[^\]]*\]\s*,?\s*)+", text):
        return text  # a page of the source that a mark before it names, or marks in their own brackets
    if re.fullmatch(r"(?:\([^()]+\)\s*,?\s*)+", text):
        return re.sub(r"\(([^()]+)\)", r"[\1]", text)  # one mark, or several, each in brackets of its own
    inner = re.fullmatch(r"([^()]+)\)", text)
    return f"[{inner[1] if inner else text}]"


def _is_exponent(before: str, text: str) -> bool:
    if _ends_with(before, _TEN):
        return bool(re.fullmatch(r"[+-]?\d+|[+-]?\W?[kmnxyN]|.*[-+^*/].*", text))
    if re.fullmatch(r"\d+(?:\s*[-,;]\s*\d+)+", text) and not _ends_with(before, _LETTER):
        return False  # several marks
    if _SIGNED.fullmatch(text):
        return bool(re.search(r"[\w)\]]\s?$", before))
    return _is_base(before) and _is_power(before, text)


def _is_base(before: str) -> bool:
    """Return whether the text before ends with what can be raised to a power."""
    bracketed = _end_of(before, _BRACKETED)
    if bracketed:
        return not _WORD.search(bracketed[1])
    if _ends_with(before, _LABELLED):
        return False
    return any(_ends_with(before, base) for base in (_SMALL_NUMBER, _LETTER, _UNIT))


def _is_power(before: str, text: str) -> bool:
    if text.isdigit():
        return text != "1"
    if _EXPRESSION.fullmatch(text):
        return True
    return bool(_VARIABLE.fullmatch(text) or (len(text) == 1 and text.isalpha() and _ends_with(before, _LETTER)))


def _ends_with(before: str, kind: re.Pattern[str]) -> bool:
    return _end_of(before, kind) is not None


def _end_of(before: str, kind: re.Pattern[str]) -> re.Match[str] | None:
    """Return the match at the very end of a text. Only the last characters count, so that long lines stay cheap."""
    return re.search(rf"(?:{kind.pattern})$", before[-40:], kind.flags)
