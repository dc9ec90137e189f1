import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import hiercomp

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in the wheel, built from a copy so that nothing is left behind in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "hiercomp", source / "hiercomp", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    script = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", script, folder], check=True, cwd=source, capture_output=True, stdin=subprocess.DEVNULL
    )
    (built,) = folder.glob("*.whl")
    assert built.name.startswith(f"hiercomp-{hiercomp.__version__}-py3-none-any")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_types_marker_the_licence_and_every_data_file(wheel: set[str]) -> None:
    assert "hiercomp/py.typed" in wheel
    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "hiercomp").rglob("*.json")}
    assert data <= wheel


def test_the_wheel_holds_every_module_and_nothing_else(wheel: set[str]) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "hiercomp").rglob("*.py")}
    assert {name for name in wheel if name.endswith(".py")} == modules


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["version"] == hiercomp.__version__
    assert f"[{hiercomp.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_extra_that_an_error_names_exists() -> None:
    named = set()
    for path in (ROOT / "hiercomp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "MissingExtraError":
                argument = node.args[1] if len(node.args) > 1 else node.keywords[-1].value
                named |= {argument.value} if isinstance(argument, ast.Constant) else set()
    assert named
    assert named <= set(PROJECT["optional-dependencies"])


def test_the_command_is_an_entry_point() -> None:
    module, _, function = PROJECT["scripts"]["hiercomp"].partition(":")
    tree = ast.parse((ROOT / module.replace(".", "/") / "__init__.py").read_text(encoding="utf-8"))
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert function in names


@pytest.mark.parametrize("target", ["ask", "test", "check", "format", "demo", "clean", "help"])
def test_every_target_of_the_makefile_is_listed_by_help(target: str) -> None:
    run = subprocess.run(
        ["make", "help"], capture_output=True, text=True, check=True, cwd=ROOT, stdin=subprocess.DEVNULL
    )
    assert f"make {target} " in run.stdout
