"""What a sentence states (numbers, names, words), and whether a text bears it out.

Numbers are compared by value: "$1,234.5 million" states 1234.5, "(21)%" -21, "FY2022" 2022. Names are capitalised
words that do not open a sentence, acronyms, and codes such as "A320". Words and names are compared as search terms.
A number that a text spells out is held; a claim states one from eleven on, or with its unit: "one of two" is an idiom.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from hiercomp.text.analysis import terms

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
_CURRENCIES = frozenset({"USD", "EUR", "GBP", "JPY", "CNY", "INR", "CHF", "CAD", "AUD"})  # pages have a sign
_OPENERS = '.:!?;•*"“‘([|#>\n\t-–—'
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NUMERALS = dict(zip(f"{_ONES}|{_TEENS}|{_TENS}".split("|"), [*range(1, 20), *range(20, 100, 10)], strict=True))
_BELOW_HUNDRED = f"(?:(?:{_TENS})(?:[- ](?:{_ONES}))?|{_TEENS}|{_ONES})"
_SPELLED = re.compile(
    rf"""\b(?P<value>{_BELOW_HUNDRED}(?:\ hundred(?:\ (?:and\ )?{_BELOW_HUNDRED})?)?)\b
        (?!-(?:first|second|third|(?:four|fif|six|seven|eigh|nin)th)\b)
        (?P<unit>[ -](?:(?P<scale>thousand|million|billion|trillion)|per\ ?cent)\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_IDIOMATIC = 10  # up to here a number in words that has no unit may be a manner of speaking
_POWERS = {"t": 3, "k": 3, "m": 6, "b": 9, "tr": 12}
_UNITS = frozenset(Decimal(10) ** power for power in (3, 6, 9))
_DECLARED = re.compile(r"(?:\bin|\b(?:USD|EUR|GBP)|[$€£(])\s?(thousand|million|billion)s?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a claim states; `scale` is that of a word such as "million" that follows it, else 1."""

    magnitude: Decimal
    negative: bool
    scale: Decimal

    @property
    def scaled(self) -> bool:
        """Whether a word gives its scale."""
        return self.scale != 1

    @property
    def is_year(self) -> bool:
        """Whether it may be one."""
        return (
            not self.scaled and 1900 <= self.magnitude <= 2100 and self.magnitude == self.magnitude.to_integral_value()
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sentence states."""

    numbers: tuple[Quantity, ...]
    names: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, text: str, *, opens_sentence: bool = True) -> Claim:
        """What a text states; its first word is capitalised for no reason if it opens a sentence."""
        numbers = (*_quantities(text, parentheses_negate=False), *_spelled(text, above=_IDIOMATIC))
        return cls(numbers, frozenset(_names(text, opens_sentence)), frozenset(_words(text)))

    @property
    def is_specific(self) -> bool:
        """Whether it states a name, or a number other than a year."""
        return bool(self.names) or any(not number.is_year for number in self.numbers)

    def beyond(self, given: Claim) -> Claim:
        """What it states that another text has not stated already."""
        numbers = tuple(number for number in self.numbers if number not in given.numbers)
        return Claim(numbers, self.names - given.names - given.words, self.words)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text holds for claims to rest on.

    `values` are its numbers as they may be meant: with their own scale, or in the units that the text declares for its
    tables ("in thousands"), or in any where it declares none.
    """

    magnitudes: frozenset[Decimal]
    values: frozenset[Decimal]
    negatives: frozenset[Decimal]
    words: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str], *, address: str = "") -> Evidence:
        """What some texts hold together; of their address only the words and the years count."""
        text = "\n".join(texts)
        place = address.replace("_", " ")
        numbers = [*_quantities(text, parentheses_negate=True), *_spelled(text)]
        years = (number for number in _quantities(place, parentheses_negate=False) if number.is_year)
        units = {1, *({_scale(word) for word in _DECLARED.findall(text)} or _UNITS)}
        return cls(
            frozenset(number.magnitude for number in [*numbers, *years]),
            frozenset(
                number.magnitude * scale for number in numbers for scale in ([number.scale] if number.scaled else units)
            ),
            frozenset(number.magnitude for number in numbers if number.negative),
            frozenset([*terms(f"{text}\n{place}"), *(term for word in _WORD.findall(text) for term in terms(word))]),
        )

    def holds(self, number: Quantity) -> bool:
        """Whether the number occurs; a scaled one may be written in another unit or with more digits."""
        if number.negative:
            return number.magnitude in self.negatives
        if not number.scaled:
            return number.magnitude in self.magnitudes
        if number.magnitude * number.scale in self.values:
            return True
        # One digit is met by chance too often.
        if len(number.magnitude.as_tuple().digits) < 2:
            return False
        return any(_rounds_to(value / number.scale, number.magnitude) for value in self.values)

    def holds_all(self, claim: Claim) -> bool:
        """Whether all numbers of a claim occur."""
        return all(map(self.holds, claim.numbers))

    def shares(self, claim: Claim) -> bool:
        """Whether enough of the claim's words occur; it may have none."""
        return len(claim.words & self.words) >= WORD_SHARE * len(claim.words)

    def bears_out(self, claim: Claim) -> bool:
        """Whether all numbers and names of the claim occur; one that states none must share its words."""
        if not claim.names <= self.words or not self.holds_all(claim):
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
            yield Quantity(magnitude + 2000 if short_year else magnitude, negative, _scale(match["scale"] or ""))


def _spelled(text: str, *, above: int = 0) -> Iterator[Quantity]:
    """The numbers in words; those that have a unit, and of the others those above a limit."""
    for match in _SPELLED.finditer(text):
        value = 0
        for word in re.findall("[a-z]+", match["value"].lower()):
            value = 100 * value if word == "hundred" else value + _NUMERALS.get(word, 0)
        if value > above or match["unit"]:
            yield Quantity(Decimal(value), negative=False, scale=_scale(match["scale"] or ""))


def _scale(word: str) -> Decimal:
    """What a word such as "million" or "bn" multiplies a number by; 1 for none."""
    letters = word.strip(" -").lower()
    return Decimal(10) ** _POWERS.get(letters[:2], _POWERS.get(letters[:1], 0))


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
    half = Decimal(5).scaleb(int(shown.as_tuple().exponent) - 1)
    return abs(value - shown) <= half


def _names(text: str, opens_sentence: bool) -> Iterator[str]:
    """The terms of the names in a text."""
    for match in _WORD.finditer(text):
        word = match.group()
        if len(word) < 2 or not any(map(str.isalpha, word)) or _LETTERED.fullmatch(word) or word in _CURRENCIES:
            continue
        before = text[: match.start()].rstrip(" ")
        opens = before[-1] in _OPENERS if before else opens_sentence
        is_code = any(map(str.isdigit, word)) or any(map(str.isupper, word[1:]))
        if is_code or (word[0].isupper() and not opens):
            yield from terms(word)


def _words(text: str) -> Iterator[str]:
    return (term for term in terms(text) if not term[0].isdigit())
