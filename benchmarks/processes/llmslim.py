"""LLMSlim on the text of a PDF, page by page, read with pypdf as LlamaIndex's users read it.

    python -m benchmarks.processes.llmslim FILE --question … --budget 4000

It takes a share and no budget: it is asked for less until the result fits, counted by its own tokenizer.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from hiercomp import tokenizers

ATTEMPTS = 8
SLACK = 0.99
"""What a further attempt asks for, as a part of what should have been enough."""


def main() -> None:
    """Prints the seconds of each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--question", action="append", required=True)
    parser.add_argument("--budget", type=int, required=True)
    options = parser.parse_args()
    tokenizers.build("cl100k_base")  # it counts in these tokens, and finds a vocabulary that is loaded
    texts = _pages(options.files)
    questions = []
    for question in options.question:
        started = time.perf_counter()
        compressed = _compressed(texts, question, options.budget)
        questions.append(time.perf_counter() - started)
    print(json.dumps({"questions": questions, "characters": len(compressed), "neural_tokens": 0}))


def _pages(files: list[Path]) -> list[str]:
    from pypdf import PdfReader

    return [text for file in files for page in PdfReader(file).pages if (text := page.extract_text()).strip()]


def _compressed(texts: list[str], question: str, budget: int) -> str:
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
