"""How the package and its command start: both ways to run the command, and what a start loads."""

import subprocess
import sys

import pytest
from source_code import ROOT

HEAVY = {
    "faiss", "llama_index", "numpy", "onnxruntime", "pypdfium2", "rank_bm25", "sentence_transformers", "tiktoken",
    "tokenizers", "torch", "transformers", "xllamacpp",
}  # fmt: skip


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
