"""`/v1/documents`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Path, UploadFile

from hiercomp.server.schemas import DocumentId, DocumentList, StoredDocument
from hiercomp.server.state import MISSING, REFUSALS, Shared

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

Id = Annotated[DocumentId, Path()]


@router.post("", status_code=201)
async def upload(file: Annotated[UploadFile, File()], state: Shared) -> StoredDocument:
    """Reads and keeps a document: PDF, DOCX, PPTX, EPUB, HTML, Markdown or text. Its id comes from its content."""
    return await state.library.add(await file.read(), file.filename or "document")


@router.get("")
async def list_all(state: Shared) -> DocumentList:
    """The documents that were uploaded, oldest first."""
    return DocumentList(documents=await state.library.all())


@router.get("/{document_id}", responses=MISSING)
async def get(document_id: Id, state: Shared) -> StoredDocument:
    """What is known of a document."""
    return await state.library.get(document_id)


@router.delete("/{document_id}", status_code=204, responses=MISSING)
async def delete(document_id: Id, state: Shared) -> None:
    """Forgets a document."""
    await state.library.delete(document_id)
