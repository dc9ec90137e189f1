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
    Path | None,
    typer.Option(envvar="HIERCOMP_EVAL_DATA", help="A folder of sets. The default is the project's set `demo`."),
]


@app.command(name="run")
def run_command(
    sets: Annotated[str, typer.Option(help="Sets, separated by commas.")] = "demo",
    chosen: Annotated[str, typer.Option("--methods", help="Methods, separated by commas; `all` for all.")] = "hiercomp",
    without: Annotated[str, typer.Option(help="Methods to leave out of `all`, separated by commas.")] = "",
    budgets: Annotated[str, typer.Option(help="Budgets in tokens, separated by commas.")] = BUDGETS,
    data: Data = None,
    sample: Annotated[
        int | None, typer.Option(help="The number of questions to draw from each set. Default: all.")
    ] = None,
    documents: Annotated[
        int | None, typer.Option(help="The most documents of each set to draw questions from. Default: all.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed for drawing questions, and for methods that draw.")] = 0,
    fitted: Annotated[bool, typer.Option(help="Include documents that the weights were fitted on.")] = False,
    tokenizer: Annotated[
        str | None, typer.Option(help="The tokenizer that counts. Default: the reader's own, else o200k_base.")
    ] = None,
    plans: Annotated[
        Path | None,
        typer.Option(help="A folder of search plans, for every method. Only questions with a plan are asked."),
    ] = None,
    reader: Annotated[str | None, typer.Option(help="A model that answers from each context. Default: none.")] = None,
    strategies: Annotated[
        str, typer.Option(help=f"Answer strategies of the reader: {', '.join(readers.STRATEGIES)}.")
    ] = readers.DIRECT,
    output: Annotated[Path, typer.Option(help="The folder of the runs.")] = RESULTS,
    jobs: Annotated[int, typer.Option(help="Methods that run at the same time. Times are valid only for 1.")] = 1,
) -> None:
    """Run methods on sets. Records that already exist are not computed again."""
    unwanted = _split(without)
    names = [name for name in (methods.names() if chosen == "all" else _split(chosen)) if name not in unwanted]
    for name in [*names, *unwanted]:
        methods.check(name)
    chosen_strategies = _split(strategies) if reader else [readers.DIRECT]
    for strategy in chosen_strategies if reader else ():
        readers.check(str(reader), strategy)
    commit = machine.commit()
    tasks = [
        run.Task(
            method,
            run.Experiment(
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
                plans=plans,
            ),
            commit,
            jobs,
        )
        for method in names
        for strategy in chosen_strategies
    ]
    failed = run.run_all(tasks, jobs)
    for task in tasks:
        print(task.folder)
    if failed:
        raise ConfigError(f"{len(failed)} of {len(tasks)} runs failed: {', '.join(failed)}; run again to continue")


@app.command(name="report")
def report_command(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, or folders that hold run folders.")],
    output: Annotated[
        Path | None, typer.Option(help="The folder of the report. Default: the folder of the runs.")
    ] = None,
) -> None:
    """Write a report on runs: report.md, report.html, its pictures and summary.json."""
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
    """Run a command and return its exit code. Print an error as one line."""
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
