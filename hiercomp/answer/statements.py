"""What a sentence of an answer states of the documents: not its capitals in headings, nor its talk of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hiercomp.answer.claims import Claim, Quantity

_TYPOGRAPHY = re.compile(r"\A\s*[#|].*|\*\*.+?\*\*|__.+?__")  # headings, table rows, bold: capitals there mean nothing
_POINTER = re.compile(
    r"""\A(?:(?:[\s*_#>•]|-\s)+\d{1,2}[.)](?=\s|\Z)|\d{1,2}[.)]\s)  # the number of a list's item
      | (?<![\w$€£(])\(?[1-9]\)\s(?=[^\W\d])  # that of one inside a sentence
      | \b(?:pages?|pp?\.|excerpts?|documents?|sources?|items?|notes?|sections?|tables?|figures?)
        \s\[?\d+(?:[.–-]\d+)*\b(?!,\d|\s?%)
      | \b[QH][1-4]\b  # documents write "third quarter"
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTRAST = re.compile(r"(?=\b(?:but|however|although)\b|;)", re.IGNORECASE)
_LEAD_IN = re.compile(r"\A\s*#|:\W*\Z")
_REFUSAL = re.compile(
    r"""(?:\bnot|n['’]t|\bcannot)\s(?:\w+ly\s)?(?:be\s)?
        (?:say|said|state|mention|specif|provide|contain|include|give|disclose|report|indicate|address|list|discuss
          |cover|answer|tell|explain|find|found|determine|available|possible|enough|clear)
      | \bno\s(?:\w+\s)?(?:information|mention|data|details?|reference|indication|evidence)\b
      | \b(?:nothing|unable|insufficient)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MOST_ITEMS = 20  # a list that is led in has hardly more items, and their count is the answer's own


def stated(text: str, *, opens_sentence: bool = False) -> Claim:
    """What a stretch of an answer's sentence states.

    The number of a list's item, of a page or of a table states nothing. What leads a list in, and what says that
    something is not to be found, states amounts at most: names and years there are the subject.
    """
    leads_in = _LEAD_IN.search(text) is not None
    text = _POINTER.sub(" ", _TYPOGRAPHY.sub(lambda shown: shown.group().lower(), text))
    claims = []
    for start, part in enumerate(_CONTRAST.split(text)):
        claim = Claim.of(part, opens_sentence=opens_sentence and not start)
        only_amounts = leads_in or _REFUSAL.search(part)
        claims.append(Claim(tuple(_amounts(claim.numbers)), frozenset(), claim.words) if only_amounts else claim)
    return Claim(
        tuple(number for claim in claims for number in claim.numbers),
        frozenset().union(*(claim.names for claim in claims)),
        frozenset().union(*(claim.words for claim in claims)),
    )


def _amounts(numbers: tuple[Quantity, ...]) -> Iterator[Quantity]:
    return (
        number
        for number in numbers
        if number.scaled or not (number.is_year or number.magnitude in range(1, _MOST_ITEMS + 1))
    )
