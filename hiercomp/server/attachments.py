"""Documents that come with messages: read, and put before the last question as what it needs of their text."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hiercomp.errors import DocumentError
from hiercomp.server.errors import UnknownDocumentError
from hiercomp.server.library import Library
from hiercomp.types import Document

ChatMessages = Sequence[Mapping[str, Any]]


async def read(messages: ChatMessages, library: Library) -> dict[tuple[int, int], Document]:
    """The documents attached to messages, by the places of message and part.

    A file that is named by an id which is not known here is the upstream's, and is left to it.

    Raises:
        DocumentError: one cannot be read.
    """
    documents: dict[tuple[int, int], Document] = {}
    for place, file in _files(messages):
        if data := file.get("file_data"):
            name = file.get("filename") or "attachment"
            documents[place] = await library.attached(_decoded(data, name), name)
        elif document_id := file.get("file_id"):
            try:
                documents[place] = await library.document(document_id)
            except UnknownDocumentError:
                continue
    return documents


def without(messages: ChatMessages, documents: Mapping[tuple[int, int], Document]) -> list[dict[str, Any]]:
    """Copies of the messages with the names of documents in their place."""
    copies = [dict(message) for message in messages]
    for place in {place for place, _ in documents}:
        copies[place]["content"] = [
            _text(f"[attached: {documents[place, number].source}]") if (place, number) in documents else part
            for number, part in enumerate(copies[place]["content"])
        ]
    return copies


def with_text(messages: ChatMessages, text: str) -> list[dict[str, Any]]:
    """Copies of the messages with a text before what the last user message says."""
    users = [place for place, message in enumerate(messages) if message.get("role") == "user"]
    asking = users[-1] if users else len(messages) - 1
    return [
        dict(message) | {"content": _before(text, message.get("content"))} if place == asking else dict(message)
        for place, message in enumerate(messages)
    ]


def _before(text: str, content: object) -> object:
    if isinstance(content, list):
        return [_text(text), *content]
    return f"{text}\n\n{content}" if content else text


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _files(messages: ChatMessages) -> Iterator[tuple[tuple[int, int], Mapping[str, Any]]]:
    for place, message in enumerate(messages):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("type") == "file" and part.get("file"):
                yield (place, number), part["file"]


def _decoded(data: str, name: str) -> bytes:
    """The bytes of a data URL, or of base64 alone."""
    encoded = data.partition(",")[2] if data.startswith("data:") else data
    try:
        return b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentError(f"{name}: file_data is no base64 ({error}); give data:TYPE;base64,...") from error
