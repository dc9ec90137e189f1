"""Score an answer by its words, its numbers or its choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from eval.metrics.choices import chosen
from eval.metrics.figures import Figure, agrees, read_figures
from eval.metrics.words import words
from eval.types import Question

NAMES: Mapping[str, str] = {
    "exact_match": (
        "1 if the answer equals a gold answer, ignoring case, punctuation and the articles a, an and the, else 0; "
        "unscored without gold answers and for multiple choice."
    ),
    "token_f1": (
        "The F1 of the words that the answer shares with a gold answer, without articles, for the best gold answer; "
        "unscored without gold answers and for multiple choice."
    ),
    "number_match": (
        "The share of the different numbers of a gold answer that the answer states, up to the gold rounding, for "
        "the best gold answer; unscored if no gold answer has a number and for multiple choice."
    ),
    "choice_accuracy": (
        "1 if the answer chooses exactly the right options, by letter or by text, or says the right one of yes, no and "
        "maybe, else 0; unscored for other questions."
    ),
}
_ARTICLES = {"a", "an", "the"}
_VERDICTS = {"yes", "no", "maybe"}


def score_answer(question: Question, answer: str) -> dict[str, float | None]:
    """Return the metrics of an answer. A metric that does not apply is None."""
    golds = () if question.options else question.answers
    given = _content(answer)
    values = (
        max((float(given == _content(gold)) for gold in golds), default=None),
        max((_f1(given, _content(gold)) for gold in golds), default=None),
        _number_match(golds, read_figures(answer)),
        _choice_accuracy(question, answer),
    )
    return dict(zip(NAMES, values, strict=True))


def _content(text: str) -> list[str]:
    """Return the words without articles, or all words if all are articles. Only English articles are removed."""
    found = words(text)
    return [word for word in found if word not in _ARTICLES] or found


def _f1(given: list[str], gold: list[str]) -> float:
    shared = sum((Counter(given) & Counter(gold)).values())
    return 2 * shared / (len(given) + len(gold)) if shared else float(given == gold)


def _number_match(golds: Sequence[str], given: Sequence[Figure]) -> float | None:
    """Return the share of a gold answer's numbers that are given, for the best gold answer that has numbers."""
    with_numbers = [figures for figures in (set(read_figures(gold)) for gold in golds) if figures]
    return max(
        (
            sum(any(agrees(figure, other) for other in given) for figure in figures) / len(figures)
            for figures in with_numbers
        ),
        default=None,
    )


def _choice_accuracy(question: Question, answer: str) -> float | None:
    if question.options and question.correct:
        return float(chosen(answer, dict(question.options)) == frozenset(question.correct))
    verdicts = {" ".join(words(gold)) for gold in question.answers}
    if question.options or not verdicts or not verdicts <= _VERDICTS:
        return None
    verdict = next((word for word in words(answer) if word in _VERDICTS), None)
    return float(verdict in verdicts)
