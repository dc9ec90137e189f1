"""Compare two runs of the evaluation on the same questions, set by set.

    python -m eval.compare BEFORE AFTER

Each argument is a folder that `eval run` wrote for one method. The areas are those of the report. The table gives the
paired difference with its 95 % interval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from eval import records
from eval.report._format import interval, number, plain, table
from eval.summary.comparison import Entry, compare, entries, main_metrics
from eval.summary.curves import differ
from eval.summary.estimates import over_sets
from hiercomp.errors import ConfigError, HiercompError


def entry_of(path: Path) -> Entry:
    """Return the only method in a run's folder.

    Raises:
        ConfigError: the folder holds no method, or more than one.
    """
    found = entries(map(records.read, records.find([path])))
    if len(found) != 1:
        raise ConfigError(f"{path} holds {len(found)} methods; name the folder of one run")
    return found[0]


def rows(before: Entry, after: Entry) -> Iterator[tuple[str, ...]]:
    """Yield (set, questions, area before, area after, difference) for each set, and the means over the sets last."""
    comparison = compare([before, after], main_metrics([before, after]))
    found = [differ(after, before, ground) for ground in comparison.grounds]
    for each in found:
        yield (
            plain(each.set),
            str(each.gain.questions),
            number(each.theirs),
            number(each.ours),
            interval(each.gain, difference=True),
        )
    if found:
        mean = over_sets([each.gain for each in found])
        areas = (
            number(sum(each.theirs for each in found) / len(found)),
            number(sum(each.ours for each in found) / len(found)),
        )
        yield f"mean of {len(found)}", str(mean.questions), *areas, interval(mean, difference=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", type=Path, help="the folder of the first run")
    parser.add_argument("after", type=Path, help="the folder of the second run")
    options = parser.parse_args()
    try:
        found = list(rows(entry_of(options.before), entry_of(options.after)))
    except HiercompError as error:
        sys.exit(f"error: {error}")
    sys.stdout.write(table(("set", "questions", "before", "after", "gain"), found) + "\n")


if __name__ == "__main__":
    main()
