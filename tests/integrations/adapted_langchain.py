"""`HiercompDocumentCompressor` behind the interface of the contract suite."""

from integrations.adapted import Given

from hiercomp.integrations.langchain import HiercompDocumentCompressor  # first: its error names the missing extra

from langchain_core.documents import Document  # isort: skip

KEEPS = frozenset({"id", "metadata"})


def make(given: list[Given]) -> list[Document]:
    return [Document(item.text or "", id=item.id, metadata=dict(item.metadata)) for item in given]


def compress(items, question, *, budget, settings, plan=None, planner=None):
    compressor = HiercompDocumentCompressor(budget=budget, settings=settings, planner=planner)
    return compressor.compress_documents(items, question, plan=plan)


async def acompress(items, question, *, budget, settings, plan=None, planner=None):
    compressor = HiercompDocumentCompressor(budget=budget, settings=settings, planner=planner)
    return await compressor.acompress_documents(items, question, plan=plan)


def text_of(item):
    return item.page_content


def id_of(item):
    return item.id


def metadata_of(item):
    return {key: value for key, value in item.metadata.items() if key != "hiercomp"}


def kept_of(item):
    return item.metadata["hiercomp"]


def as_the_reader_sees(items):
    return "\n\n".join(item.page_content for item in items)
