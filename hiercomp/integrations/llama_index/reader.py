"""Read files into LlamaIndex documents, one for each file, with their pages and headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document as LlamaIndexDocument

from hiercomp.config import read_settings
from hiercomp.integrations.llama_index._layout import to_llama_index
from hiercomp.pipeline import Pipeline


class HiercompReader(BaseReader):
    """A reader for PDF, Word, PowerPoint, HTML, EPUB, Markdown and text.

    `HiercompNodeParser` splits its documents into sections and passages that keep their page. The reader also works in
    `SimpleDirectoryReader(folder, file_extractor={".pdf": HiercompReader()})`. `settings` are fields of
    `hiercomp.Config`, such as `pages` and `password`.
    """

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self._config = read_settings(settings).config

    def lazy_load_data(
        self, file: str | Path, extra_info: Mapping[str, Any] | None = None, **_: object
    ) -> Iterator[LlamaIndexDocument]:
        """Yield the documents of a file, a glob or a folder. `extra_info` is added to their metadata.

        Raises:
            DocumentError: a file cannot be read.
        """
        with Pipeline(file, config=self._config) as pipeline:
            for document in pipeline.hierarchy.documents:
                found = to_llama_index(document)
                found.metadata = {**found.metadata, **(extra_info or {})}
                yield found
