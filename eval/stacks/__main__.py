"""Run the methods of both frameworks on sets and write the report. See `eval.stacks`."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from eval import drawing, machine, records, run
from eval.stacks import report, stack
from hiercomp.errors import ConfigError, HiercompError

FILE = Path(stack.__file__)
SLOW = ("llama-index+longllmlingua",)
"""Methods that take minutes for each question and budget."""
BUDGETS = (1000, 2000, 4000)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.stacks",
        description="Compare ways to cut retrieved text in LlamaIndex and LangChain, with the same retriever.",
    )
    drawing.add_options(parser, budgets=BUDGETS)
    parser.add_argument("--llmlingua", action="store_true", help="add LongLLMLingua, which takes minutes a question")
    parser.add_argument("--runs", type=Path, default=Path("results/stacks"), help="the folder of the runs")
    parser.add_argument("--output", type=Path, default=Path("eval/results/stacks.md"), help="the file of the report")
    return parser.parse_args()


def main() -> None:
    """Run the missing records, one method after another so that seconds are valid, and write the report."""
    options = _options()
    try:
        experiment, commit = drawing.experiment_of(options, options.runs), machine.commit()
        names = [name for name in stack.NAMES if options.llmlingua or name not in SLOW]
        tasks = [run.Task(f"{FILE}:{name}", experiment, commit) for name in names]
        if failed := run.run_all(tasks):
            raise ConfigError(f"{len(failed)} of {len(tasks)} runs failed: {', '.join(failed)}; run again to continue")
        command = shlex.join(["python", "-m", "eval.stacks", *_portable(options)])
        found = [records.read(task.folder) for task in tasks]
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(report.text(found, command), encoding="utf-8")
    except HiercompError as error:
        sys.exit(f"error: {error}")
    print(options.output)


def _portable(options: argparse.Namespace) -> list[str]:
    """Return the options without paths of this machine."""
    given = {name: getattr(options, name) for name in ("sets", "budgets", "sample", "documents", "seed")}
    flags = [f"--{name}" for name in ("fitted", "llmlingua") if getattr(options, name)]
    return ["DATA", *(word for name, value in given.items() if value for word in (f"--{name}", str(value))), *flags]


if __name__ == "__main__":
    main()
