"""The needs of a plan after the search: whether anything was found for each, and which parts of a context serve it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hiercomp.ranking.evidence import Lexicon
from hiercomp.text.chunking import weighted_bytes
from hiercomp.types import Need, Part, Plan, Ranking, Run, Span

WORD_SHARE = 0.25
"""A need is found if one sentence contains at least this share of the weight of its terms."""
RELATIVE_SCORE = 0.8
"""A need is also found if its best passage has at least this share of the best score by meaning in the whole plan."""
BY_MEANING = ("dense", "tokens")
"""The retrievers whose scores compare the meaning of texts."""


@dataclass(frozen=True, slots=True)
class ServedNeed:
    """A need, and the parts of a context that serve it.

    A part serves the need for which it holds the most expected evidence, so that it is listed once. `probability` is
    that of the need's best passage. If the whole input is shown, nothing was searched for, and `probability` and
    `found` are None.
    """

    need: Need
    parts: tuple[Part, ...]
    probability: float | None
    found: bool | None

    @property
    def marks(self) -> tuple[int, ...]:
        """The marks of the parts, in text order."""
        return tuple(dict.fromkeys(part.mark for part in self.parts))

    @property
    def tokens(self) -> int:
        """The tokens of the parts."""
        return sum(part.tokens for part in self.parts)


def find(question: str, plan: Plan, rankings: Sequence[Ranking], lexicon: Lexicon) -> tuple[bool, ...]:
    """Return for each need whether anything in the documents matches it by its words or by its meaning.

    The probabilities do not tell: they are fitted on questions that the documents answer, so that the best passage of
    a need is likely even if it is about something else. The question itself is found if any passage is.
    """
    scores = [_best_by_meaning(ranking) for ranking in rankings]
    least = RELATIVE_SCORE * max((score for score in scores if score is not None), default=0.0)
    found = []
    for index, (need, ranking, score) in enumerate(zip(plan.needs, rankings, scores, strict=True)):
        is_question = index == 0 and bool(question.strip())
        by_meaning = score is None or score >= least
        by_words = lexicon.coverage(need.text).max(initial=0.0) >= WORD_SHARE
        found.append(bool(ranking.hits) and (is_question or by_meaning or bool(by_words)))
    return tuple(found)


def served(run: Run) -> tuple[ServedNeed, ...]:
    """Return the needs of a run's plan with the parts that serve them. The parts of all needs are those of the context.

    A need for which nothing was found is served by no part. A part without evidence for any need serves the first one.
    """
    if not run.rankings:
        return tuple(ServedNeed(need, (), None, None) for need in run.plan.needs)
    found = run.evidence.found
    candidates = [index for index, is_found in enumerate(found) if is_found] or [0]
    places = _places(run)
    parts: dict[int, list[Part]] = {}
    for part in run.context.parts:
        evidence = [_expected(run, part, run.evidence.by_need[index], places) for index in candidates]
        parts.setdefault(candidates[evidence.index(max(evidence))], []).append(part)
    return tuple(
        ServedNeed(need, tuple(parts.get(index, ())), _best_probability(ranking), found[index])
        for index, (need, ranking) in enumerate(zip(run.plan.needs, run.rankings, strict=True))
    )


Places = Mapping[tuple[str, Span], tuple[str, int]]
"""The passage of a sentence and the sentence's number in it, by the sentence's document and span."""


def _places(run: Run) -> Places:
    nodes = (run.hierarchy.node(node_id) for node_id in run.evidence.joint)
    return {(node.document_id, span): (node.id, index) for node in nodes for index, span in enumerate(node.sentences)}


def _expected(run: Run, part: Part, probabilities: Mapping[str, tuple[float, ...]], places: Places) -> float:
    """Return the expected evidence in a part: the length of each of its sentences times its probability."""
    text = run.hierarchy.document(part.document_id).text
    total = 0.0
    for span in part.spans:
        node_id, index = places.get((part.document_id, span), ("", 0))
        if node_id in probabilities:
            total += weighted_bytes(span.of(text)) * probabilities[node_id][index]
    return total


def _best_probability(ranking: Ranking) -> float:
    return max((hit.probability for hit in ranking.hits), default=0.0)


def _best_by_meaning(ranking: Ranking) -> float | None:
    """Return the best score of the retrievers that compare meanings; None if no such retriever was used."""
    sources = (source for hit in ranking.hits for source in hit.sources)
    return max((source.score for source in sources if source.retriever in BY_MEANING), default=None)
