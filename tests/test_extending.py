"""`docs/extending.md`: its package is really installed, is found by its entry points and keeps the contracts."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hiercomp.loaders._detect import KINDS
from hiercomp.registry import FAMILIES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
PLUGIN = ROOT / "examples" / "plugin"
MODULES = PLUGIN / "hiercomp_example_plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The environment of a process in which the package is installed. It has its own cache."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(PLUGIN, folder / "source")  # a build writes files into the source folder
    command = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--target", str(folder / "site"), str(folder / "source")]
    _run(command, os.environ)
    path = os.pathsep.join(filter(None, [str(folder / "site"), str(ROOT), os.environ.get("PYTHONPATH")]))
    cache, home = str(folder / "cache"), str(folder / "home")
    return os.environ | {"PYTHONPATH": path, "HIERCOMP_CACHE_DIR": cache, "XDG_CONFIG_HOME": home}


def _run(arguments, environment, folder=ROOT):
    run = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def _blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_shows_the_files_of_the_package():
    files = ("subtitles.py", "trigrams.py", "greedy.py")
    assert _blocks("python") == [(MODULES / name).read_text(encoding="utf-8") for name in files]
    assert _blocks("toml")[0] in (PLUGIN / "pyproject.toml").read_text(encoding="utf-8")


def test_the_command_prints_what_the_page_shows(installed):
    (command,) = re.findall(r"^ {4}hiercomp (.*)$", PAGE, re.MULTILINE)
    run = _run(["hiercomp.cli", *shlex.split(command), "--no-usage"], installed, PLUGIN)
    assert run.stdout.strip() == _blocks("text")[0].strip()


def test_the_components_are_the_ones_that_ran_and_minutes_are_its_pages(installed):
    ask = ["hiercomp.cli", "ask", "interview.srt", "What sells best in Norway?", "--embedding", "trigrams", "--json"]
    answer = json.loads(_run([*ask, "--allocator", "greedy", "--model", "extractive"], installed, PLUGIN).stdout)
    assert answer["embedding"] == "trigrams-512"
    assert [(citation["page"], citation["supported"]) for citation in answer["citations"]] == [(3, True)]
    selected = ["hiercomp.cli", "compress", "interview.srt", "--pages", "2"]
    whole = _run([*selected, "--quiet"], installed, PLUGIN).stdout
    assert whole.startswith("The fire in August")
    assert "Norway" not in whole


def test_its_components_keep_the_contracts(installed):
    contracts = [f"tests/contracts/test_{family}.py" for family in ("allocators", "encoders", "loaders")]
    names = ["-k", "srt or trigrams or greedy", "-p", "no:cacheprovider", "-q"]
    done = re.search(r"(\d+) passed", _run(["pytest", *contracts, *names], installed).stdout)
    assert int(done[1]) > 20


def test_a_suffix_finds_the_loader_of_another_package_and_content_comes_first(installed, tmp_path):
    captions = (PLUGIN / "interview.srt").read_text(encoding="utf-8")
    (tmp_path / "UPPER.SRT").write_text(captions, encoding="utf-8")
    (tmp_path / "page.srt").write_text("<html><body><p>The page.</p></body></html>", encoding="utf-8")
    (tmp_path / "binary.srt").write_bytes(bytes(99))
    (tmp_path / "talk.vtt").write_text(captions, encoding="utf-8")
    (tmp_path / "reading.py").write_text(READING, encoding="utf-8")
    upper, page, binary, plain, named, wrong = _run(["reading"], installed, tmp_path).stdout.splitlines()
    assert upper == named == "Welcome to the plant in Duluth. My name is Ida"
    assert page == "The page."
    assert binary == "binary.srt: the file has no captions; check that it is a subtitle file"
    assert plain == "00:00:03 Welcome to the plant in Duluth. My na"
    assert wrong == f"there is no type 'none'; choose from {', '.join(KINDS)}, srt"


READING = """
from pathlib import Path
from hiercomp.errors import HiercompError
from hiercomp.loaders import load
for name, kind in (
    ("UPPER.SRT", None), ("page.srt", None), ("binary.srt", None), ("talk.vtt", None), ("talk.vtt", "srt"),
    ("talk.vtt", "none"),
):
    try:
        print(load(Path(name), kind=kind).text.splitlines()[0][:46])
    except HiercompError as error:
        print(error)
"""


def test_without_the_package_its_files_are_read_by_hiercomp_and_what_was_kept_of_it_is_not_used(installed):
    command = ["hiercomp.cli", "compress", "interview.srt", "--quiet"]
    assert _run(command, installed, PLUGIN).stdout.startswith("Welcome")
    without = {**installed, "PYTHONPATH": str(ROOT)}
    assert _run(command, without, PLUGIN).stdout.startswith("00:00:03 Welcome")


def test_every_family_is_named() -> None:
    assert all(f"`{family}`" in PAGE for family in FAMILIES)


def test_the_build_functions_declare_exactly_the_options_that_they_take() -> None:
    for module in ("subtitles", "trigrams", "greedy"):
        source = (MODULES / f"{module}.py").read_text(encoding="utf-8")
        assert "**" not in source.partition("def build(")[2].partition("\n")[0]
