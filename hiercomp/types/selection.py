"""The hits of a question in a hierarchy, and the renderings that a budget selects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from hiercomp.types.documents import Span

Detail = Literal["summary", "written", "extract", "verbatim"]
"""How much of a node is shown.

`summary`: the sentences that represent a section or a document. `written`: a summary in a model's own words.
`extract`: some sentences of a passage. `verbatim`: a whole passage.
"""
TokenBudget = int | Literal["auto"]
"""A number of tokens, or `auto` for the fewest that hold enough evidence (`evidence_share` and `least_value`)."""


@dataclass(frozen=True, slots=True)
class RetrieverScore:
    """The rank (from 1) and the score (higher is better) that one retriever gave to a node."""

    retriever: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A node that a question found.

    `probability` is the calibrated probability that the node holds evidence. It is 0 until `ranking.fusion` sets it.
    `sentences` holds the late-interaction score of each sentence, and None for a sentence that the encoder did not
    read. It is empty if the encoder read nothing of the node.
    """

    node_id: str
    score: float
    probability: float = 0.0
    sources: tuple[RetrieverScore, ...] = ()
    sentences: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits, best first. Hits with equal scores are ordered by their ids."""

    hits: tuple[Hit, ...]

    def __post_init__(self) -> None:
        if len({hit.node_id for hit in self.hits}) != len(self.hits):
            raise ValueError("a ranking names a node twice")

    @classmethod
    def of(cls, hits: Iterable[Hit]) -> Ranking:
        """Sort hits into a ranking."""
        return cls(tuple(sorted(hits, key=lambda hit: (-hit.score, hit.node_id))))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The probability that each sentence of the ranked passages is evidence.

    Each mapping leads from a passage's id to one probability for each of its sentences. `by_need` has one mapping for
    each need of the plan: the sentence is evidence for that need. `joint` says that it is evidence for any need, and
    is calibrated. `found` tells for each need whether anything in the documents matches it.
    """

    joint: Mapping[str, tuple[float, ...]]
    by_need: tuple[Mapping[str, tuple[float, ...]], ...] = ()
    found: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """One way to show a node.

    `spans` are the sentences and rows shown, in text order. `values` holds the expected evidence of each, in tokens.
    `tokens` is the cost with line breaks and gap marks. `value` is the sum of `values`. `text` is set only if
    `detail` is `written`: it is the model's summary, and `spans` are the stretches of the document it was made from.
    """

    node_id: str
    detail: Detail
    spans: tuple[Span, ...]
    values: tuple[float, ...]
    tokens: int
    text: str | None = None
    value: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.spans) != len(self.values):
            raise ValueError("a rendering needs one value for each span")
        if self.tokens < 0:
            raise ValueError(f"a rendering cannot cost {self.tokens} tokens")
        if (self.text is not None) != (self.detail == "written"):
            raise ValueError("a rendering has a text of its own exactly if a model wrote it")
        object.__setattr__(self, "value", sum(self.values))


@dataclass(frozen=True, slots=True)
class Ladder:
    """A node's renderings, cheapest first. Each rendering has more tokens and more value than the previous one.

    `opening` is the number of tokens for the node's heading and address. It is paid once if anything below the node
    is shown.
    """

    node_id: str
    renderings: tuple[Rendering, ...]
    opening: int = 0

    def __post_init__(self) -> None:
        steps = [(rendering.tokens, rendering.value) for rendering in self.renderings]
        for (tokens, value), (more, greater) in pairwise(steps):
            if tokens >= more or value >= greater:
                raise ValueError(f"the ladder of {self.node_id} does not rise")


@dataclass(frozen=True, slots=True)
class Choice:
    """The reason for the budget that `--budget auto` chose.

    `ended` names the limit that set the budget: the `share` of all expected evidence, the `least_value` of a token, the
    largest budget that is ever chosen (`most`), or the size of the whole document. `expected` is the expected
    evidence in everything that was offered.
    """

    ended: Literal["share", "value", "most", "whole"]
    share: float
    least_value: float
    expected: float


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens of one call: `total` is the ceiling, `prompt` the fixed text, `answer` the reserve for the answer.

    `choice` is None if the caller named the number of tokens.
    """

    total: int
    prompt: int
    answer: int
    tokenizer: str
    choice: Choice | None = None

    @property
    def context(self) -> int:
        """The tokens that are left for the context."""
        return self.total - self.prompt - self.answer


@dataclass(frozen=True, slots=True)
class Dropped:
    """A node that is not in the context, and the reason."""

    node_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """The renderings that fit a budget: a cut of the tree.

    `price` is λ, the expected evidence that one more token would add. `bound` is an upper bound on the value of any
    choice.
    """

    renderings: tuple[Rendering, ...]
    tokens: int
    tokens_by_level: tuple[tuple[str, int], ...]
    price: float
    value: float
    bound: float
    dropped: tuple[Dropped, ...] = ()
