"""The pages on LangChain, Haystack and DSPy show their example files and their output."""

import os
import re
import runpy
from pathlib import Path

import pytest

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when Haystack is imported
ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "dspy_module": "dspy",
    "haystack_pipeline": "haystack",
    "langchain_agent": "langchain",
    "langchain_retriever": "langchain_classic",
}


@pytest.mark.parametrize(("name", "framework"), EXAMPLES.items())
def test_an_example_prints_what_its_page_shows(name, framework, tmp_path, monkeypatch, capsys):
    pytest.importorskip(framework)
    path = ROOT / "examples" / f"{name}.py"
    page = (ROOT / "docs" / "integrations" / f"{name.split('_')[0]}.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```python\n((?:(?!```).)*)```\n\nprints\n\n```text\n(.*?)```", page, re.DOTALL))
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("HIERCOMP_CACHE_DIR", str(tmp_path))
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out.rstrip() == blocks[path.read_text(encoding="utf-8")].rstrip()
