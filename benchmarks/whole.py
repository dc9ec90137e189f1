"""Compare a whole document with a context: the price of a question, and the time to the first token of its answer.

    python -m benchmarks.whole FILE [--budget 4000] [--question TEXT]

Some hosted models take a million tokens, so a user can send them a whole document. The command calls no hosted model.
"""

from __future__ import annotations

import argparse
import re
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from genai_prices import Usage, __version__, calc_price
from genai_prices.types import PriceCalculation

from eval.report._format import NOTHING, table, tokens
from hiercomp import prompts
from hiercomp.config import Config
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Tokenizer

QUESTION = "How did revenue develop, and what drove it?"
FURTHER_QUESTION = "Which risks could hurt the results most?"
ANSWER_TOKENS = 300
"""The output tokens of each answer. They are an assumption."""
PROMPT_BYTES = (1_000, 64_000, 256_000, 601_000, 1_000_000)
"""The prompt sizes of `LATENCIES`. The source gives KB and MB, which are read as 1,000 and 1,000,000 bytes."""
LATENCIES: dict[str, tuple[int | None, ...]] = {
    "openai/gpt-5.4-mini": (233, 349, 779, 1376, 3353),
    "anthropic/claude-haiku-4-5": (391, 608, 1241, 2229, None),
    "google/gemini-2.5-flash": (289, 590, 2290, 2482, 4650),
}
"""The least milliseconds to the first token at each prompt size, without the network. None: the host rejected it."""
SOURCE = "[Forensics of first-token latency](https://blog.0xmmo.co/forensics/post.html), 2026"
CAPTION = """\
{file}: the prompt with the whole document has {size:,} bytes. First question: "{first}" Further question: "{further}"

- **Tokens** include the instructions of the prompt. o200k_base counts them; other tokenizers differ by some percent.
- **Dollars** are the list prices of the input and of {answer} output tokens, from genai-prices {version}. The package
  gives no date for its data. The newest dates in its notes on the models: {dates}. *Cached by the host* means that an
  earlier question sent the same document. The price to fill and to keep that cache is left out.
- **Seconds to the first token** are the seconds of hiercomp and the latency of the model. This run measured the seconds
  of hiercomp; they include the time to read the file, which the whole document's seconds do not. Others measured the
  latency: {source}. It is the best case and excludes the network. Values between the published
  prompt sizes are interpolated. *Unknown*: the source does not give this size, or says nothing about cached prompts.
- The table is not about the **quality** of the answers. `eval/results/report.md` says how much evidence contexts hold.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A prompt for a hosted model. hiercomp needs `seconds` for it. The host has `cached_tokens` of it in a cache."""

    name: str
    prompt_tokens: int
    prompt_bytes: int
    cached_tokens: int = 0
    seconds: float | None = None


def main() -> None:
    """Print the table and its caption."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.whole", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a document")
    parser.add_argument("--budget", type=int, default=4000, help="the most tokens of a context")
    parser.add_argument("--question", default=QUESTION, help="the first question")
    options = parser.parse_args()
    cases = measure(options.file, options.question, options.budget)
    notes = {model: price(model, cases[0]).model.price_comments or "" for model in LATENCIES}
    dates = {model: max(re.findall(r"\d{4}-\d\d-\d\d", note), default="none") for model, note in notes.items()}
    facts = {"file": options.file.name, "size": cases[0].prompt_bytes, "answer": ANSWER_TOKENS, "version": __version__}
    facts |= {"first": options.question, "further": FURTHER_QUESTION, "source": SOURCE}
    facts["dates"] = ", ".join(f"{date} ({model})" for model, date in dates.items())
    print(f"{comparison(cases)}\n\n{CAPTION.format_map(facts)}", end="")


def measure(file: Path, question: str, budget: int) -> list[Case]:
    """Return the whole document, the same in the host's cache, and the contexts of a first and a further question."""
    contexts = []
    with TemporaryDirectory() as folder:
        started = time.perf_counter()
        with Pipeline(file, config=Config(tokenizer="o200k_base", cache_dir=Path(folder))) as pipeline:
            for name, current_question in (("first question", question), ("further question", FURTHER_QUESTION)):
                run = pipeline.fit(current_question, budget=budget)
                seconds = time.perf_counter() - started
                case = _case(f"context, {name}", current_question, run.context.text, pipeline.tokenizer)
                contexts.append(replace(case, seconds=seconds))
                started = time.perf_counter()
            text = "\n\n".join(document.text for document in run.hierarchy.documents)
            whole = _case("whole document", question, text, pipeline.tokenizer)
            cached_tokens = whole.prompt_tokens - pipeline.tokenizer.count(question)
    return [whole, replace(whole, name="whole document, cached by the host", cached_tokens=cached_tokens), *contexts]


def _case(name: str, question: str, text: str, tokenizer: Tokenizer) -> Case:
    messages = prompts.ask(question, text).messages
    return Case(name, tokenizer.count_prompt(messages), sum(len(message.content.encode()) for message in messages))


def comparison(cases: Sequence[Case]) -> str:
    """Return the table, which has a column for each case."""
    rows = [["input tokens", *(tokens(case.prompt_tokens) for case in cases)]]
    rows.append(
        ["seconds of hiercomp", *(NOTHING if case.seconds is None else f"{case.seconds:.2f}" for case in cases)]
    )
    for model in LATENCIES:
        cells = [_cells(model, case) for case in cases]
        rows.append([f"{model}, dollars a question", *(dollars for dollars, _ in cells)])
        rows.append([f"{model}, seconds to the first token", *(seconds for _, seconds in cells)])
    return table(["", *(case.name for case in cases)], rows)


def _cells(model: str, case: Case) -> tuple[str, str]:
    """Format the dollars and the seconds of a case."""
    calculation = price(model, case)
    window = calculation.model.context_window
    if window is not None and case.prompt_tokens + ANSWER_TOKENS > window:
        return "does not fit", "does not fit"
    latency = None if case.cached_tokens else first_token_seconds(model, case.prompt_bytes)
    return f"${calculation.total_price:.4f}", "unknown" if latency is None else f"{(case.seconds or 0) + latency:.2f}"


def price(model: str, case: Case) -> PriceCalculation:
    """Return the list price of a prompt and its answer."""
    provider, _, name = model.partition("/")
    usage = Usage(input_tokens=case.prompt_tokens, cache_read_tokens=case.cached_tokens, output_tokens=ANSWER_TOKENS)
    return calc_price(usage, name, provider_id=provider)


def first_token_seconds(model: str, prompt_bytes: int) -> float | None:
    """Interpolate a model's latency between the published prompt sizes; None for a size beyond them."""
    size = max(prompt_bytes, PROMPT_BYTES[0])
    if size > PROMPT_BYTES[-1]:
        return None
    index = max(1, bisect_left(PROMPT_BYTES, size))
    (low, high), (below, above) = PROMPT_BYTES[index - 1 : index + 1], LATENCIES[model][index - 1 : index + 1]
    if below is None or above is None:
        return None
    return (below + (above - below) * (size - low) / (high - low)) / 1000


if __name__ == "__main__":
    main()
