"""Several questions to hiercomp in one process. The document is read once, and each question is timed.

    python -m benchmarks.processes.session FILE --budget 4000 --question … --question … [--line "Notes: {}"]

The first question reads and indexes the document. `questions` holds the seconds of the others, and `neural_tokens` the
mean of their neural tokens. `shared_prompt` is the share of the reader's prompt that a second question on the same
context leaves unchanged, from the beginning on. With `--line`, each question has a plan of its own: the given lines,
with the question in the place of {}.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import takewhile
from statistics import fmean

from hiercomp import prompts
from hiercomp.pipeline import Pipeline
from hiercomp.types import Context


def main() -> None:
    """Print the seconds of each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--budget", type=int, required=True)
    parser.add_argument("--question", action="append", required=True)
    parser.add_argument("--line", action="append", default=[], help="a line of each plan; {} is the question")
    options = parser.parse_args()
    seconds, tokens = [], []
    with Pipeline(options.files) as pipeline:
        for question in options.question:
            plan = [line.format(question) for line in options.line] or None
            started = time.perf_counter()
            run = pipeline.fit(question, budget=options.budget, plan=plan)
            seconds.append(time.perf_counter() - started)
            tokens.append(run.ledger.neural_tokens)
    report = {
        "first": seconds[0],
        "questions": seconds[1:],
        "neural_tokens": round(fmean(tokens[1:] or [0])),
        "shared_prompt": shared_prompt(run.context, options.question[:2]),
    }
    print(json.dumps(report))


def shared_prompt(context: Context, questions: list[str]) -> float:
    """Return the length of the common prefix of the questions' prompts, over the length of the longest prompt."""
    texts = [_prompt(question, context) for question in questions]
    common = sum(1 for _ in takewhile(lambda characters: len(set(characters)) == 1, zip(*texts, strict=False)))
    return common / max(map(len, texts))


def _prompt(question: str, context: Context) -> str:
    messages = prompts.ask(question, context.text, context.parts).messages
    return "\n".join(f"{message.role}: {message.content}" for message in messages)


if __name__ == "__main__":
    main()
