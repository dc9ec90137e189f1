"""Haystack's `HiercompCompressor` behind the interface of the contract suite."""

from integrations.adapted import Given

from hiercomp.integrations.haystack import HiercompCompressor  # first: its error names the missing extra

from haystack import Document  # isort: skip
from haystack.dataclasses import ByteStream  # isort: skip

KEEPS = frozenset({"id", "metadata", "score", "no_text", "surrogates"})


def make(given: list[Given]) -> list[Document]:
    return [
        Document(
            content=item.text,
            id=item.id,
            meta=dict(item.metadata),
            score=item.score,
            blob=None if item.text else ByteStream(b"\x89PNG", mime_type="image/png"),
        )
        for item in given
    ]


def compress(items, question, *, budget, settings, plan=None, planner=None):
    component = HiercompCompressor(budget=budget, settings=settings, planner=planner)
    return component.run(documents=items, query=question, plan=plan)["documents"]


async def acompress(items, question, *, budget, settings, plan=None, planner=None):
    component = HiercompCompressor(budget=budget, settings=settings, planner=planner)
    return (await component.run_async(documents=items, query=question, plan=plan))["documents"]


def text_of(item):
    return item.content


def id_of(item):
    return item.id


def metadata_of(item):
    return {key: value for key, value in item.meta.items() if key != "hiercomp"}


def score_of(item):
    return item.score


def kept_of(item):
    return item.meta["hiercomp"]


def as_the_reader_sees(items):
    return "\n\n".join(item.content or "" for item in items)
