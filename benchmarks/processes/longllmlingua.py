"""LongLLMLingua on the beginning of a PDF. Its own code runs with Gemma 3 270M and the parameters of its README.

    python -m benchmarks.processes.longllmlingua FILE --question … --budget 4000 --prefix-tokens 1000

pypdf reads the text, which is split into chunks of 100 words. The beginning is compressed by the ratio that the whole
text needs for the budget. `all_tokens` is the length of the whole text in the scorer's tokens, for the extrapolation.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from eval.methods.llmlingua import PARAMETERS
from eval.ports import Meter
from hiercomp import tokenizers

if TYPE_CHECKING:
    from llmlingua import PromptCompressor

CHUNK_WORDS = 100


def main() -> None:
    """Print the seconds for the beginning, and the tokens of the beginning and of the whole text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--question", required=True)
    parser.add_argument("--budget", type=int, required=True)
    parser.add_argument("--prefix-tokens", type=int, required=True)
    options = parser.parse_args()
    meter = Meter()
    compressor = _compressor(meter)
    chunks = _chunks(options.file)
    totals = list(accumulate(len(ids) for ids in compressor.tokenizer(chunks, add_special_tokens=False)["input_ids"]))
    chunk_count = max(1, sum(total <= options.prefix_tokens for total in totals))
    prefix_tokens = totals[chunk_count - 1]
    target = max(1, round(options.budget * prefix_tokens / totals[-1]))
    started = time.perf_counter()
    parameters = {**PARAMETERS["longllmlingua"], "concate_question": False}
    compressor.compress_prompt(chunks[:chunk_count], question=options.question, target_token=target, **parameters)
    seconds = time.perf_counter() - started
    tokens = {"prefix_tokens": prefix_tokens, "all_tokens": totals[-1], "neural_tokens": meter.tokens}
    print(json.dumps({"seconds": seconds, **tokens}))


def _compressor(meter: Meter) -> PromptCompressor:
    from llmlingua import PromptCompressor

    from eval.methods._scorer import Perplexity, folder

    # LLMLingua also counts in these tokens, and uses a vocabulary that is already loaded.
    tokenizers.build("cl100k_base")
    compressor = PromptCompressor(str(folder()), device_map="cpu", model_config={"trust_remote_code": False})
    model = compressor.model
    body, head = model.get_decoder(), model.get_output_embeddings()
    compressor.get_ppl = Perplexity(body, head, tokenizer=compressor.tokenizer, meter=meter)
    return compressor


def _chunks(file: Path) -> list[str]:
    from pypdf import PdfReader

    words = [word for page in PdfReader(file).pages for word in page.extract_text().split()]
    return [" ".join(words[start : start + CHUNK_WORDS]) for start in range(0, len(words), CHUNK_WORDS)]


if __name__ == "__main__":
    main()
