"""The README's console block is what its command prints, but for the time and the energy that it took."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _without_costs(text: str) -> str:
    """The text without seconds and watt-hours, and without space at line ends."""
    text = re.sub(r"[\d.]+ s \| [\d.e-]+ Wh", "… s | … Wh", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def test_the_first_block_is_what_its_command_prints(tmp_path: Path) -> None:
    block = re.search(r"```console\n\$ hiercomp (?P<arguments>ask .*)\n(?P<output>(?s:.*?))```", README)
    assert block
    environment = {**os.environ, "HIERCOMP_CACHE_DIR": str(tmp_path), "PYTHONUTF8": "1", "COLUMNS": "110"}
    run = subprocess.run(
        [sys.executable, "-m", "hiercomp.cli", *shlex.split(block["arguments"])],
        cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert _without_costs(run.stdout + run.stderr) == _without_costs(block["output"])


def test_the_python_block_runs() -> None:
    block = re.search(r"```python\n(?P<code>(?s:.*?))```", README)
    assert block
    code = block["code"].replace("report.pdf", "data/tarnholt_2025_annual_report.pdf")
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "HIERCOMP_MODEL": "extractive"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
