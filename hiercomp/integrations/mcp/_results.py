"""What tools return as data."""

from __future__ import annotations

from dataclasses import dataclass

from hiercomp.integrations.mcp._writing import Names, stretch_of
from hiercomp.types import Answer


@dataclass(frozen=True)
class ListedDocument:
    """A document that there is."""

    path: str
    bytes: int


@dataclass(frozen=True)
class Documents:
    """The documents that there are; `more` is how many further ones are not listed."""

    documents: list[ListedDocument]
    more: int

    def __str__(self) -> str:
        lines = [f"{document.path} ({document.bytes:,} bytes)" for document in self.documents]
        return "\n".join([*lines, *([f"and {self.more:,} more"] if self.more else [])]) or "There is no document."


@dataclass(frozen=True)
class Source:
    """A place that an answer cites; `supported` is whether it bears the claim out."""

    document: str
    page: int | None
    part: str | None
    quote: str
    claim: str
    supported: bool

    def __str__(self) -> str:
        page = f" p. {self.page}" if self.page is not None else ""
        part = f": {self.part}" if self.part else ""
        return f"{self.document}{page}{part}{'' if self.supported else f'; it does not bear out: {self.claim}'}"


@dataclass(frozen=True)
class Answered:
    """An answer, what it cites, and the claims in it that nothing that its reader was given bears out."""

    answer: str
    sources: list[Source]
    uncited: list[str]
    model: str
    prompt_tokens: int
    completion_tokens: int

    @classmethod
    def of(cls, answer: Answer, names: Names) -> Answered:
        """An answer, its documents called by their names."""
        parts = answer.context.parts
        marks = {part.mark for part in parts}
        sources = [
            Source(
                document=names.get(citation.document, citation.document),
                page=citation.page,
                part=str(stretch_of(citation.mark, parts)) if citation.mark in marks else None,
                quote=citation.quote,
                claim=citation.claim,
                supported=citation.supported,
            )
            for citation in answer.citations
        ]
        run = answer.completion
        return cls(answer.text, sources, list(answer.uncited), run.model, run.prompt_tokens, run.completion_tokens)

    def __str__(self) -> str:
        uncited = [f"Nothing that was read bears out: {claim}" for claim in self.uncited]
        return "\n".join([self.answer, "", *dict.fromkeys(map(str, self.sources)), *uncited]).strip()
