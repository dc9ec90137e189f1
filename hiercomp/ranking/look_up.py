"""Look up what a question names exactly: an identifier, or the label of a table row and its period.

Fitted models compare a question with sentences by words and by meaning. They cannot know that "A10237" or "operating
income in 2021" names one row among thousands that are alike. So a sentence that is named exactly has a probability of
its own, which is a convention and not a fit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from hiercomp.ranking.evidence import Lexicon
from hiercomp.text.identifiers import Identifier, identifiers
from hiercomp.text.rows import label, years
from hiercomp.text.tables import Place, heads_above
from hiercomp.types import Hierarchy

NAMED = 0.95
"""The probability of a sentence that holds a rare identifier of the question."""
BELOW_NAMED = 0.8
"""The probability of the sentences below a heading that holds a rare identifier of the question."""
RARE = 3
"""An identifier in more sentences than this is not rare."""
LABELLED = 0.9
"""The probability of the row whose label and period match those of the question exactly."""
NEXT_LABELLED = 0.75
"""The factor for each further row that matches: the first ones likely hold the answer."""
ROWS = 5
"""The number of rows that are raised because of their labels."""
CANDIDATES = 24
"""The number of rows with the best labels whose heads are read."""
MIN_MATCH = 0.5
"""The least match of a row's label. Rows below it keep their probability."""
NO_PERIOD, OTHER_PERIOD = 0.8, 0.2
"""The factors for a row without a period and for a row of other periods, if the question names a year."""
NOTE = 0.85
"""The factor for a row outside the primary statements."""

# Words of a question that name a period, or that ask for an amount without saying which.
_UNSPECIFIC = (
    "fiscal year years ended ending end quarter months weeks annual period date january february march april may june "
    "july august september october november december first second third fourth half full much many amount value "
    "company report reported spend spent"
)
_STATEMENT = re.compile(
    r"""\bstatements?\ of\ (?:consolidated\ )?(?:income|operations|earnings|profit|loss|comprehensive|cash\ flows?)\b
      | \bstatements?\ of\ financial\ (?:position|condition)\b
      | \bbalance\ sheets? | \b(?:income|cash\ flow)\ statements?\b | \bprofit\ and\ loss\b
      | \b(?:Bilanz|Gewinn-\ und\ Verlustrechnung|Kapitalflussrechnung|compte\ de\ r\u00e9sultat|bilan)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
TITLE_LENGTH = 120
"""The most characters of a line that may be the title of a statement."""
TITLE_SPACE = 300
"""The characters at the start of a page, or before the heads of a table, in which the title of a statement stands."""


def look_up(hierarchy: Hierarchy, question: str, lexicon: Lexicon) -> dict[Place, float]:
    """Return the probability of each sentence that a question names exactly."""
    found = _labelled(hierarchy, question, lexicon)
    for identifier in identifiers(question):
        for place in _named(hierarchy, identifier, lexicon):
            found[place] = NAMED
            for below in _below_heading(hierarchy, place):
                found[below] = max(found.get(below, 0.0), BELOW_NAMED)
    return found


def _named(hierarchy: Hierarchy, identifier: Identifier, lexicon: Lexicon) -> list[Place]:
    """Return the sentences that hold an identifier, if they are few, or else those that begin with it, if they are."""
    places = _holding(hierarchy, identifier, lexicon)
    if len(places) > RARE or identifier.is_label:
        start = re.compile(rf"[\W_]*{re.escape(identifier.text)}(?!\w|[.-]\w)", re.IGNORECASE)
        places = [place for place in places if start.match(_text(hierarchy, place))]
    return places if len(places) <= RARE else []


def _holding(hierarchy: Hierarchy, identifier: Identifier, lexicon: Lexicon) -> list[Place]:
    """Return the sentences that hold an identifier. If there are none, return those that hold its long number."""
    places: list[Place] = []
    if identifier.pattern:
        pattern = identifier.pattern
        candidates = lexicon.places(lexicon.with_all(lexicon.analysis(identifier.text)))
        places = [place for place in candidates if pattern.search(_text(hierarchy, place))]
    if not places and identifier.number:
        places = lexicon.places(lexicon.with_all(lexicon.analysis(identifier.number)))
    return places


def _below_heading(hierarchy: Hierarchy, place: Place) -> Iterator[Place]:
    """Yield the other sentences of a passage if a sentence is its heading."""
    node = hierarchy.node(place[0])
    headings = (heading.span for heading in hierarchy.document(node.document_id).headings)
    if node.sentences[place[1]] in headings:
        yield from ((node.id, index) for index in range(len(node.sentences)) if index != place[1])


def _text(hierarchy: Hierarchy, place: Place) -> str:
    node = hierarchy.node(place[0])
    return node.sentences[place[1]].of(hierarchy.document(node.document_id).text)


def _labelled(hierarchy: Hierarchy, question: str, lexicon: Lexicon) -> dict[Place, float]:
    """Return the probability of the rows with the best labels and periods."""
    weights = _weights(question, lexicon)
    numbers, shared, precision = lexicon.labels.match(weights)
    likely = np.flatnonzero(precision >= MIN_MATCH)
    best = likely[np.argsort(-(shared * precision)[likely], kind="stable")[:CANDIDATES]]
    places = lexicon.places(numbers[best])
    heads = heads_above(hierarchy, {node_id for node_id, _ in places})
    matches = []
    for place, share in zip(places, precision[best].tolist(), strict=True):
        above = heads.get(place, ())
        row = "\n".join([label(_text(hierarchy, place)), *(_text(hierarchy, head) for head in above)])
        match = share * _recall(row, _name(hierarchy, place), weights, lexicon)
        if match >= MIN_MATCH:
            is_primary = _is_in_statement(hierarchy, (*above, place))
            matches.append((match * _period(years(row), years(question)) * (1.0 if is_primary else NOTE), place))
    matches.sort(key=lambda match: -match[0])
    return {place: LABELLED * match * NEXT_LABELLED**rank for rank, (match, place) in enumerate(matches[:ROWS])}


def _weights(question: str, lexicon: Lexicon) -> dict[str, float]:
    """Return the weights of the terms of a question that occur in the documents, without those that name a period."""
    terms = (term for term in dict.fromkeys(lexicon.analysis(question)) if not (term.isdigit() and len(term) < 3))
    skipped = {*lexicon.analysis(_UNSPECIFIC), *years(question)}
    return {term: lexicon.idf(term) for term in terms if term not in skipped and len(lexicon.with_all([term]))}


def _recall(row: str, name: str, weights: Mapping[str, float], lexicon: Lexicon) -> float:
    """Return the share (0 to 1) of the question's weight that a row's label and heads have.

    The other terms of the document's name do not count: they only say which document is meant.
    """
    covered = {*lexicon.analysis(row)}
    counted = weights.keys() - ({*lexicon.analysis(name)} - covered)
    return sum(weights[term] for term in counted & covered) / (sum(weights[term] for term in counted) or 1.0)


def _name(hierarchy: Hierarchy, place: Place) -> str:
    document = hierarchy.document(hierarchy.node(place[0]).document_id)
    return f"{document.title} {document.source}".replace("_", " ")


def _period(given: frozenset[str], asked: frozenset[str]) -> float:
    """Return the factor for the years of a row's heads, given the years of a question."""
    if not asked or given & asked:
        return 1.0
    return OTHER_PERIOD if given else NO_PERIOD


def _is_in_statement(hierarchy: Hierarchy, table: Sequence[Place]) -> bool:
    """Return whether the lines above a row name a primary statement. `table` has the heads of the row and itself."""
    node = hierarchy.node(table[-1][0])
    document = hierarchy.document(node.document_id)
    first, row = (hierarchy.node(node_id).sentences[index].start for node_id, index in (table[0], table[-1]))
    page = bisect_right(document.pages, first, key=lambda page: page.span.start) - 1
    if document.pages:
        start = document.pages[page].span.start
        end = start + TITLE_SPACE
    else:
        start, end = max(0, first - TITLE_SPACE), first + TITLE_SPACE
    lines = [*document.text[start : min(end, row)].splitlines(), *node.title.split(" › ")]
    return any(len(line) <= TITLE_LENGTH and _STATEMENT.search(line) for line in lines)
