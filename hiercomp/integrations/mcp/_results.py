"""The structured results of the tools."""

from __future__ import annotations

from dataclasses import dataclass

from hiercomp.integrations.mcp._text import Names, name_of, part_id
from hiercomp.ledger import losses
from hiercomp.prompts import nothing_found
from hiercomp.stages import missing_needs
from hiercomp.types import Answer, printed


@dataclass(frozen=True)
class ListedDocument:
    """A document of the server."""

    path: str
    bytes: int


@dataclass(frozen=True)
class Documents:
    """The documents of the server. `more` counts the documents that are not listed."""

    documents: list[ListedDocument]
    more: int

    def __str__(self) -> str:
        lines = [f"{document.path} ({document.bytes:,} bytes)" for document in self.documents]
        return "\n".join([*lines, *([f"and {self.more:,} more"] if self.more else [])]) or "There are no documents."


@dataclass(frozen=True)
class Source:
    """A place that an answer cites. `supported` tells whether the place states the claim.

    `label` is the number that is printed on the page, if it differs from `page`.
    """

    document: str
    page: int | None
    label: str | None
    part: str | None
    quote: str
    claim: str
    supported: bool

    def __str__(self) -> str:
        page = f" p. {self.page}{printed(self.label)}" if self.page is not None else ""
        part = f": {self.part}" if self.part else ""
        return f"{self.document}{page}{part}{'' if self.supported else f'; it does not support: {self.claim}'}"


@dataclass(frozen=True)
class Answered:
    """An answer, the places that it cites, its claims that the context does not support, and what was not found.

    `not_read` names the files that were skipped, and what had to be left out of the others.
    """

    answer: str
    sources: list[Source]
    uncited: list[str]
    not_found: list[str]
    not_read: list[str]
    model: str
    prompt_tokens: int
    completion_tokens: int

    @classmethod
    def of(cls, answer: Answer, names: Names) -> Answered:
        """Convert an answer. `names` maps the sources of documents to the names that the tools use."""
        parts = answer.context.parts
        marks = {part.mark for part in parts}
        sources = [
            Source(
                document=name_of(citation.document, names) or citation.document,
                page=citation.page,
                label=citation.label,
                part=str(part_id(citation.mark, parts)) if citation.mark in marks else None,
                quote=citation.quote,
                claim=citation.claim,
                supported=citation.supported,
            )
            for citation in answer.citations
        ]
        run, call = answer.run, answer.completion
        return cls(
            answer=answer.text,
            sources=sources,
            uncited=list(answer.uncited),
            not_found=list(missing_needs(run.question, run.plan, run.evidence)),
            not_read=losses(run.hierarchy),
            model=call.model,
            prompt_tokens=call.prompt_tokens,
            completion_tokens=call.completion_tokens,
        )

    def __str__(self) -> str:
        uncited = [f"The context does not support: {claim}" for claim in self.uncited]
        missing = [nothing_found(self.not_found)] if self.not_found else []
        return "\n".join(
            [self.answer, "", *dict.fromkeys(map(str, self.sources)), *uncited, *missing, *self.not_read]
        ).strip()
