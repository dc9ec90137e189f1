"""Expected and found evidence: figures computed by hand, and the script on small sets."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gathered import evidence_of
from PIL import Image

from eval import calibration, plots
from eval.metrics.calibration import calibrate
from eval.plots._style import SUBJECT_COLOUR
from eval.summary.calibration import JudgedContext, JudgedQuestion, figures
from eval.types import Evidence, Question
from hiercomp.components import Components
from hiercomp.config import Config
from hiercomp.pipeline import Pipeline
from hiercomp.ranking.fusion import fuse
from hiercomp.types import Document, Span

ROOT = Path(__file__).parents[2]
PLACES = [
    "Ashford",
    "Brackley",
    "Corby",
    "Deal",
    "Ely",
    "Frome",
    "Goole",
    "Hythe",
    "Ilkley",
    "Jarrow",
    "Kendal",
    "Leek",
]
LINES = [
    f"The mill at {place} ground {40 + number} sacks of flour on the {number + 1}th day of the long and wet season. "
    f"People from {place} walked along the river to the fair and came home late with lanterns in their hands."
    for number, place in enumerate(PLACES)
]
TEXT = "\n\n".join(LINES)
GOLD = LINES[4].partition(". ")[0] + "."
PLACE = Span(TEXT.index(GOLD), TEXT.index(GOLD) + len(GOLD))
ASKED = "How many sacks of flour did the mill at Ely grind?"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path):
    """Make two sets: one with evidence in its document, and one without evidence."""
    asked = {"doc_id": "mills", "question": ASKED}
    placed = [{**asked, "id": "1", "evidence_spans": [[PLACE.start, PLACE.end]]}, {**asked, "id": "2"}]
    for name, questions in (("placed", placed), ("bare", [{**asked, "id": "3"}])):
        folder = tmp_path / "sets" / name
        folder.mkdir(parents=True)
        (folder / "documents.jsonl").write_text(json.dumps({"doc_id": "mills", "text": TEXT}), encoding="utf-8")
        lines = "\n".join(map(json.dumps, questions))
        (folder / "questions.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path / "sets"


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["calibration", *map(str, arguments)])
    calibration.main()


def test_groups_are_of_one_size_by_probability_with_expected_and_found_by_hand():
    # There are two of each probability 0.0, 0.1 … 0.9, not sorted. All above 0.5 are found, and one of the two at 0.2.
    probabilities = np.array([place / 10 for place in range(10)] * 2)
    outcomes = np.array([float(place > 5) for place in range(10)] * 2)
    outcomes[2] = 1.0
    found = calibrate(probabilities, outcomes, ["a"] * 10 + ["b"] * 10)
    assert [group.count for group in found.groups] == [2] * 10
    assert [group.expected for group in found.groups] == pytest.approx([place / 10 for place in range(10)])
    assert [group.found for group in found.groups] == [0, 0, 0.5, 0, 0, 0, 1, 1, 1, 1]
    assert (found.groups[3].lowest, found.groups[3].highest) == (0.3, 0.3)
    # The sixth differs by 0.5. The sum is 0 + .1 + .3 + .3 + .4 + .5 + .4 + .3 + .2 + .1 = 2.6 over ten groups.
    assert found.greatest == pytest.approx(0.5)
    assert found.mean == pytest.approx(0.26)
    # The last group has two outcomes, both found. Each is a group of its own.
    assert [(group.count, group.expected, group.found) for group in found.likeliest] == [(1, 0.9, 1.0)] * 2
    assert found.greatest_likely == pytest.approx(0.1)
    # The difference is 0.2 - 1 in one document and 0.2 - 0 in the other.
    difference = found.groups[2].difference
    assert (difference.mean, difference.low, difference.high) == pytest.approx((-0.3, -0.8, 0.2))


def test_the_mean_difference_weights_groups_by_their_size():
    # The first of ten groups has two outcomes: 0.5 - 0. Nine outcomes of 1 follow, and all but one are found.
    outcomes = np.array([0.0] * 2 + [1.0] * 8 + [0.0])
    found = calibrate(np.array([0.5] * 2 + [1.0] * 9), outcomes, list("abcdefghijk"))
    assert [group.count for group in found.groups] == [2] + [1] * 9
    assert found.mean == pytest.approx((0.5 * 2 + 1 * 1) / 11)


def test_few_outcomes_make_fewer_groups_and_none_are_an_error():
    assert [group.count for group in calibrate(np.array([0.2, 0.1]), np.array([1.0, 0.0]), ["a", "b"]).groups] == [1, 1]
    with pytest.raises(ValueError, match="0 probabilities, 0 outcomes, 0 clusters"):
        calibrate(np.array([]), np.array([]), [])
    with pytest.raises(ValueError, match="1 probabilities, 2 outcomes, 1 clusters"):
        calibrate(np.array([0.1]), np.array([0.0, 1.0]), ["a"])


def test_every_probability_is_counted_between_two_bounds():
    # The bounds are squares of 0, 0.05 … 1: 0.0025 is the second, 0.9025 the last but one. 1 is in the last bar.
    found = calibrate(np.array([0.0, 0.002, 0.003, 0.9, 0.95, 1.0]), np.zeros(6), list("abcdef"))
    assert found.counts == (2, 1, *[0] * 16, 1, 2)


def test_contexts_are_means_over_questions_and_differ_by_document():
    judged = [
        JudgedQuestion(
            "a", np.array([0.1, 0.3]), np.array([0.0, 1.0]), (JudgedContext(10, 4, 20), JudgedContext(30, 20, 20))
        ),
        JudgedQuestion("b", np.array([0.2]), np.array([0.0]), (JudgedContext(20, 20, 40), JudgedContext(50, 40, 40))),
    ]
    found = figures("mills", judged, (1000, 2000))
    assert (found.questions, found.documents, found.gold) == (2, 2, pytest.approx(1 / 3))
    first, second = found.contexts
    assert (first.budget, first.expected, first.found, first.gold) == (1000, 15, 12, 30)
    assert (second.expected, second.found, second.difference.mean) == (40, 30, 10)
    assert (first.difference.mean, first.difference.low, first.difference.high) == (3, 0, 6)


def test_the_judged_expectations_are_those_of_the_pipeline():
    document = Document(TEXT, "mills", "mills")
    question = Question("1", "mills", ASKED, evidence=(Evidence(GOLD, PLACE),))
    (judged,) = calibration.judge(document, [question], [150])
    with Pipeline(document, config=Config(cache=False)) as pipeline:
        value = pipeline.fit(ASKED, budget=150, plan=[ASKED]).allocation.value
    assert judged.contexts[0].expected == pytest.approx(value)
    assert 0 < value < 150
    components = Components(document, Config(cache=False))
    hierarchy = components.hierarchy
    (found,) = components.index.search([ASKED], 1000)
    probabilities = evidence_of(hierarchy, ASKED, fuse(hierarchy, found), budget=150).joint
    expected = [each for node in hierarchy.level(0) for each in probabilities.get(node.id, ())]
    assert judged.probabilities.tolist() == pytest.approx(expected)
    assert judged.gold.sum() == 1
    # The evidence is the likeliest sentence, so it is in the context: its tokens and its line break are found.
    assert judged.gold[judged.probabilities.argmax()] == 1
    count = components.tokenizer.count(GOLD) + 1
    assert judged.contexts == (JudgedContext(judged.contexts[0].expected, count, count),)


def test_evidence_that_is_not_in_the_context_is_not_found():
    document = Document(TEXT, "mills", "mills")
    elsewhere = Question("1", "mills", "Who walked home with lanterns from the fair at Leek?")
    spans = [PLACE]
    components = Components(document, Config(cache=False))
    judged = calibration.IndexedDocument(components).judge(elsewhere, spans, [60, 4000])
    count = components.tokenizer.count(GOLD) + 1
    assert [(context.found, context.gold) for context in judged.contexts] == [(0, count), (count, count)]


def test_plans_are_judged_as_the_pipeline_uses_them():
    document = Document(TEXT, "mills", "mills")
    lines = ("lanterns carried home from Kendal", "the fair by the river at Leek")
    question = Question("1", "mills", ASKED, evidence=(Evidence(GOLD, PLACE),), plan=lines)
    (planned,) = calibration.judge(document, [question], [150])
    with Pipeline(document, config=Config(cache=False)) as pipeline:
        run = pipeline.fit(ASKED, budget=150, plan=lines)
        assert run.plan.texts == calibration.plan_of(question).texts == (ASKED, *lines)
        assert planned.contexts[0].expected == pytest.approx(run.allocation.value)
    (alone,) = calibration.judge(document, [replace(question, plan=())], [150])
    assert planned.probabilities.sum() > alone.probabilities.sum()


def test_a_planner_of_hiercomp_writes_the_plans():
    words = "shareholders stockholders fiscal liabilities earnings revenues securities consolidated dividends"
    text = f"{TEXT}\n\nThis is the annual report of a company, by its words: {words}."
    document = Document(text, "mills", "mills")
    question = Question("1", "mills", "What is the quick ratio?", evidence=(Evidence(GOLD, PLACE),), plan=("lanterns",))
    # The planner writes the plan, so the recorded one is not used.
    (judged,) = calibration.judge(document, [question], [250], "rules")
    with Pipeline(document, config=Config(cache=False, planner="rules")) as pipeline:
        run = pipeline.fit(question.text, budget=250)
    assert len(run.plan.needs) > 1
    assert judged.contexts[0].expected == pytest.approx(run.allocation.value)


def test_the_script_judges_the_sets_that_have_plans(data, tmp_path, monkeypatch, capsys):
    plans = tmp_path / "plans"
    plans.mkdir()
    (plans / "placed.jsonl").write_text(json.dumps({"id": "1", "plan": ["sacks of flour"]}), encoding="utf-8")
    run(monkeypatch, data, "--output", tmp_path / "out", "--budgets", "150", "--plans", plans)
    assert "bare" not in capsys.readouterr().out
    content = json.loads((tmp_path / "out" / "calibration.json").read_text(encoding="utf-8"))
    assert (content["plans"], content["allowed"], len(content["sets"])) == ("recorded", 0.08, 1)
    text = (tmp_path / "out" / "calibration.md").read_text(encoding="utf-8")
    assert "not fitted on, with recorded plans. " in text
    assert "sets differ by at most 0.08 in every group" in text
    run(monkeypatch, data, "--output", tmp_path / "rules", "--budgets", "150", "--planner", "rules")
    content = json.loads((tmp_path / "rules" / "calibration.json").read_text(encoding="utf-8"))
    assert (content["plans"], content["allowed"]) == ("rules", 0.08)
    run(monkeypatch, data, "--output", tmp_path / "alone", "--budgets", "150")
    content = json.loads((tmp_path / "alone" / "calibration.json").read_text(encoding="utf-8"))
    assert (content["plans"], content["allowed"]) == (None, 0.05)


def test_the_script_writes_what_it_prints_and_the_same_in_a_new_process(data, tmp_path, monkeypatch, capsys):
    run(monkeypatch, data, "--output", tmp_path / "first", "--budgets", "150,60")
    printed = capsys.readouterr().out
    assert "## bare\n\nIts documents contain no gold evidence." in printed
    text = (tmp_path / "first" / "calibration.md").read_text(encoding="utf-8")
    assert "1 question of 1 set on documents that the weights were not fitted on." in text
    sections = text.split("## ")[1:]
    assert [section.splitlines()[0] for section in sections] == ["placed"]
    assert f"## {sections[0]}".strip() in printed
    (found,) = json.loads((tmp_path / "first" / "calibration.json").read_text(encoding="utf-8"))["sets"]
    assert (found["set"], found["questions"], [each["budget"] for each in found["contexts"]]) == (
        "placed",
        1,
        [60, 150],
    )
    assert found["greatest"] == pytest.approx(
        max(abs(group["expected"] - group["found"]) for group in found["sentences"]["groups"])
    )
    command = [sys.executable, "-m", "eval.calibration", data, "--output", tmp_path / "second", "--budgets", "60,150"]
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, capture_output=True)
    for name in ("calibration.md", "calibration.json", "calibration.png"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_the_picture_has_a_panel_a_set_with_its_groups():
    rising = np.linspace(0, 1, 50)
    found = calibrate(rising, (rising > 0.5).astype(float), [str(place % 5) for place in range(50)])
    sizes, ink = {}, {}
    for count in (1, 4, 5):
        picture = Image.open(io.BytesIO(plots.calibration({f"set {place}": found for place in range(count)}, 0.05)))
        sizes[count] = picture.size
        wanted = tuple(bytes.fromhex(SUBJECT_COLOUR[1:]))
        colours = picture.convert("RGB").getcolors(1 << 20)
        near = sum(n for n, colour in colours if sum(abs(a - b) for a, b in zip(colour, wanted, strict=True)) < 25)
        ink[count] = near
    assert sizes[1] == sizes[4]
    assert sizes[5][1] > sizes[4][1]
    assert ink[1] > 500
    # Each panel has the same ink, except for the edges of points.
    assert ink[4] == pytest.approx(4 * ink[1], rel=0.3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sets", "plaecd"], "error: no set is called 'plaecd'; did you mean placed?"),
        (["--sets", "bare"], "error: no set has gold evidence in its documents"),
        (["--planner", "oracle"], "error: .*oracle"),
        (["--sets", "placed", "--plans", "nowhere"], "error: .*placed.jsonl cannot be read"),
    ],
)
def test_a_set_that_cannot_be_judged_is_one_line(data, tmp_path, monkeypatch, arguments, message):
    with pytest.raises(SystemExit, match=message):
        run(monkeypatch, data, "--output", tmp_path / "out", *arguments)
    assert not (tmp_path / "out").exists()
