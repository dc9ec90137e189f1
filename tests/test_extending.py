"""The example of `docs/extending.md`, run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hiercomp.errors import ConfigError
from hiercomp.types import PASSAGE, Node, Span

TEXT = (Path(__file__).parents[1] / "docs" / "extending.md").read_text(encoding="utf-8")
CODE = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1)
ENTRY = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL).group(1)


@pytest.fixture
def example() -> ModuleType:
    module = ModuleType("overlap_retriever")
    exec(compile(CODE, "docs/extending.md", "exec"), module.__dict__)
    return module


def _node(node_id: str, text: str) -> Node:
    return Node(node_id, "document", PASSAGE, "", Span(0, len(text)), text, (Span(0, len(text)),))


def test_the_example_ranks_by_shared_terms(example: ModuleType) -> None:
    nodes = [_node("a", "Taxes rose."), _node("b", "The tax rate of 2025 rose."), _node("c", "Rain fell.")]
    ranking = example.build().index(nodes).search("Which tax rate of 2025?", k=5)
    # The question's terms are tax, rate and 2025: b holds 3 of 3, a 1 of 3, c none.
    assert [(hit.node_id, hit.score) for hit in ranking.hits] == [("b", 1.0), ("a", pytest.approx(1 / 3))]
    assert not example.build().index(nodes).search(" ", k=5).hits
    assert len(example.build().index(nodes).search("tax", k=1).hits) == 1
    with pytest.raises(ConfigError, match="no argument"):
        example.build("x")


def test_the_example_plugs_in_through_an_entry_point(tmp_path: Path) -> None:
    (tmp_path / "overlap_retriever.py").write_text(CODE, encoding="utf-8")
    installed = tmp_path / "overlap-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: overlap\nVersion: 1.0\n", encoding="utf-8")
    group, entry = re.search(r'entry-points\."(.+?)"\]\n(\w+) = "(.+?)"', ENTRY).group(1), ENTRY.splitlines()[1]
    (installed / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}\n", encoding="utf-8")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from hiercomp import registry\n"
        "assert 'overlap' in registry.names('retrievers')\n"
        "assert type(registry.build('retrievers', 'overlap', encoder=None)).__name__ == 'Overlap'\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr


def test_every_family_is_named() -> None:
    from hiercomp.registry import FAMILIES

    assert all(f"`{family}`" in TEXT for family in FAMILIES)
