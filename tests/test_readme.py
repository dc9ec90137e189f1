"""The examples of the README work as shown."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _form(ledger: str) -> str:
    """Return a ledger without its figures, page lists and bar, which depend a little on the processor."""
    without_bar = re.sub("[█▓▒░▚·]+", "█", " ".join(ledger.split()))
    return re.sub(r"[\d.,e-]+(?: [\d.,e-]+)*", "#", without_bar)


def test_the_quoted_answer_is_what_its_command_prints(tmp_path: Path) -> None:
    block = re.search(r"```console\n\$ hiercomp (?P<arguments>ask data/.*)\n(?P<output>(?s:.*?))```", README)
    assert block
    environment = {**os.environ, "HIERCOMP_CACHE_DIR": str(tmp_path), "PYTHONUTF8": "1", "COLUMNS": "110"}
    run = subprocess.run(
        [sys.executable, "-m", "hiercomp.cli", *shlex.split(block["arguments"])],
        cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert block["output"].startswith(run.stdout)
    assert _form(block["output"].removeprefix(run.stdout)) == _form(run.stderr)


def test_the_python_block_runs(tmp_path: Path) -> None:
    block = re.search(r"```python\n(?P<code>(?s:.*?))```", README)
    assert block
    code = block["code"].replace("report.pdf", "data/tarnholt_2025_annual_report.pdf")
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "HIERCOMP_MODEL": "extractive", "HIERCOMP_CACHE_DIR": str(tmp_path)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
