"""One process that is asked again and again: hiercomp's document is read once, each question is timed.

    python -m benchmarks.processes.session FILE --budget 4000 --question … --question …

The first question reads and indexes; the others are told as `questions`, in seconds, and `neural_tokens` is their mean.
`shared_prompt` is the share of the reader's prompt that a second question on the same context begins with, word for
word.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import takewhile

from hiercomp import prompts
from hiercomp.pipeline import Pipeline
from hiercomp.types import Context


def main() -> None:
    """Prints the seconds of each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--budget", type=int, required=True)
    parser.add_argument("--question", action="append", required=True)
    options = parser.parse_args()
    seconds, tokens = [], []
    with Pipeline(options.files) as pipeline:
        for question in options.question:
            started = time.perf_counter()
            context = pipeline.compress(question, budget=options.budget)
            seconds.append(time.perf_counter() - started)
            tokens.append(context.ledger.neural_tokens)
    report = {
        "first": seconds[0],
        "questions": seconds[1:],
        "shared_prompt": shared_prompt(context, options.question[:2]),
    }
    # The ledger counts from the beginning of the process.
    print(json.dumps({**report, "neural_tokens": round((tokens[-1] - tokens[0]) / max(1, len(tokens) - 1))}))


def shared_prompt(context: Context, questions: list[str]) -> float:
    """The share of the longest prompt that the prompts of all questions on a context begin with."""
    texts = [_prompt(question, context) for question in questions]
    same = sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False)))
    return same / max(map(len, texts))


def _prompt(question: str, context: Context) -> str:
    messages = prompts.ask(question, context.text, context.parts).messages
    return "\n".join(f"{message.role}: {message.content}" for message in messages)


if __name__ == "__main__":
    main()
