"""`HiercompPostprocessor` behind the interface of the contract suite."""

from copy import deepcopy

from integrations.adapted import Given
from llama_index.core.schema import ImageNode, MetadataMode, NodeWithScore, TextNode

from hiercomp.integrations.llama_index import HiercompPostprocessor, PlannedQuery

KEEPS = frozenset({"id", "metadata", "score", "no_text"})


def make(given: list[Given]) -> list[NodeWithScore]:
    return [NodeWithScore(node=_node(item), score=item.score) for item in given]


def _node(given):
    known = {"id_": given.id, "metadata": deepcopy(dict(given.metadata))}
    return ImageNode(image="aGllcmNvbXA=", **known) if given.text is None else TextNode(text=given.text, **known)


def compress(items, question, *, budget, settings, plan=None, planner=None):
    postprocessor = HiercompPostprocessor(budget=budget, settings=settings, planner=planner)
    return postprocessor.postprocess_nodes(items, _bundle(question, plan))


async def acompress(items, question, *, budget, settings, plan=None, planner=None):
    postprocessor = HiercompPostprocessor(budget=budget, settings=settings, planner=planner)
    return await postprocessor.apostprocess_nodes(items, _bundle(question, plan))


def _bundle(question, plan):
    return None if question is None else PlannedQuery(question, plan=list(plan or ()))


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
