"""`hiercomp.chat.texts.select` itself, on plain strings, behind the interface of the contract suite."""

import asyncio

from integrations.adapted import Given

from hiercomp.chat.texts import Hints, select
from hiercomp.config import Config
from hiercomp.integrations._planning import function_planner
from hiercomp.integrations._provenance import provenance

KEEPS = frozenset({"surrogates"})


def make(given: list[Given]) -> list[str]:
    return [item.text for item in given]


def compress(items, question, *, budget, settings, plan=None, planner=None):
    config = Config(**settings)
    hints = Hints(
        scores=[-place for place in range(len(items))],
        plan=plan,
        planner=planner and function_planner(planner, config),
    )
    selection = select(items, question, budget=budget, config=config, hints=hints)
    return [
        (excerpt.text, provenance(text, excerpt, {}, selection.tokenizer))
        for text, excerpt in zip(items, selection.excerpts, strict=True)
        if excerpt is not None
    ]


async def acompress(items, question, **options):
    return await asyncio.to_thread(compress, items, question, **options)


def text_of(item):
    return item if isinstance(item, str) else item[0]


def kept_of(item):
    return item[1]


def as_the_reader_sees(items):
    return "\n\n".join(text_of(item) for item in items)
