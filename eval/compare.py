"""Two runs of the evaluation on the same questions, set by set: what a change gained or lost.

    python -m eval.compare BEFORE AFTER

Each is a folder that `eval run` wrote for one method. The areas are those of the report, with the paired difference and
its interval of 95 %.
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
    """The one method of a run's folder.

    Raises:
        ConfigError: there is none, or more than one.
    """
    found = entries(map(records.read, records.find([path])))
    if len(found) != 1:
        raise ConfigError(f"{path} holds {len(found)} methods; name the folder of one run")
    return found[0]


def rows(before: Entry, after: Entry) -> Iterator[tuple[str, ...]]:
    """(set, questions, area before, area after, difference), and their means over the sets last."""
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
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    options = parser.parse_args()
    try:
        found = list(rows(entry_of(options.before), entry_of(options.after)))
    except HiercompError as error:
        sys.exit(f"error: {error}")
    sys.stdout.write(table(("set", "questions", "before", "after", "gained"), found) + "\n")


if __name__ == "__main__":
    main()
