"""Documents that are attached to chat messages: read them, and put their compressed text before the last question."""

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
Place = tuple[int, int]
"""The index of a message, and the index of a part in its content."""


async def read(messages: ChatMessages, library: Library) -> dict[Place, Document]:
    """Read the documents that are attached to messages, by their place.

    A file id that this server does not know belongs to the upstream. Its part is not read, and cannot be counted.

    Raises:
        DocumentError: a document cannot be read.
    """
    documents: dict[Place, Document] = {}
    for place, file in _files(messages):
        if data := file.get("file_data"):
            name = file.get("filename") or "attachment"
            documents[place] = await library.attached(_decode(data, name), name)
        elif document_id := file.get("file_id"):
            try:
                documents[place] = await library.document(document_id)
            except UnknownDocumentError:
                continue
    return documents


def replace_with_names(messages: ChatMessages, documents: Mapping[Place, Document]) -> list[dict[str, Any]]:
    """Return copies of the messages in which the name of each document replaces the document."""
    copies = [dict(message) for message in messages]
    for message_index in {message_index for message_index, _ in documents}:
        copies[message_index]["content"] = [
            _text_part(f"[attached: {documents[message_index, number].source}]")
            if (message_index, number) in documents
            else part
            for number, part in enumerate(copies[message_index]["content"])
        ]
    return copies


def insert_text(messages: ChatMessages, text: str) -> list[dict[str, Any]]:
    """Return copies of the messages with a text before the content of the last user message."""
    user_indices = [index for index, message in enumerate(messages) if message.get("role") == "user"]
    target = user_indices[-1] if user_indices else len(messages) - 1
    return [
        dict(message) | {"content": _prepend(text, message.get("content"))} if index == target else dict(message)
        for index, message in enumerate(messages)
    ]


def _prepend(text: str, content: object) -> object:
    if isinstance(content, list):
        return [_text_part(text), *content]
    return f"{text}\n\n{content}" if content else text


def _text_part(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _files(messages: ChatMessages) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for index, message in enumerate(messages):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("type") == "file" and part.get("file"):
                yield (index, number), part["file"]


def _decode(data: str, name: str) -> bytes:
    """Decode a data URL or plain base64."""
    encoded = data.partition(",")[2] if data.startswith("data:") else data
    try:
        return b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentError(f"{name}: file_data is not base64 ({error}); send data:TYPE;base64,...") from error
