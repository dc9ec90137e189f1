"""Parse the lines of `documents.jsonl` and `questions.jsonl`, as `eval.datasets.folder` describes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, Field, ValidationError, model_validator

from hiercomp.errors import ConfigError

Line = TypeVar("Line", bound=BaseModel)


class DocumentLine(BaseModel):
    """A document: its text, or the file to read it from."""

    doc_id: str
    text: str | None = None
    path: str | None = None

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if self.text is None and self.path is None:
            raise ValueError(f"{self.doc_id!r} has neither 'text' nor 'path'")
        return self


class Meta(BaseModel):
    """Optional facts about a question."""

    answer_aliases: list[str] = Field(default_factory=list)
    justification: str | None = None
    options: dict[str, str] = Field(default_factory=dict)
    gold_letters: list[str] = Field(default_factory=list)


class QuestionLine(BaseModel):
    """A question."""

    id: str
    doc_id: str
    question: str
    answers: list[str] = Field(default_factory=list)
    evidence: list[str] = Field(default_factory=list)
    evidence_spans: list[tuple[int, int]] = Field(default_factory=list)
    evidence_pages: list[int] = Field(default_factory=list)
    type: str = ""
    meta: Meta = Field(default_factory=Meta)


def read(path: Path, kind: type[Line]) -> Iterator[tuple[int, Line]]:
    """Yield the lines of a file, each with the byte offset of its beginning.

    Raises:
        ConfigError: the file cannot be read, or a line is not in the layout. The message names the file and the line.
    """
    try:
        with path.open("rb") as file:
            offset = 0
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield offset, _parse(line, kind, f"{path}:{number}")
                offset += len(line)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): check its name and its permissions") from error


def read_at(path: Path, offset: int, kind: type[Line]) -> Line:
    """Read the line of a file that begins at a byte offset."""
    with path.open("rb") as file:
        file.seek(offset)
        return _parse(file.readline(), kind, str(path))


def _parse(line: bytes, kind: type[Line], place: str) -> Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{place}: {field + ': ' if field else ''}{first['msg']}") from error
