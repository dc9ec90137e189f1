"""The JSON of requests and responses: runs as in `docs/run.schema.json`, documents, errors and chat requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _check_encodable(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("the text holds half of a surrogate pair, which UTF-8 cannot encode") from error
    return text


def _check_word(text: str) -> str:
    if not text.strip():
        raise ValueError("the line is blank; write the words that a document would use for the evidence")
    return text


Text = Annotated[str, AfterValidator(_check_encodable)]
NeedText = Annotated[str, Field(max_length=1000), AfterValidator(_check_encodable), AfterValidator(_check_word)]
Tokens = Annotated[int, Field(ge=1, le=100_000_000)]
Count = Annotated[int, Field(ge=0)]
DocumentId = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="Derived from the content of the file.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CompressRequest(_Request):
    """The input to compress: exactly one of a text, several texts, and uploaded documents."""

    text: Text | None = None
    texts: list[Text] | None = Field(None, min_length=1)
    documents: list[DocumentId] | None = Field(None, min_length=1, max_length=1000)
    question: Text | None = Field(
        None, description="The question that the text must answer. Without one, the result is an overview."
    )
    budget: Tokens | Literal["auto"] | None = Field(
        None, description="The most tokens, or auto. If it is missing, the server's own budget applies."
    )
    plan: list[NeedText] | None = Field(
        None,
        min_length=1,
        max_length=8,
        description="The pieces of evidence to find, each in the words that a document would use for it. If it is "
        "missing, the server's planner writes the plan.",
    )

    @model_validator(mode="after")
    def _one_input(self) -> CompressRequest:
        if sum(given is not None for given in (self.text, self.texts, self.documents)) != 1:
            raise ValueError("give exactly one of text, texts and documents")
        return self


class AskRequest(CompressRequest):
    """A question, and the input to answer it from."""

    question: Text = Field(min_length=1)
    stream: bool = Field(False, description="Answer with server-sent events: `piece` events, and `run` at the end.")


class Need(BaseModel):
    """A piece of evidence that was looked for, and the parts of the context that serve it.

    `found` and `probability` are null if the whole input is shown, so that nothing was searched for.
    """

    text: str
    reason: str
    nodes: list[str]
    tokens: Count
    marks: list[Count]
    found: bool | None
    probability: float | None


class Plan(BaseModel):
    """The pieces of evidence that were looked for, the question first, and the cost of the calls for the plan."""

    author: str
    is_global: bool
    needs: list[Need]
    prompt_tokens: Count
    completion_tokens: Count
    warnings: list[str]


class Part(BaseModel):
    """A passage of the context."""

    node: str
    level: Literal["passage", "section", "document", "corpus"]
    detail: Literal["summary", "written", "extract", "verbatim"]
    document: str
    document_id: str
    page: int | None
    label: str | None
    last_page: int | None
    start: Count
    end: Count
    spans: list[tuple[Count, Count]]
    tokens: Count
    value: float
    text: str
    mark: Count


class ContextText(BaseModel):
    """The text that the reader is given."""

    text: str
    tokens: Count
    parts: list[Part]


class Choice(BaseModel):
    """The reason why the budget `auto` chose its number of tokens."""

    ended: Literal["share", "value", "most", "whole"]
    share: float
    least_value: float
    expected: float


class Budget(BaseModel):
    """The division of a call's tokens into prompt, context and answer."""

    total: Count
    prompt: Count
    context: Count
    answer: Count
    tokenizer: str
    choice: Choice | None


class Dropped(BaseModel):
    """A node that is not in the context, and the reason."""

    node: str
    reason: str


class Allocation(BaseModel):
    """The tokens of the context by level, their value, and the nodes that were dropped."""

    tokens_by_level: dict[str, Count]
    price: float
    value: float
    bound: float
    expected_evidence: float
    dropped: list[Dropped]


class Usage(BaseModel):
    """The cost of the reader's calls. The fields with `plan` are those of the calls for the plan."""

    prompt_tokens: Count
    completion_tokens: Count
    plan_prompt_tokens: Count
    plan_completion_tokens: Count
    total_tokens: Count
    usd: float | None
    plan_usd: float | None
    wh: float | None


class Run(BaseModel):
    """A run in the schema `hiercomp/1`."""

    schema_name: Literal["hiercomp/1"] = Field(alias="schema")
    question: str
    plan: Plan
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
    skipped: list[dict[str, str]]
    omitted: list[dict[str, str]]


class Citation(BaseModel):
    """A place that a claim of the answer cites. `supported` tells whether the place states the claim."""

    mark: Count
    document: str
    page: int | None
    label: str | None
    quote: str
    claim: str
    supported: bool


class Uncited(BaseModel):
    """A claim that cites nothing and that the context does not support."""

    claim: str


class AnswerRun(Run):
    """A run with an answer."""

    answer: str
    stop_reason: Literal["stop", "length"]
    citations: list[Citation]
    uncited: list[Uncited]


class StoredDocument(BaseModel):
    """An uploaded document."""

    id: DocumentId
    name: str
    title: str
    bytes: Count
    pages: Count | None = Field(description="Null if the format has no pages.")
    tokens: Count
    created: int = Field(description="Seconds since 1 January 1970 (Unix time).")


class DocumentList(BaseModel):
    """The uploaded documents, oldest first."""

    documents: list[StoredDocument]


class Health(BaseModel):
    """The state of the server."""

    status: Literal["ok"]
    version: str


class Error(BaseModel):
    """An error in the format of OpenAI. `least` is the least budget that works."""

    message: str
    type: str
    param: str | None
    code: str | None
    least: int | None = None


class ErrorResponse(BaseModel):
    """The body of every error response."""

    error: Error


class _PassedOn(BaseModel):
    """A part of a chat request. Fields that are not declared here are passed on unchanged."""

    model_config = ConfigDict(extra="allow")


class ChatFile(_PassedOn):
    """An attached document: its bytes as a data URL or in base64, or the id of an uploaded document."""

    filename: Text | None = None
    file_data: str | None = None
    file_id: str | None = None


class ChatPart(_PassedOn):
    """A part of a message's content."""

    type: str
    text: Text | None = None
    file: ChatFile | None = None


class ChatMessage(_PassedOn):
    """A chat message."""

    role: str
    content: Text | list[ChatPart] | None = None


class ChatRequest(_PassedOn):
    """A request in the format of OpenAI's chat completions."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = None
