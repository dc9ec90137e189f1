import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import hiercomp

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = ROOT / "requirements"
LOCKS = ("local", "test", "dev", "lowest")
"""The lock files. Each has the name of its extra."""
PEERS = {
    "gguf", "jev-select", "langchain-community", "llama-index-readers-file", "llmlingua", "llmslim", "matplotlib",
    "pyarrow", "umap-learn",
}  # fmt: skip
"""Distributions that only `eval/` and `benchmarks/` use."""
PEER_MODULES = (
    r"(gguf|jselect|langchain_community|llama_index\.readers|llmlingua|llmslim|matplotlib|pyarrow|pypdf|sklearn|umap)\b"
)


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


def locked(lock: str) -> Iterator[tuple[Requirement, int]]:
    """Yield each requirement of a lock file and the number of its hashes."""
    text = (REQUIREMENTS / f"{lock}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=[^ #])", re.sub(r"(?m)^#.*\n", "", text)):
        line, _, hashes = entry.partition("\\")
        yield Requirement(line), len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", hashes))


def versions(lock: str) -> dict[str, set[Version]]:
    """Return the versions of each distribution in a lock file. Different markers may lock different versions."""
    found: dict[str, set[Version]] = {}
    for requirement, _ in locked(lock):
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        found.setdefault(canonicalize_name(requirement.name), set()).add(Version(specifier.version))
    return found


def required(extra: str | None) -> Iterator[Requirement]:
    """Yield the direct requirements of hiercomp, or of one of its extras and the extras in it."""
    for line in PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]:
        requirement = Requirement(line)
        if requirement.name == "hiercomp":
            for inner in sorted(requirement.extras):
                yield from required(inner)
        else:
            yield requirement


def test_the_wheel_holds_the_types_marker_the_licence_and_every_data_file(wheel: set[str]) -> None:
    assert "hiercomp/py.typed" in wheel
    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    files = [path for path in (ROOT / "hiercomp").rglob("*.*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    data = {path.relative_to(ROOT).as_posix() for path in files}
    assert {Path(name).suffix for name in data} >= {".json", ".onnx", ".npy", ".toml"}
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


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_distribution_has_one_version_and_hashes_and_no_index(lock: str) -> None:
    assert "://" not in (REQUIREMENTS / f"{lock}.txt").read_text(encoding="utf-8")
    assert len(list(locked(lock))) > 90
    assert not [str(requirement) for requirement, hashes in locked(lock) if hashes == 0 or requirement.url]
    assert {"pip", "setuptools"} <= versions(lock).keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_the_requirements_of_its_extra(lock: str) -> None:
    pins = versions(lock)
    (torch,) = Requirement((REQUIREMENTS / "torch.txt").read_text(encoding="utf-8").splitlines()[-1]).specifier
    pins["torch"] = {Version(torch.version)}
    for requirement in [*required(None), *required(lock)]:
        found = pins.get(canonicalize_name(requirement.name), set())
        assert found, f"{requirement} is not in requirements/{lock}.txt: run make lock"
        assert all(version in requirement.specifier for version in found), f"{requirement}: run make lock"


def test_the_environments_have_the_same_versions() -> None:
    everything = versions("dev")
    for lock in ("local", "test"):
        assert versions(lock).items() <= everything.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_torch_and_the_libraries_of_its_cuda_build_are_not_locked(lock: str) -> None:
    assert not [name for name in versions(lock) if re.match("torch$|triton|nvidia|cuda", name)]
    settings = tomllib.loads((REQUIREMENTS / "uv.toml").read_text(encoding="utf-8"))
    (torch,) = settings["dependency-metadata"]
    assert (REQUIREMENTS / "torch.txt").read_text(encoding="utf-8").endswith(f"\ntorch=={torch['version']}\n")


def test_the_tests_of_the_product_need_no_peer() -> None:
    assert versions("dev").keys() >= PEERS
    assert not PEERS & versions("test").keys()
    tests = ROOT / "tests"
    paths = [path for path in tests.rglob("*.py") if path.relative_to(tests).parts[0] not in ("eval", "benchmarks")]
    assert len(paths) > 100
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [module for module in modules if re.match(PEER_MODULES, module)], path


def test_every_target_of_the_makefile_is_listed_by_help() -> None:
    (targets,) = re.findall(r"(?m)^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"))
    run = subprocess.run(
        ["make", "--no-print-directory", "help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )
    assert [line.split()[1] for line in run.stdout.splitlines()] == targets.split()
