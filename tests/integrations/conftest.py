"""The documents that the MCP servers of the tests serve."""

import shutil
from pathlib import Path

import pytest

from hiercomp.loaders import load

DATA = Path(__file__).parents[2] / "data"
REPORT, CALL = "tarnholt_2025_annual_report.pdf", "tarnholt_q4_2025_call.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two documents, one of them in a subfolder, and with files that must not be read."""
    root = tmp_path_factory.mktemp("served")
    served = root / "served"
    (served / "calls").mkdir(parents=True)
    shutil.copy(DATA / REPORT, served)
    shutil.copy(DATA / CALL, served / "calls")
    (root / "secret.md").write_text("The password of the vault is tangerine.\n", encoding="utf-8")
    (served / ".hidden.md").write_text("The password of the vault is tangerine.\n", encoding="utf-8")
    (served / "link.md").symlink_to(root / "secret.md")
    (served / "outside").symlink_to(root)
    return served


@pytest.fixture(scope="module")
def document(folder):
    return load(folder / REPORT)
