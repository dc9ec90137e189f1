"""Analysis of a question by its words: the kind of answer, instructions to the reader, follow-ups.

The rules are for English. Questions in other languages get a safe default. The module is pure.
"""

from __future__ import annotations

import re
from typing import Literal

from hiercomp.text import analysis

AnswerKind = Literal["yes_no", "number", "date", "name", "list", "choice", "summary", "explanation"]

_START = r"(?:^|(?<=[.?!,:;]\s))\s*(?:(?:and|so|then|now)\s+)?"
_PATTERNS: tuple[tuple[AnswerKind, str], ...] = (
    ("choice", r"(?:^|\n)\s*\(?[A-D][.)]\s.*(?:\n|\s)\(?[B-E][.)]\s"),
    ("summary", r"\b(?:summari[sz]e|summary|overview|outline|main (?:points?|ideas?)|gist)\b"),
    ("explanation", r"\b(?:why|explain|describe|discuss|reasons?|in what way|what drove|how (?:do|does|did|is|are))\b"),
    ("list", r"\b(?:list|enumerate|which of|what are|who are|name (?:the|all|two|three|four|\d)|(?:each|all) of)\b"),
    ("number", r"\b(?:how (?:much|many|large|long|old|far|high)|what percentage|percent|ratio|rate|margin|total|amount|"
     r"number of|usd|dollars?|average|sum|count|eps|revenues?|income|capex|expenditures?|calculate)\b|[$€£%]"),
    ("date", r"\b(?:when|what (?:date|day|year|month|time)|which (?:year|month|date|day)|how recently)\b"),
    ("name", r"\b(?:who|whom|whose|where|which|what (?:is|was) the name)\b"),
    ("yes_no", _START + r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|must)\b"),
)  # fmt: skip
# Yes or no comes early: it answers every question that opens with an auxiliary verb, whatever words follow.
_ORDER = (*_PATTERNS[:2], _PATTERNS[-1], *_PATTERNS[2:-1])

_REQUEST = rf"{_START}(?:please )?"
# Instructions tell the reader how to answer. They do not describe the document, so they are not searched for.
_INSTRUCTIONS = (
    rf"{_REQUEST}(?:highlight|show|list|find)(?: me)? (?:(?:the|all|any) )+"
    r"(?:parts|passages|sections|clauses|provisions)(?: \(if any\))?(?: (?:of|in) (?:this|the) \w+)?"
    r" (?:(?:that are )?(?:related|relating) to|that relate to|about|on)\b",
    rf"{_REQUEST}(?:here(?:['’]s| is)|answer) (?:my|the|this)(?: following)? question\b:?",
    rf"{_REQUEST}(?:round|state|give|report|express|write) (?:your |the )?answers?\b[^.?!:]*",
    rf"{_REQUEST}answer (?:briefly|in|with)\b[^.?!:]*",
    r"\b(?:as if|assum(?:e|ing)|imagine|pretend|suppose)(?: that)? you are\b[^.?!:]*",
    rf"{_START}(?:please|briefly)\b",
    r"\b(?:please|briefly|in (?:one|two|three|a few|\d+) (?:words?|sentences?))(?=\s*(?:[.?!]|$))",
)
_INSTRUCTION = re.compile("|".join(_INSTRUCTIONS), re.IGNORECASE)
# Spaces and punctuation marks that a removed instruction leaves behind.
_SPACE_BEFORE_MARK = re.compile(r" (?=[.,;:?!])")
_REPEATED_MARKS = re.compile(r"[,;:]+(?=[.?!])|(?<=[.,;:?!])[.,;:]+")

# The first words of a question that continues the previous question.
_CONTINUATION = re.compile(
    r"\W*(?:and|but|or|also|so|then|now|(?:what|how) about|what else|yes|no|ok(?:ay)?|thanks?|thank you|"
    r"really|continue|go on|(?:tell me |say )?more|are you sure|as an?|in other words)\b",
    re.IGNORECASE,
)
# Words that refer to something that was named before.
_BACK_REFERENCE = re.compile(
    r"\b(?:it|its|they|them|theirs?|he|him|his|she|hers?|th(?:is|at|ese|ose)|ones?|"
    r"the (?:same|former|latter|two)|your (?:last |previous )?(?:answer|reply))\b",
    re.IGNORECASE,
)
_LATIN = re.compile("[\u0000-\u024f\u2000-\u206f]+")
# Questions about the whole input. Their evidence stands in many sections.
_GLOBAL = re.compile(
    r"\b(?:main (?:points?|ideas?|themes?|topics?|findings?|risks?|arguments?)|"
    r"key (?:points?|takeaways?|themes?|findings?|risks?)|(?:list|name|enumerate) (?:all|every|each)|"
    r"what is (?:this|the) (?:document|paper|report|contract|agreement|filing|text|book|meeting) about)\b",
    re.IGNORECASE,
)
# A summary of a named subject is not one of them: its evidence stands where the subject is discussed.
_SUMMARY = re.compile(r"\b(?:summari[sz]e|summary|overview|outline|gist)\b", re.IGNORECASE)
# Words of a request for an overview that do not say what the overview is about.
_OVERVIEW_WORDS = frozenset(
    analysis.terms(
        "summarize summarise summary overview outline gist main key point idea theme topic takeaway whole entire full "
        "document paper report contract agreement filing text file article book meeting transcript discussion short "
        "brief write make give provide about content"
    )
)
_OPTION = re.compile(r"(?:^|\s)\(?([A-F])[.)]\s+(.+?)(?=\s+\(?[A-F][.)]\s|\s*$)", re.DOTALL)
_YEAR = re.compile(r"\b(?:(?:FY|CY|Q[1-4] ?)?(?:19|20)\d\d)\b")
_CONTRAST = re.compile(
    r"\b(?:compare|comparing|contrast|differences? between|comparison (?:of|between))\s+"
    r"(?P<left>[^,.;:?]{3,80}?)\s+(?:and|with|to|against|versus|vs\.?)\s+"
    r"(?P<right>[^,.;:?]{3,80}?)(?=[,.;:?]|$)",
    re.IGNORECASE,
)
FEW_WORDS = 2
"""A question of at most this many words depends on the conversation."""
FEW_TERMS = 3
"""A question with a back reference and at most this many search terms does not name its own subject."""


def is_follow_up(question: str) -> bool:
    """Return whether a question cannot be understood without the conversation before it.

    Examples are `And in 2024?` and `Why did it rise?`. A question in another alphabet is never a follow-up.

    The datasets that `eval/` reads hold 6,977 questions that stand alone. The function calls 95 of them follow-ups.
    Most of the 95 ask about "this study", or about a person and "his" or "her" things.
    """
    if not _LATIN.fullmatch(question):
        return False
    terms = [term for term in analysis.terms(question) if not term[0].isdigit()]
    is_short = not terms or len(question.split()) <= FEW_WORDS
    refers_back = len(terms) <= FEW_TERMS and _BACK_REFERENCE.search(question) is not None
    return is_short or refers_back or _CONTINUATION.match(question) is not None


def strip_instructions(question: str) -> str:
    """Return a question without instructions to the reader, because a search would look for their words.

    `Please round your answer to one decimal place. What was the margin?` becomes `What was the margin?`. A question
    without instructions is returned unchanged, and so is one that holds nothing else.
    """
    rest, removed = _INSTRUCTION.subn(" ", question)
    if not removed:
        return question
    rest = _SPACE_BEFORE_MARK.sub("", " ".join(rest.split()))
    rest = _REPEATED_MARKS.sub("", rest).strip(" .,;:")
    return rest if any(character.isalnum() for character in rest) else question


def is_global(question: str) -> bool:
    """Return whether a question asks about the whole input, as an overview or a list of everything does."""
    return _GLOBAL.search(question) is not None or is_overview(question)


def is_overview(question: str) -> bool:
    """Return whether a question asks for a summary and names no subject, such as `Summarize this document.`."""
    asks = _GLOBAL.search(question) or _SUMMARY.search(question)
    return asks is not None and not set(analysis.terms(question)) - _OVERVIEW_WORDS


def members(question: str) -> list[str]:
    """Return what a question compares or offers as choices, one text each; nothing if it does neither.

    `A) Yes, in May. B) No.` gives the texts of the options. `the difference between cost and price` gives `cost` and
    `price`.
    """
    options = _OPTION.findall(question)
    if len(options) > 1 and [letter for letter, _ in options] == list("ABCDEF"[: len(options)]):
        return [text.strip() for _, text in options]
    contrast = _CONTRAST.search(question)
    sides = [contrast["left"], contrast["right"]] if contrast else []
    return [side for side in sides if analysis.terms(_YEAR.sub("", side))] if len(sides) == 2 else []


def answer_kind(question: str) -> AnswerKind:
    """Return the kind of answer that a question asks for: `explanation` if no rule matches."""
    stripped = question.strip()
    for kind, pattern in _ORDER:
        if re.search(pattern, stripped, re.IGNORECASE if kind != "choice" else 0):
            return kind
    return "explanation"
