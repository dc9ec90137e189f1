"""The command line of the evaluation: `python -m eval run`, `python -m eval report`, `python -m eval list`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from eval import datasets, machine, methods, metrics, readers, records, report, run
from hiercomp.errors import ConfigError, HiercompError

BUDGETS = "500,1000,2000,4000,8000"
RESULTS = Path("results")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Data = Annotated[
    Path | None, typer.Option(envvar="HIERCOMP_EVAL_DATA", help="A folder of sets; without it the own set `demo`.")
]


@app.command(name="run")
def run_command(
    sets: Annotated[str, typer.Option(help="Sets, separated by commas.")] = "demo",
    chosen: Annotated[str, typer.Option("--methods", help="Methods, separated by commas; `all` for all.")] = "hiercomp",
    without: Annotated[str, typer.Option(help="Of `all`, methods that are left out.")] = "",
    budgets: Annotated[str, typer.Option(help="Tokens, separated by commas.")] = BUDGETS,
    data: Data = None,
    sample: Annotated[int | None, typer.Option(help="Questions drawn a set; all if not given.")] = None,
    documents: Annotated[int | None, typer.Option(help="Documents that the questions are drawn from.")] = None,
    seed: Annotated[int, typer.Option(help="What is drawn, and what a method draws.")] = 0,
    fitted: Annotated[bool, typer.Option(help="Ask on documents too that the weights were fitted on.")] = False,
    tokenizer: Annotated[str | None, typer.Option(help="What counts; the reader's own, else o200k_base.")] = None,
    reader: Annotated[
        str | None, typer.Option(help="A model that answers from each context; none if not given.")
    ] = None,
    strategies: Annotated[str, typer.Option(help=f"With a reader: {', '.join(readers.STRATEGIES)}.")] = readers.DIRECT,
    output: Annotated[Path, typer.Option(help="The folder of the runs.")] = RESULTS,
    jobs: Annotated[int, typer.Option(help="Methods that run at once; times are true for 1.")] = 1,
) -> None:
    """Run methods on sets; what is already there is not run again."""
    unwanted = _split(without)
    names = [name for name in (methods.names() if chosen == "all" else _split(chosen)) if name not in unwanted]
    for name in [*names, *unwanted]:
        methods.check(name)
    asked = _split(strategies) if reader else [readers.DIRECT]
    for strategy in asked if reader else ():
        readers.check(str(reader), strategy)
    commit = machine.commit()
    tasks = [
        run.Task(
            method,
            run.Plan(
                sets=tuple(_split(sets)),
                budgets=tuple(_numbers(budgets)),
                output=output,
                data=data,
                sample=sample,
                documents=documents,
                seed=seed,
                fitted=fitted,
                tokenizer=tokenizer,
                reader=reader,
                strategy=strategy,
            ),
            commit,
            jobs,
        )
        for method in names
        for strategy in asked
    ]
    failed = run.run_all(tasks, jobs)
    for task in tasks:
        print(task.folder)
    if failed:
        raise ConfigError(f"{len(failed)} of {len(tasks)} runs failed: {', '.join(failed)}; run again to go on")


@app.command(name="report")
def report_command(
    runs: Annotated[list[Path], typer.Argument(help="Runs, or folders of runs.")],
    output: Annotated[
        Path | None, typer.Option(help="Where the report is written; beside the runs if not given.")
    ] = None,
) -> None:
    """Write the report of runs: report.md, report.html, its pictures, and summary.json."""
    folder = output or (runs[0].parent if (runs[0] / records.HEAD).exists() else runs[0])
    report.write([records.read(path) for path in records.find(runs)], folder)
    print(folder / "report.md")


@app.command(name="list")
def list_command(data: Data = None) -> None:
    """List the methods, the sets and the metrics."""
    print("methods:", ", ".join(methods.names()))
    print("sets:   ", ", ".join(datasets.names(data)))
    print("metrics:", ", ".join(metrics.NAMES))


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in _split(text)]
    except ValueError as error:
        raise ConfigError(f"--budgets: {error}; give whole numbers separated by commas") from error
    if not numbers or min(numbers) < 1:
        raise ConfigError("--budgets: give at least one number of 1 or more")
    return numbers


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; an error is one line."""
    try:
        app(arguments, standalone_mode=False)
    except HiercompError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        print(f"error: {error.format_message()}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
