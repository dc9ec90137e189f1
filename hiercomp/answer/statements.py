"""The claims that a sentence of an answer makes about the documents.

Capitals in headings and remarks about the answer itself are not claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hiercomp.answer.claims import Claim, Quantity

# Capitals in headings, table rows and bold text do not show names.
_TYPOGRAPHY = re.compile(r"\A\s*[#|].*|\*\*.+?\*\*|__.+?__")
_POINTER = re.compile(
    r"""\A(?:(?:[\s*_#>•]|-\s)+\d{1,2}[.)](?=\s|\Z)|\d{1,2}[.)]\s)  # the number of a list item
      | (?<![\w$€£(])\(?[1-9]\)\s(?=[^\W\d])  # the number of an item inside a sentence
      | \b(?:pages?|pp?\.|excerpts?|documents?|sources?|items?|notes?|sections?|tables?|figures?)
        \s\[?\d+(?:[.–-]\d+)*\b(?!,\d|\s?%)
      | \b[QH][1-4]\b  # documents often write "third quarter" instead
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTRAST = re.compile(r"(?=\b(?:but|however|although)\b|;)", re.IGNORECASE)
_LIST_INTRODUCTION = re.compile(r"\A\s*#|:\W*\Z")
_REFUSAL = re.compile(
    r"""(?:\bnot|n['’]t|\bcannot)\s(?:\w+ly\s)?(?:be\s)?
        (?:say|said|state|mention|specif|provide|contain|include|give|disclose|report|indicate|address|list|discuss
          |cover|answer|tell|explain|find|found|determine|available|possible|enough|clear)
      | \bno\s(?:\w+\s)?(?:information|mention|data|details?|reference|indication|evidence)\b
      | \b(?:nothing|unable|insufficient)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MAX_LIST_ITEMS = 20  # a list in an answer rarely has more items, and the answer counts them itself


def answer_claim(text: str, *, opens_sentence: bool = False) -> Claim:
    """Return the claim of a sentence of an answer, or of a stretch of one.

    The numbers of list items, pages and tables are not claimed. An introduction to a list, and a statement that
    something cannot be found, claim only amounts: names and years in them are their subject.

    Args:
        text: the sentence or the stretch.
        opens_sentence: whether the text starts at the start of its sentence.
    """
    introduces_list = _LIST_INTRODUCTION.search(text) is not None
    text = _POINTER.sub(" ", _TYPOGRAPHY.sub(lambda match: match.group().lower(), text))
    claims = []
    for index, part in enumerate(_CONTRAST.split(text)):
        claim = Claim.of(part, opens_sentence=opens_sentence and index == 0)
        only_amounts = introduces_list or _REFUSAL.search(part)
        claims.append(Claim(tuple(_amounts(claim.numbers)), frozenset(), claim.words) if only_amounts else claim)
    return Claim(
        tuple(number for claim in claims for number in claim.numbers),
        frozenset().union(*(claim.names for claim in claims)),
        frozenset().union(*(claim.words for claim in claims)),
    )


def _amounts(numbers: tuple[Quantity, ...]) -> Iterator[Quantity]:
    """Yield the numbers that are neither years nor likely to count the items of a list."""
    return (
        number
        for number in numbers
        if number.is_scaled or not (number.is_year or number.magnitude in range(1, _MAX_LIST_ITEMS + 1))
    )
