"""`HiercompPostprocessor` behind the interface of the contract suite."""

from copy import deepcopy

from integrations.adapted import Given
from llama_index.core.schema import ImageNode, MetadataMode, NodeWithScore, QueryBundle, TextNode

from hiercomp.integrations.llama_index import HiercompPostprocessor

KEEPS = frozenset({"id", "metadata", "score", "no_text"})


def make(given: list[Given]) -> list[NodeWithScore]:
    return [NodeWithScore(node=_node(item), score=item.score) for item in given]


def _node(given):
    known = {"id_": given.id, "metadata": deepcopy(dict(given.metadata))}
    return ImageNode(image="aGllcmNvbXA=", **known) if given.text is None else TextNode(text=given.text, **known)


def compress(items, question, *, budget, settings):
    return HiercompPostprocessor(budget=budget, settings=settings).postprocess_nodes(items, _bundle(question))


async def acompress(items, question, *, budget, settings):
    return await HiercompPostprocessor(budget=budget, settings=settings).apostprocess_nodes(items, _bundle(question))


def _bundle(question):
    return None if question is None else QueryBundle(question)


def text_of(item):
    return item.node.get_content(MetadataMode.NONE)


def id_of(item):
    return item.node.node_id


def metadata_of(item):
    return {key: value for key, value in item.node.metadata.items() if key != "hiercomp"}


def score_of(item):
    return item.score


def kept_of(item):
    return item.node.metadata["hiercomp"]


def as_the_reader_sees(items):
    return "\n\n".join(item.node.get_content(MetadataMode.LLM) for item in items)
