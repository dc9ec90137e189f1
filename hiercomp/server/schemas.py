"""What goes over the wire: the requests, a run as `docs/run.schema.json` describes it, documents, errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _is_whole(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("holds half of a surrogate pair, which is no text") from error
    return text


Text = Annotated[str, AfterValidator(_is_whole)]
Tokens = Annotated[int, Field(ge=1, le=100_000_000)]
Count = Annotated[int, Field(ge=0)]
DocumentId = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="From the content of the file.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CompressRequest(_Request):
    """What is to be compressed: a text, several, or documents that were uploaded; exactly one of these."""

    text: Text | None = None
    texts: list[Text] | None = Field(None, min_length=1)
    documents: list[DocumentId] | None = Field(None, min_length=1, max_length=1000)
    question: Text | None = Field(None, description="What it is for; an overview without one.")
    budget: Tokens | Literal["auto"] | None = Field(None, description="The server's own if it is not given.")

    @model_validator(mode="after")
    def _one_input(self) -> CompressRequest:
        if sum(given is not None for given in (self.text, self.texts, self.documents)) != 1:
            raise ValueError("give exactly one of text, texts and documents")
        return self


class AskRequest(CompressRequest):
    """What is asked of a text, several, or documents that were uploaded."""

    question: Text = Field(min_length=1)
    stream: bool = Field(False, description="Answer with server-sent events: `piece` and at the end `run`.")


class Part(BaseModel):
    """A stretch of a document that the context shows."""

    node: str
    level: Literal["passage", "section", "document", "corpus"]
    detail: Literal["title", "summary", "extract", "verbatim"]
    document: str
    document_id: str
    page: int | None
    start: Count
    end: Count
    tokens: Count
    value: float
    text: str
    mark: Count


class ContextText(BaseModel):
    """What the reader is given."""

    text: str
    tokens: Count
    parts: list[Part]


class Choice(BaseModel):
    """Why a budget that was left open is what it is."""

    ended: Literal["share", "value", "most", "whole"]
    share: float
    least_value: float
    expected: float


class Budget(BaseModel):
    """How the tokens are divided."""

    total: Count
    prompt: Count
    context: Count
    answer: Count
    tokenizer: str
    choice: Choice | None


class Dropped(BaseModel):
    """A node that is not shown."""

    node: str
    reason: str


class Allocation(BaseModel):
    """How the context's tokens were spent."""

    tokens_by_level: dict[str, Count]
    price: float
    value: float
    bound: float
    expected_evidence: float
    dropped: list[Dropped]


class Usage(BaseModel):
    """What the reader's call took."""

    prompt_tokens: Count
    completion_tokens: Count
    total_tokens: Count
    usd: float | None
    wh: float | None


class Run(BaseModel):
    """A run, schema `hiercomp/1`."""

    schema_name: Literal["hiercomp/1"] = Field(alias="schema")
    question: str
    context: ContextText
    budget: Budget
    allocation: Allocation
    usage: Usage
    seconds: dict[str, float]
    model: str | None
    embedding: str | None
    source_tokens: Count
    encoded: Count
    neural_tokens: Count
    cpu_seconds: dict[str, float]
    peak_bytes: int | None
    warnings: list[str]


class Citation(BaseModel):
    """What a claim of the answer rests on."""

    mark: Count
    document: str
    page: int | None
    quote: str
    claim: str
    supported: bool


class Uncited(BaseModel):
    """A claim that rests on nothing that was shown."""

    claim: str


class AnswerRun(Run):
    """A run with an answer."""

    answer: str
    stop_reason: Literal["stop", "length"]
    citations: list[Citation]
    uncited: list[Uncited]


class StoredDocument(BaseModel):
    """A document that was uploaded."""

    id: DocumentId
    name: str
    title: str
    bytes: Count
    pages: Count | None = Field(description="None where the format has none.")
    tokens: Count
    created: int = Field(description="Seconds since 1970.")


class DocumentList(BaseModel):
    """The documents that were uploaded, oldest first."""

    documents: list[StoredDocument]


class Health(BaseModel):
    """That the server answers."""

    status: Literal["ok"]
    version: str


class Error(BaseModel):
    """What went wrong, as OpenAI's interface says it; `least` is the least budget that works."""

    message: str
    type: str
    param: str | None
    code: str | None
    least: int | None = None


class ErrorResponse(BaseModel):
    """The body of every refusal."""

    error: Error


class _Passed(BaseModel):
    """A part of a chat request: what is not named here is passed on as it is."""

    model_config = ConfigDict(extra="allow")


class ChatFile(_Passed):
    """An attached document: its bytes as a data URL or in base64, or the id of one that was uploaded."""

    filename: Text | None = None
    file_data: str | None = None
    file_id: str | None = None


class ChatPart(_Passed):
    """A part of a message."""

    type: str
    text: Text | None = None
    file: ChatFile | None = None


class ChatMessage(_Passed):
    """A message."""

    role: str
    content: Text | list[ChatPart] | None = None


class ChatRequest(_Passed):
    """A request of OpenAI's chat interface."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = None
