"""What a sentence states (numbers, names, words), and whether a text bears it out.

Numbers are compared by value: "$1,234.5 million" states 1234.5, "(21)%" -21, "FY2022" 2022. Names are capitalised
words that do not open a sentence, acronyms, and codes such as "A320". Words and names are compared as search terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hiercomp.analysis import terms

WORD_SHARE = 0.5
"""The share of a claim's content words that a text must hold, where the claim states no number and no name.

At a half, answers that keep near the text (COVID-QA) pass against their own evidence in 100 % of cases and against
other text of the same document and length in 2 %; summaries that people wrote freely (QMSum) in 67 % and 10 %.
"""

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W_{_UNSPACED}]"  # of a script that parts words by blanks: only such a one makes a number part of a word
_NUMBER = re.compile(
    rf"""(?:(?<!{_LETTER})(?P<before>[-−(]\s?(?:US)?[$€£¥]?|(?:US)?[$€£¥]\s?[-−(]?)\s?)?
        (?:(?<!{_LETTER})(?<![_.,])|(?<=\bFY)|(?<=\bCY))
        (?P<digits>\d+(?:[.,'’\u00a0\u202f\u2009]\d+)*)
        (?P<after>\s?%?\)?)
        (?P<scale>[ -]?(?:thousand|million|billion|trillion|bn|mn|[mbk])\b)?
        (?-i:x\b)?(?!{_LETTER}|_)""",
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(rf"\d+(?:[.,]\d+)+{_LETTER}*|{_LETTER}+")
_LETTERED = re.compile(r"(?i:[fc]y\d+|[\d.,]+(?:bn|mn|[mbk]))|[\d.,]+x")  # numbers, though they have letters
_OPENERS = '.:!?;•*"“‘([|#>\n\t-–—'
_SCALES = tuple(Decimal(10) ** power for power in (-9, -6, -3, 0, 3, 6, 9))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a claim states; `scaled` where a word such as "million" follows it."""

    magnitude: Decimal
    negative: bool
    scaled: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sentence states."""

    numbers: tuple[Quantity, ...]
    names: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, text: str, *, opens_sentence: bool = True) -> Claim:
        """What a text states; its first word is capitalised for no reason if it opens a sentence."""
        numbers = tuple(_quantities(text, parentheses_negate=False))
        return cls(numbers, frozenset(_names(text, opens_sentence)), frozenset(_words(text)))

    @property
    def is_specific(self) -> bool:
        """Whether it states a name, or a number other than a year."""
        return bool(self.names) or any(not _is_year(number) for number in self.numbers)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text holds for claims to rest on."""

    magnitudes: frozenset[Decimal]
    negatives: frozenset[Decimal]
    words: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str], *, address: str = "") -> Evidence:
        """What some texts hold together; of their address only the words and the years count."""
        text = "\n".join(texts)
        place = address.replace("_", " ")
        numbers = list(_quantities(text, parentheses_negate=True))
        years = filter(_is_year, _quantities(place, parentheses_negate=False))
        return cls(
            frozenset(number.magnitude for number in [*numbers, *years]),
            frozenset(number.magnitude for number in numbers if number.negative),
            frozenset([*terms(f"{text}\n{place}"), *(term for word in _WORD.findall(text) for term in terms(word))]),
        )

    def holds(self, number: Quantity) -> bool:
        """Whether the number occurs; a scaled one may be written in another unit or with more digits."""
        if number.negative:
            return number.magnitude in self.negatives
        if number.magnitude in self.magnitudes:
            return True
        # One digit is met by chance too often.
        if not number.scaled or len(number.magnitude.as_tuple().digits) < 2:
            return False
        return any(_rounds_to(held * scale, number.magnitude) for held in self.magnitudes for scale in _SCALES)

    def shares(self, claim: Claim) -> bool:
        """Whether enough of the claim's words occur; it may have none."""
        return len(claim.words & self.words) >= WORD_SHARE * len(claim.words)

    def bears_out(self, claim: Claim) -> bool:
        """Whether all numbers and names of the claim occur; one that states none must share its words."""
        if not claim.names <= self.words or not all(map(self.holds, claim.numbers)):
            return False
        return claim.is_specific or (bool(claim.words) and self.shares(claim))

    def overlap(self, claim: Claim) -> int:
        """How much of the claim occurs: a number weighs three words, a name two."""
        return (
            3 * sum(map(self.holds, claim.numbers)) + 2 * len(claim.names & self.words) + len(claim.words & self.words)
        )


def _quantities(text: str, *, parentheses_negate: bool) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        before, after = match["before"] or "", match["after"]
        negative = "-" in before or "−" in before or (parentheses_negate and "(" in before and ")" in after)
        is_fiscal_year = text[max(0, match.start("digits") - 2) : match.start("digits")].upper() in {"FY", "CY"}
        for magnitude in _magnitudes(match["digits"]):
            short_year = is_fiscal_year and magnitude < 100
            yield Quantity(magnitude + 2000 if short_year else magnitude, negative, match["scale"] is not None)


def _magnitudes(digits: str) -> list[Decimal]:
    """The values of one written number, whichever way its thousands and decimals are parted."""
    plain = re.sub(r"['’\u00a0\u202f\u2009]", "", digits)
    groups = re.split("[.,]", plain)
    separators = [character for character in plain if character in ".,"]
    if len(set(separators)) == 2 and separators.count(separators[-1]) == 1:
        return [Decimal("".join(groups[:-1]) + "." + groups[-1])]
    in_thousands = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    if separators and in_thousands and (separators[0] == "," or len(separators) > 1):
        return [Decimal("".join(groups))]
    if len(separators) <= 1:
        return [Decimal(".".join(groups))]
    return [Decimal(group) for group in groups]


def _rounds_to(value: Decimal, shown: Decimal) -> bool:
    return abs(value) < 10**15 and value.quantize(shown, rounding=ROUND_HALF_UP) == shown


def _is_year(number: Quantity) -> bool:
    magnitude = number.magnitude
    return not number.scaled and 1900 <= magnitude <= 2100 and magnitude == magnitude.to_integral_value()


def _names(text: str, opens_sentence: bool) -> Iterator[str]:
    """The terms of the names in a text."""
    for match in _WORD.finditer(text):
        word = match.group()
        if len(word) < 2 or not any(map(str.isalpha, word)) or _LETTERED.fullmatch(word):
            continue
        before = text[: match.start()].rstrip(" ")
        opens = before[-1] in _OPENERS if before else opens_sentence
        is_code = any(map(str.isdigit, word)) or any(map(str.isupper, word[1:]))
        if is_code or (word[0].isupper() and not opens):
            yield from terms(word)


def _words(text: str) -> Iterator[str]:
    return (term for term in terms(text) if not term[0].isdigit())
