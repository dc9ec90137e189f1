"""What a question asks, and for what kind of answer. Pure, by its words; English, with a safe default for the rest."""

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
# A question that opens with a verb is answered by yes or no, whatever its other words are.
_ORDER = (*_PATTERNS[:2], _PATTERNS[-1], *_PATTERNS[2:-1])


_BASIS = (
    r"(?:the )?(?:details|information|line items|data|text)(?: and information)?"
    r"(?: (?:clearly|primarily|only|shown|provided|outlined|given|stated))* (?:within|in|from|above|below)"
)
_RELYING = r"(?:(?:primarily|only|solely) )?(?:us(?:e|ing)|utiliz(?:e|ing)|rely(?:ing)? on|bas(?:ed|ing) on)"
_RELYING_ON_YOUR = r"(?:bas(?:e|ing) your \w+ (?:on|off(?: of)?))"
_TASK = (
    r"(?:please )?(?:(?:answer|respond to|reply to|address|approach|(?:give|provide) (?:a response|an answer) to) "
    r"(?:the following(?: question)?|th(?:e|is) question(?: asked)?|what (?:is|was) asked)|"
    r"calculate what was asked|help us (?:calculate|compute) it|"
    r"we (?:want|need) to (?:calculate|compute) an? \w+ metric)"
)
# What tells the answerer how to go about it, and says nothing of the document: tasks, their basis, forms of an answer.
_INSTRUCTIONS = (
    r"\bhighlight (?:the|all|any) (?:parts|passages|clauses|sections)(?: \(if any\))?(?: of th(?:is|e) \w+)?"
    r"(?: (?:that are )?(?:related|relating) to)?",
    r"\bthat should be reviewed by an? \w+",
    r"\b(?:details|question):",
    r"\bhere(?:'s| is) (?:the|my) question:?",
    rf"\b{_TASK}(?: by (?:{_RELYING}|{_RELYING_ON_YOUR})(?: {_BASIS})?)?",
    rf"\b(?:by |please )?{_RELYING} {_BASIS}",
    rf"\b{_RELYING_ON_YOUR}",
    r"\b(?:as if|assum(?:e|ing)|imagine|pretend|suppose) (?:that )?you are [^.?!]*",
    rf"\b(?:by )?(?:assuming|adopting|taking) the perspective of an? [^.?!]*? can (?:{_RELYING} {_BASIS})?",
    rf"{_START}(?:please )?(?:round|state|give|report|express|write) (?:your |the )?answers? [^.?!]*",
    rf"{_START}(?:please )?answer (?:briefly|in|with) [^.?!]*",
    r"\bif [^.?!]* is not a (?:useful|relevant|meaningful) metric[^.?!]*",
)
_INSTRUCTION = re.compile("|".join(_INSTRUCTIONS), re.IGNORECASE)
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[.,;:?!])")
_MARKS_IN_A_ROW = re.compile(r"([.,;:?!])[.,;:]+")

# How a question begins that goes on from another one, and the words that stand for something named before.
_GOING_ON = re.compile(
    r"\W*(?:and|but|or|also|so|then|now|(?:what|how) about|what else|yes|no|ok(?:ay)?|thanks?|thank you|"
    r"really|continue|go on|(?:tell me |say )?more|are you sure|as an?|in other words)\b",
    re.IGNORECASE,
)
_POINTING_BACK = re.compile(
    r"\b(?:it|its|they|them|theirs?|he|him|his|she|hers?|th(?:is|at|ese|ose)|ones?|"
    r"the (?:same|former|latter|two)|your (?:last |previous )?(?:answer|reply))\b",
    re.IGNORECASE,
)
_LATIN = re.compile("[\u0000-\u024f\u2000-\u206f]+")
FEW_WORDS, FEW_TERMS = 2, 3
"""So short a question says little by itself; one with so few terms names what it points back to only elsewhere."""


def leans(question: str) -> bool:
    """Whether a question needs what was said before it to say what it asks: `And in 2024?`, `Why did it rise?`.

    Of 6,977 questions that people asked by themselves (the sets that `eval/` reads) it takes 95 for such, most of
    which ask of "this study" or of a person and "his" or "her" things.
    """
    if not _LATIN.fullmatch(question):
        return False
    terms = [term for term in analysis.terms(question) if not term[0].isdigit()]
    few = not terms or len(question.split()) <= FEW_WORDS
    pointing = len(terms) <= FEW_TERMS and _POINTING_BACK.search(question) is not None
    return few or pointing or _GOING_ON.match(question) is not None


def asked(question: str) -> str:
    """A question without its instructions, which would be searched for like the rest; as it is where it has none.

    `Highlight the parts related to "Insurance" that should be reviewed by a lawyer.` asks for `"Insurance"`.
    """
    rest, removed = _INSTRUCTION.subn(" ", question)
    if not removed:
        return question
    rest = _MARKS_IN_A_ROW.sub(r"\1", _SPACE_BEFORE_MARK.sub("", rest))
    rest = " ".join(rest.split()).strip(" .,;:")
    return rest if any(character.isalnum() for character in rest) else question


def answer_kind(question: str) -> AnswerKind:
    """The kind of answer that a question asks for; an explanation where its words do not tell."""
    folded = question.strip()
    for kind, pattern in _ORDER:
        if re.search(pattern, folded, re.IGNORECASE if kind != "choice" else 0):
            return kind
    return "explanation"
