"""DSPy's `HiercompCompressor` behind the interface of the contract suite."""

from integrations.adapted import Given

from hiercomp.integrations.dspy import HiercompCompressor  # first: its error names the missing extra

import dspy  # isort: skip

KEEPS = frozenset({"surrogates"})


def make(given: list[Given]) -> list[str]:
    return [item.text for item in given]


def compress(items, question, *, budget, settings):
    return _paired(HiercompCompressor(budget=budget, settings=settings)(items, question))


async def acompress(items, question, *, budget, settings):
    return _paired(await HiercompCompressor(budget=budget, settings=settings).acall(items, question))


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
