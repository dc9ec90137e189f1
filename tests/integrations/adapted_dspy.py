"""DSPy's `HiercompCompressor` behind the interface of the contract suite."""

from integrations.adapted import Given

from hiercomp.integrations.dspy import HiercompCompressor  # first: its error names the missing extra

import dspy  # isort: skip

KEEPS = frozenset({"surrogates"})


def make(given: list[Given]) -> list[str]:
    return [item.text for item in given]


def compress(items, question, *, budget, settings, plan=None, planner=None):
    return _paired(HiercompCompressor(budget=budget, settings=settings, planner=planner)(items, question, plan))


async def acompress(items, question, *, budget, settings, plan=None, planner=None):
    compressor = HiercompCompressor(budget=budget, settings=settings, planner=planner)
    return _paired(await compressor.acall(items, question, plan))


def _paired(prediction):
    return list(zip(prediction.passages, prediction.kept, strict=True))


def text_of(item):
    return item if isinstance(item, str) else item[0]


def kept_of(item):
    return item[1]


def as_the_reader_sees(items):
    """Return the passages as the default adapter writes them into a prompt."""
    signature = dspy.Signature("passages -> answer")
    prompt = dspy.ChatAdapter().format(signature, [], {"passages": [text_of(item) for item in items]})
    return prompt[-1]["content"].removeprefix("[[ ## passages ## ]]\n").rpartition("\n\nRespond with")[0]
