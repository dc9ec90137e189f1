import io
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from eval_runs import curve, reading, record, run
from PIL import Image

from eval import plots
from eval.plots._style import COLOURS, HIGHLIGHTED, SUBJECT_COLOUR, looks
from eval.plots.curves import _apart
from eval.summary import Summary, summarise
from eval.types import Run

MANY = tuple(f"method-{place}" for place in range(9))


def _runs() -> list[Run]:
    lower = [curve((0.0, 0.4 - place / 100, 0.8)) for place in range(len(MANY))]
    answers = [
        record(each, budget, 1.0, answer="yes", scores={"choice_accuracy": 1.0}, reading_tokens={"in": budget})
        for each in range(4)
        for budget in (100, 1000)
    ]
    return [
        run("hiercomp", *curve()),
        run("gold", *curve((0.9, 1.0, 1.0))),
        *(run(name, *records) for name, records in zip(MANY, lower, strict=True)),
        reading("hiercomp", "direct", *answers),
    ]


@pytest.fixture(scope="module")
def summary() -> Summary:
    return summarise(_runs())


def _all(summary: Summary) -> list[bytes]:
    return [
        plots.mean_curves(summary.main),
        plots.set_curves(summary.main),
        plots.time_and_area(summary),
        plots.reasoning(summary),
    ]


@pytest.fixture(scope="module")
def pictures(summary: Summary) -> list[bytes]:
    return _all(summary)


def test_pictures_are_as_wide_as_a_page_in_twice_its_pixels(pictures: list[bytes]) -> None:
    opened = [Image.open(io.BytesIO(picture)) for picture in pictures]
    assert {(picture.format, picture.width) for picture in opened} == {("PNG", 1800)}
    assert all(picture.height < 2000 for picture in opened)


def test_pictures_show_the_subject_in_its_colour(pictures: list[bytes]) -> None:
    wanted = tuple(bytes.fromhex(SUBJECT_COLOUR[1:]))
    for picture in pictures:
        colours = Image.open(io.BytesIO(picture)).convert("RGB").getcolors(1 << 20)
        near = sum(
            count for count, colour in colours if sum(abs(a - b) for a, b in zip(colour, wanted, strict=True)) < 25
        )
        assert near > 200


def test_pictures_carry_no_date_and_no_version(pictures: list[bytes]) -> None:
    assert [Image.open(io.BytesIO(picture)).info.keys() & {"Software", "Creation Time"} for picture in pictures] == [
        set()
    ] * len(pictures)


def test_pictures_are_the_same_bytes_whatever_the_users_settings_are(summary: Summary, pictures: list[bytes]) -> None:
    with matplotlib.rc_context({"font.size": 20, "axes.grid": False, "lines.linewidth": 9, "savefig.dpi": 50}):
        assert _all(summary) == pictures


def test_pictures_are_the_same_bytes_in_a_new_process(pictures: list[bytes]) -> None:
    code = (
        "import hashlib, test_eval_plots as own; from eval.summary import summarise; "
        "print([hashlib.sha256(each).hexdigest() for each in own._all(summarise(own._runs()))])"
    )
    import hashlib

    paths = [str(path) for path in (Path(__file__).parent, Path(__file__).parents[1], Path(__file__).parents[2])]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}; {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([hashlib.sha256(each).hexdigest() for each in pictures])


def test_no_more_methods_have_a_colour_than_can_be_told_apart(summary: Summary) -> None:
    found = looks(summary.main)
    assert len(found) == HIGHLIGHTED < len(summary.main.names)
    assert found["hiercomp"].colour == SUBJECT_COLOUR
    assert list(found)[1:] == list(summary.main.names[1:HIGHLIGHTED])
    assert len({look.colour for look in found.values()}) == len({look.marker for look in found.values()}) == HIGHLIGHTED


def test_methods_on_a_sample_have_a_colour_beside_the_best(summary: Summary) -> None:
    found = looks(summary.main, ("method-8", "method-7"))
    assert list(found) == ["hiercomp", "method-0", "method-1", "method-2", "method-8", "method-7"]


def test_without_the_subject_there_are_enough_colours() -> None:
    summary = summarise([each for each in _runs() if each.method != "hiercomp"])
    assert SUBJECT_COLOUR not in {look.colour for look in looks(summary.main).values()}
    assert len(looks(summary.main)) == HIGHLIGHTED == len(COLOURS)
    assert plots.mean_curves(summary.main).startswith(b"\x89PNG")


def test_a_set_at_one_budget_is_drawn() -> None:
    summary = summarise([run("hiercomp", *(each for each in curve() if each.budget == 1000))])
    assert plots.set_curves(summary.main).startswith(b"\x89PNG")
    assert plots.mean_curves(summary.main).startswith(b"\x89PNG")


def test_names_that_would_touch_are_moved_apart_about_their_middle() -> None:
    assert _apart([0.1, 0.5, 0.5, 0.9], 0.1) == pytest.approx([0.1, 0.45, 0.55, 0.9])
    # The first two move apart and meet the third. Then all three are centred on their common mean.
    assert _apart([0.5, 0.5, 0.56], 0.1) == pytest.approx([0.42, 0.52, 0.62])
    assert _apart([], 0.1) == []
