"""The page on plain Python shows its example files and their output."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrations" / "python.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", PAGE, re.DOTALL))


@pytest.mark.parametrize("name", ["conversation", "side_by_side"])
def test_an_example_prints_what_its_page_shows(name: str, tmp_path: Path) -> None:
    path = ROOT / "examples" / f"{name}.py"
    environment = {**os.environ, "HIERCOMP_CACHE_DIR": str(tmp_path), "PYTHONUTF8": "1"}
    run = subprocess.run(
        [sys.executable, "-W", "error", path],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert run.stdout.rstrip() == BLOCKS[path.read_text(encoding="utf-8")].rstrip()


def test_every_page_is_in_the_table() -> None:
    pages = {path.name for path in (ROOT / "docs" / "integrations").glob("*.md")} - {"README.md"}
    table = (ROOT / "docs" / "integrations" / "README.md").read_text(encoding="utf-8")
    assert {link for link in re.findall(r"\]\((\w+\.md)\)", table)} == pages
