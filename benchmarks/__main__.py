"""Measure seconds, memory and tokens of hiercomp and of other tools, and compare them with the targets.

    python -m benchmarks FILE... [--output DIR] [--runs 3] [--peers llama-index,llmslim] [--big FILE]

The table is about the first FILE, a PDF of about 100 pages. Larger files and corpora are made from the pages of all
files. Each result is written at once to a file that is named after the commit. A second call measures only what is
missing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks import plots, report
from benchmarks.documents import Material, length_of
from benchmarks.growth import CORPUS, DOCUMENTS, PAGED, PAGES, case_of, growth_tasks
from benchmarks.process import ProcessFailed, memory_counted
from benchmarks.samples import Results
from benchmarks.tasks import BASELINE, COLD, LARGE_CHUNKS, LLMSLIM, NODES, PEERS, SUBJECT, Task, Workload, table_tasks
from eval import machine

QUESTIONS = (
    "What was the effective tax rate, and why did it change?",
    "How much debt falls due in the next years?",
    "Which risks could hurt the results most?",
    "How did revenue develop, and what drove it?",
    "How many people are employed, and where?",
    "What was spent on research and development?",
    "Which lawsuits are pending?",
    "How much cash came from operating activities?",
    "What are the critical accounting estimates?",
)
"""Questions about company reports: one for an empty cache, one for a filled cache, and more for one process."""
PACKAGES = (
    "llama-index-core", "llama-index-readers-file", "llama-index-embeddings-huggingface", "sentence-transformers",
    "torch", "pypdf", "llmslim", "llmlingua",
)  # fmt: skip


def main() -> None:
    """Measure the missing results, write them, and print the tables."""
    options = _options()
    workload = Workload((options.files[0],), _questions(options.questions), options.budget)
    material = Material(options.files, user_cache_path("hiercomp-benchmarks", appauthor=False))
    results = Results(options.output / f"{options.name}.json", _head(options, workload, material))
    tasks = table_tasks(workload, options.runs, options.peers, options.nodes, options.big)
    tasks += growth_tasks(material, workload, options.runs, (options.pages, options.documents), options.peers)
    _run(tasks, results)
    text = report.page(results)
    results.path.with_suffix(".md").write_text(text, encoding="utf-8")
    if any(results.sizes(SUBJECT, case_of(kind, COLD)) for kind in (PAGED, CORPUS)):
        results.path.with_suffix(".png").write_bytes(plots.growth(results))
    print(text)


def _run(tasks: list[Task], results: Results) -> None:
    """Run all tasks in turn, then all again, so that the compared processes are measured at about the same time."""
    for run in range(max((task.runs for task in tasks), default=0)):
        for task in tasks:
            if run < task.runs and not results.done(task.name, run):
                _measure(task, run, results)


def _measure(task: Task, run: int, results: Results) -> None:
    try:
        samples = task.measure()
    except ProcessFailed as error:
        results.fail(task.name, str(error))
        print(f"{task.name}: {error}", file=sys.stderr, flush=True)
        return
    results.add(task.name, run, samples)
    for sample in samples:
        seconds = ", ".join(f"{second:.2f}" for second in sample.seconds)
        print(f"run {run + 1}: {sample.subject}, {sample.case}: {seconds} s", file=sys.stderr, flush=True)


def _head(options: argparse.Namespace, workload: Workload, material: Material) -> dict[str, object]:
    """Return everything that the figures depend on. If it changes, everything is measured again."""
    return {
        "commit": options.name,
        "file": options.files[0].name,
        "pages": workload.size,
        "material": [file.name for file in options.files],
        "material_pages": material.pages,
        "questions": workload.questions,
        "budget": options.budget,
        "runs": options.runs,
        "big": options.big.name if options.big else None,
        "memory": memory_counted(),
        "machine": machine.describe(),
        "peers": {name: version for name in PACKAGES if (version := machine.package_version(name))},
    }


def _questions(file: Path | None) -> tuple[str, ...]:
    lines = file.read_text(encoding="utf-8").splitlines() if file else QUESTIONS
    questions = tuple(line.strip() for line in lines if line.strip())
    if len(questions) < 3:
        sys.exit(f"error: {file} has {len(questions)} questions; give at least 3, one per line")
    return questions


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=_pdf, nargs="+", metavar="FILE", help="PDFs with text")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"), help="the folder of the results")
    parser.add_argument("--name", default=machine.commit(), help="the name of the results (default: the commit)")
    parser.add_argument("--runs", type=int, default=3, help="the number of measurements of each process")
    parser.add_argument("--budget", type=int, default=4000, help="the most tokens of a context")
    parser.add_argument("--questions", type=Path, help="a file of questions, one per line")
    parser.add_argument("--big", type=_pdf, help="a PDF of thousands of pages, measured once")
    peers = ",".join((BASELINE, LARGE_CHUNKS, LLMSLIM))
    parser.add_argument(
        "--peers", type=_peers, default=peers, help=f"tools to compare: {', '.join(PEERS)}; '' for none"
    )
    parser.add_argument("--pages", type=_counts, default=PAGES, help="sizes of one file, in pages; '' for none")
    parser.add_argument(
        "--documents", type=_counts, default=DOCUMENTS, help="sizes of a corpus, in documents; '' for none"
    )
    parser.add_argument(
        "--nodes", type=_counts, default=NODES, help="sizes of the trees for the allocator, in nodes; '' for none"
    )
    return parser.parse_args()


def _pdf(text: str) -> Path:
    path = Path(text).resolve()
    if not path.is_file() or not length_of(path):
        raise argparse.ArgumentTypeError(f"{text} is not a readable PDF; name a PDF file")
    return path


def _peers(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    if unknown := set(names) - set(PEERS):
        raise argparse.ArgumentTypeError(f"unknown peer {min(unknown)!r}; choose from {', '.join(PEERS)}")
    return names


def _counts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


if __name__ == "__main__":
    main()
