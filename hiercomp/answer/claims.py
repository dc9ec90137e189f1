"""Claims: the numbers, names and words of a sentence. Evidence: the text that may support them.

Numbers are compared by value: "$1,234.5 million" is 1234.5, "(21)%" is -21, "FY2022" is 2022. Names are capitalised
words that do not open a sentence, acronyms, and codes such as "A320". Words and names are compared as search terms.
Evidence includes every number that is spelled out. A claim includes those from eleven on and those with a unit, because
small ones are often idioms ("one of two").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from hiercomp.text.analysis import terms

WORD_SHARE = 0.5
"""The share of a claim's content words that the evidence must contain if the claim states no number and no name.

At 0.5, answers that stay close to the text (COVID-QA) pass against their own evidence in 100 % of cases, and against
other text of the same document and length in 2 %. For summaries in people's own words (QMSum) the shares are 67 % and
10 %.
"""

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# A letter of a script with spaces between words. A number next to such a letter is part of a word.
_LETTER = rf"[^\W_{_UNSPACED}]"
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
_LETTERED = re.compile(r"(?i:[fc]y\d+|[\d.,]+(?:bn|mn|[mbk]))|[\d.,]+x")  # numbers that contain letters
# Pages usually have a currency sign instead of a code, so a code is not checked as a name.
_CURRENCIES = frozenset({"USD", "EUR", "GBP", "JPY", "CNY", "INR", "CHF", "CAD", "AUD"})
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
_IDIOMATIC = 10  # a spelled number up to this one may be an idiom if it has no unit
_POWERS = {"t": 3, "k": 3, "m": 6, "b": 9, "tr": 12}
_UNITS = frozenset(Decimal(10) ** power for power in (3, 6, 9))
_DECLARED = re.compile(r"(?:\bin|\b(?:USD|EUR|GBP)|[$€£(])\s?(thousand|million|billion)s?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text. `scale` is the factor of a word such as "million" after it, or 1."""

    magnitude: Decimal
    negative: bool
    scale: Decimal

    @property
    def is_scaled(self) -> bool:
        """Whether a word after the number gives its scale."""
        return self.scale != 1

    @property
    def is_year(self) -> bool:
        """Whether the number may be a year."""
        return (
            not self.is_scaled
            and 1900 <= self.magnitude <= 2100
            and self.magnitude == self.magnitude.to_integral_value()
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """The numbers, names and content words of a sentence. Names and words are search terms."""

    numbers: tuple[Quantity, ...]
    names: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, text: str, *, opens_sentence: bool = True) -> Claim:
        """Return the claim of a text. If the text opens a sentence, the capital of its first word shows no name."""
        numbers = (*_quantities(text, parentheses_negate=False), *_spelled(text, above=_IDIOMATIC))
        return cls(numbers, frozenset(_names(text, opens_sentence)), frozenset(_words(text)))

    @property
    def is_specific(self) -> bool:
        """Whether the claim has a name, or a number other than a year."""
        return bool(self.names) or any(not number.is_year for number in self.numbers)

    def minus(self, other: Claim) -> Claim:
        """Return the claim without the numbers and names of another claim, for example those of the question."""
        numbers = tuple(number for number in self.numbers if number not in other.numbers)
        return Claim(numbers, self.names - other.names - other.words, self.words)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers and words of a text that claims are checked against.

    `magnitudes` are the numbers as they are written, without sign and scale. `negatives` are the magnitudes of the
    negative ones. `values` are all possible meanings of the numbers: a number with a scale has that one. Another number
    has the units that the text declares for its tables ("in thousands"), or any unit if the text declares none.
    """

    magnitudes: frozenset[Decimal]
    values: frozenset[Decimal]
    negatives: frozenset[Decimal]
    words: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str], *, address: str = "") -> Evidence:
        """Return the evidence of some texts together. Only the words and the years of their address count."""
        text = "\n".join(texts)
        place = address.replace("_", " ")
        numbers = [*_quantities(text, parentheses_negate=True), *_spelled(text)]
        years = (number for number in _quantities(place, parentheses_negate=False) if number.is_year)
        units = {1, *({_scale(word) for word in _DECLARED.findall(text)} or _UNITS)}
        return cls(
            frozenset(number.magnitude for number in [*numbers, *years]),
            frozenset(
                number.magnitude * scale
                for number in numbers
                for scale in ([number.scale] if number.is_scaled else units)
            ),
            frozenset(number.magnitude for number in numbers if number.negative),
            frozenset([*terms(f"{text}\n{place}"), *(term for word in _WORD.findall(text) for term in terms(word))]),
        )

    def has_number(self, number: Quantity) -> bool:
        """Tell whether a number occurs. A scaled one may be written in another unit or with more digits."""
        if number.negative:
            return number.magnitude in self.negatives
        if not number.is_scaled:
            return number.magnitude in self.magnitudes
        if number.magnitude * number.scale in self.values:
            return True
        # A number of one digit matches by chance too often.
        if len(number.magnitude.as_tuple().digits) < 2:
            return False
        return any(_rounds_to(value / number.scale, number.magnitude) for value in self.values)

    def has_numbers_of(self, claim: Claim) -> bool:
        """Tell whether all numbers of a claim occur."""
        return all(map(self.has_number, claim.numbers))

    def shares_words_of(self, claim: Claim) -> bool:
        """Tell whether enough of a claim's words occur (`WORD_SHARE`). A claim without words passes."""
        return len(claim.words & self.words) >= WORD_SHARE * len(claim.words)

    def supports(self, claim: Claim) -> bool:
        """Tell whether the text supports a claim: all its numbers and names occur.

        If the claim has no name and no number other than a year, enough of its words must occur too.
        """
        if not claim.names <= self.words or not self.has_numbers_of(claim):
            return False
        return claim.is_specific or (bool(claim.words) and self.shares_words_of(claim))

    def overlap(self, claim: Claim) -> int:
        """Return how much of a claim occurs, in words. A number counts as three words and a name as two."""
        numbers = sum(map(self.has_number, claim.numbers))
        return 3 * numbers + 2 * len(claim.names & self.words) + len(claim.words & self.words)


def _quantities(text: str, *, parentheses_negate: bool) -> Iterator[Quantity]:
    """Yield the numbers that a text writes in digits. Tables write negative numbers in parentheses."""
    for match in _NUMBER.finditer(text):
        before, after = match["before"] or "", match["after"]
        negative = "-" in before or "−" in before or (parentheses_negate and "(" in before and ")" in after)
        is_fiscal_year = text[max(0, match.start("digits") - 2) : match.start("digits")].upper() in {"FY", "CY"}
        for magnitude in _magnitudes(match["digits"]):
            short_year = is_fiscal_year and magnitude < 100
            yield Quantity(magnitude + 2000 if short_year else magnitude, negative, _scale(match["scale"] or ""))


def _spelled(text: str, *, above: int = 0) -> Iterator[Quantity]:
    """Yield the numbers that a text writes in words: those with a unit, and others above a limit."""
    for match in _SPELLED.finditer(text):
        value = 0
        for word in re.findall("[a-z]+", match["value"].lower()):
            value = 100 * value if word == "hundred" else value + _NUMERALS.get(word, 0)
        if value > above or match["unit"]:
            yield Quantity(Decimal(value), negative=False, scale=_scale(match["scale"] or ""))


def _scale(word: str) -> Decimal:
    """Return the factor of a word such as "million" or "bn", or 1 for an empty word."""
    letters = word.strip(" -").lower()
    return Decimal(10) ** _POWERS.get(letters[:2], _POWERS.get(letters[:1], 0))


def _magnitudes(digits: str) -> list[Decimal]:
    """Return the value of a number, whatever its thousands and decimal separators are.

    Groups of digits that do not form one number, such as 1.2.10, give a value each.
    """
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


def _rounds_to(value: Decimal, rounded: Decimal) -> bool:
    half_of_last_digit = Decimal(5).scaleb(int(rounded.as_tuple().exponent) - 1)
    return abs(value - rounded) <= half_of_last_digit


def _names(text: str, opens_sentence: bool) -> Iterator[str]:
    """Yield the search terms of the names in a text."""
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
    """Yield the search terms of a text that are not numbers."""
    return (term for term in terms(text) if not term[0].isdigit())
