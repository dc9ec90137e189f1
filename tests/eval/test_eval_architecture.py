"""The direction of imports in the evaluation, the length of its files, and the libraries that it loads."""

import subprocess
import sys

from source_code import ROOT, imports

EVALUATION = ROOT / "eval"
EVALUATION_FILES = sorted(EVALUATION.rglob("*.py"))
LONGEST = 300
# The order of imports, lowest first. Scripts that are not listed stand above all levels.
EVALUATION_LEVELS = [
    {"types"}, {"baselines", "ports", "machine"}, {"metrics", "datasets", "methods", "readers", "records", "encoding"},
    {"bench", "summary", "plots"}, {"run", "report"}, {"__main__"},
]  # fmt: skip
# Each of these libraries is imported only by the methods that run it.
PEERS = {
    "accelerate", "datasets", "gguf", "jselect", "langchain_classic", "langchain_community", "langchain_core",
    "langchain_text_splitters", "llama_index", "llmlingua", "llmslim", "matplotlib", "sklearn", "torch",
    "transformers", "umap",
}  # fmt: skip


def _level(place: str) -> int:
    """Return the level of a module. A script that is not listed is above all levels."""
    return next((level for level, places in enumerate(EVALUATION_LEVELS) if place in places), len(EVALUATION_LEVELS))


def _part(module: str) -> str:
    return module.split(".")[1]


def test_imports_of_the_evaluation_point_inwards() -> None:
    outwards = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in EVALUATION_FILES
        for module in imports(path)
        if module.startswith("eval.")
        for own in [path.relative_to(EVALUATION).parts[0].removesuffix(".py")]
        if own != _part(module) and _level(own) < _level(_part(module))
    ]
    assert not outwards


def test_no_file_of_the_evaluation_is_long() -> None:
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in EVALUATION_FILES}
    assert not {name: count for name, count in lines.items() if count > LONGEST}


def test_listing_the_methods_loads_no_peer() -> None:
    code = f"""
import sys
from eval import methods
assert "llmlingua" in methods.names()
loaded = {PEERS!r} & {{name.split(".")[0] for name in sys.modules}}
assert not loaded, loaded
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr
