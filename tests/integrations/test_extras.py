"""If a framework is not installed, its adapter names the missing extra."""

import sys
from importlib import import_module

import pytest

from hiercomp.errors import MissingExtraError

FRAMEWORKS = {
    "dspy": ("dspy", "dspy"),
    "haystack": ("haystack", "haystack"),
    "haystack_agents": ("haystack", "haystack"),
    "langchain": ("langchain_core", "langchain"),
    "langchain_agents": ("langchain", "langchain"),
}


@pytest.mark.parametrize(("module", "framework", "extra"), [(name, *known) for name, known in FRAMEWORKS.items()])
def test_the_missing_extra_is_named(monkeypatch, module, framework, extra):
    module = f"hiercomp.integrations.{module}"
    for loaded in [name for name in sys.modules if name == module or name.split(".")[0] == framework]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, framework, None)  # Python treats this as a missing module
    with pytest.raises(MissingExtraError, match=f"pip install 'hiercomp\\[{extra}\\]'"):
        import_module(module)
