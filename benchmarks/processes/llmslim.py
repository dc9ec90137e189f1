"""LLMSlim on the text of a PDF, page by page. pypdf reads the file, as in LlamaIndex.

    python -m benchmarks.processes.llmslim FILE --question … --budget 4000

LLMSlim takes a share of the text instead of a budget. So the share is lowered until the result fits the budget. Its own
tokenizer counts the tokens.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from hiercomp import tokenizers

ATTEMPTS = 8
SLACK = 0.99
"""The factor for the share of a further attempt, because the computed share was not small enough."""


def main() -> None:
    """Print the seconds of each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--question", action="append", required=True)
    parser.add_argument("--budget", type=int, required=True)
    options = parser.parse_args()
    # LLMSlim counts in these tokens, and uses a vocabulary that is already loaded.
    tokenizers.build("cl100k_base")
    texts = _pages(options.files)
    questions = []
    for question in options.question:
        started = time.perf_counter()
        compressed = _compress(texts, question, options.budget)
        questions.append(time.perf_counter() - started)
    print(json.dumps({"questions": questions, "characters": len(compressed), "neural_tokens": 0}))


def _pages(files: list[Path]) -> list[str]:
    from pypdf import PdfReader

    return [text for file in files for page in PdfReader(file).pages if (text := page.extract_text()).strip()]


def _compress(texts: list[str], question: str, budget: int) -> str:
    from llmslim import compress_documents, count_tokens

    text = "\n\n".join(texts)
    tokens, share = count_tokens(text), 1.0
    for _ in range(ATTEMPTS):
        if tokens <= budget:
            break
        share *= budget / tokens * (SLACK if share < 1 else 1)
        results = compress_documents(texts, query=question, target_ratio=share, selection="focus")
        text = "\n\n".join(result.compressed_text for result in results if result.compressed_text)
        tokens = count_tokens(text)
    return text


if __name__ == "__main__":
    main()
