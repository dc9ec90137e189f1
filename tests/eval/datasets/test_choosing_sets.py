"""Tests of set names, samples of questions, and the package name that a library also has."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import datasets
from eval.types import Question
from hiercomp.errors import ConfigError

ROOT = Path(__file__).parents[3]


def questions(*counts):
    """Make `counts[d]` questions on document d."""
    return [
        Question(f"{document}-{number}", f"d{document}", "?")
        for document, count in enumerate(counts)
        for number in range(count)
    ]


def test_the_names_are_the_demo_the_folders_and_those_of_the_hub(write):
    data = write("beta", [], []).parent
    write("alpha", [], [])
    (data / "no set").mkdir()
    assert datasets.names(data)[:3] == ("demo", "alpha", "beta")
    assert all(name.startswith("hub/") for name in datasets.names(data)[3:])
    assert datasets.names(None) == ("demo", *datasets.names(data)[3:])
    assert datasets.load("beta", data).name == "beta"


@pytest.mark.parametrize(
    ("name", "given_folder", "message"),
    [
        ("financbench", True, "no set is called 'financbench'; did you mean financebench or hub/financebench?"),
        ("xyz", True, "no set is called 'xyz'; choose from demo, financebench, hub/financebench, "),
        ("financebench", False, "did you mean hub/financebench?; more sets are found with --data DIR or"),
        ("../financebench", True, "no set is called '../financebench'; did you mean "),
    ],
)
def test_a_name_that_there_is_not_ends_in_one_line_with_near_names(write, name, given_folder, message):
    data = write("financebench", [], []).parent
    with pytest.raises(ConfigError) as caught:
        datasets.load(name, data if given_folder else None)
    assert str(caught.value).startswith(message) if given_folder else message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="gone is not a folder: name the folder that holds one folder for each set"):
        datasets.names(tmp_path / "gone")


@given(st.lists(st.integers(0, 6), max_size=6), st.integers(0, 40), st.integers(0, 3), st.none() | st.integers(0, 7))
def test_a_larger_sample_begins_with_the_smaller(counts, size, seed, documents):
    asked = questions(*counts)
    whole = datasets.sample(asked, None, seed, documents=documents)
    drawn = datasets.sample(asked, size, seed, documents=documents)
    assert drawn == whole[:size]
    assert len(set(whole)) == len(whole)
    assert datasets.sample(reversed(asked), size, seed, documents=documents) == drawn
    assert whole == datasets.sample(asked, len(asked), seed, documents=documents)
    if documents is None:
        assert set(whole) == set(asked)


@given(st.lists(st.integers(0, 6), max_size=6), st.integers(0, 40), st.integers(1, 7))
def test_bounded_documents_share_the_questions_evenly(counts, size, documents):
    asked = questions(*counts)
    drawn = datasets.sample(asked, size, 0, documents=documents)
    chosen = {question.document_id for question in datasets.sample(asked, None, 0, documents=documents)}
    assert len(chosen) == min(documents, sum(count > 0 for count in counts))
    taken = {name: sum(question.document_id == name for question in drawn) for name in chosen}
    there = {name: sum(question.document_id == name for question in asked) for name in chosen}
    # A document has fewer questions than another only if it has no more, or if it is one turn behind.
    assert all(taken[one] + 1 >= taken[other] for one in chosen for other in chosen if taken[one] < there[one])


def test_the_draw_is_the_same_everywhere_and_another_for_another_seed():
    asked = questions(3, 3)
    # for id in 0-0 0-1 0-2 1-0 1-1 1-2; do echo "$(printf 0:%s $id | sha256sum) $id"; done | sort
    order = ["1-1", "0-2", "0-0", "1-0", "1-2", "0-1"]
    assert [question.id for question in datasets.sample(asked, None, 0)] == order
    assert [question.id for question in datasets.sample(asked, None, 1)] != order


def test_the_library_that_has_the_same_name_is_not_hidden():
    script = "import importlib.util as u; s = u.find_spec('datasets'); print(s and s.origin)"
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    spec = importlib.util.find_spec("datasets")
    assert str(spec and spec.origin) == found.strip()
    assert not found.startswith(str(ROOT / "eval"))
