"""The routes of `/v1/documents`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Path, UploadFile

from hiercomp.server.schemas import DocumentId, DocumentList, StoredDocument
from hiercomp.server.state import MISSING, REFUSALS, Shared

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

Id = Annotated[DocumentId, Path()]


@router.post("", status_code=201)
async def upload(file: Annotated[UploadFile, File()], state: Shared) -> StoredDocument:
    """Read and store a document in any format that the command line reads. Its id derives from its content."""
    return await state.library.add(await file.read(), file.filename or "document")


@router.get("")
async def list_all(state: Shared) -> DocumentList:
    """List the uploaded documents, oldest first."""
    return DocumentList(documents=await state.library.all())


@router.get("/{document_id}", responses=MISSING)
async def get(document_id: Id, state: Shared) -> StoredDocument:
    """Describe an uploaded document."""
    return await state.library.get(document_id)


@router.delete("/{document_id}", status_code=204, responses=MISSING)
async def delete(document_id: Id, state: Shared) -> None:
    """Delete an uploaded document."""
    await state.library.delete(document_id)
