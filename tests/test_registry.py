import sys

import pytest

from hiercomp import registry
from hiercomp.errors import ConfigError

PLUGIN = """
class Own:
    def __init__(self, argument, options):
        self.argument, self.options = argument, options


def build(argument=None, **options):
    return Own(argument, options)
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """An installed package with a retriever and an encoder of its own, the latter named like one of ours."""
    (tmp_path / "own_components.py").write_text(PLUGIN)
    metadata = tmp_path / "own_components-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: own-components\nVersion: 1.0\n")
    entries = "[hiercomp.retrievers]\nown = own_components:build\n[hiercomp.encoders]\nhashing = own_components:build\n"
    (metadata / "entry_points.txt").write_text(entries)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("own_components", None)


@pytest.mark.parametrize("family", registry.FAMILIES)
def test_every_family_has_components_and_hides_what_is_none(family):
    found = registry.names(family)
    assert found == sorted(found)
    assert found
    assert not [name for name in found if name.startswith("_")]


def test_the_components_of_the_issue_are_there():
    assert {"bm25", "dense", "cascade"} <= set(registry.names("retrievers"))
    assert {"hashing", "minilm", "sentence_transformers"} <= set(registry.names("encoders"))
    assert {"extractive", "llm"} <= set(registry.names("compressors"))


def test_a_specification_is_a_name_and_an_argument():
    assert registry.build("encoders", "hashing").dimension == 256
    assert registry.build("encoders", "hashing/32").dimension == 32
    assert registry.build("encoders", "hashing/").dimension == 256


@pytest.mark.parametrize(("family", "name"), [("encoders", "no-such"), ("retrievers", ""), ("retrievers", "_hidden")])
def test_an_unknown_name_is_refused_with_those_there_are(family, name):
    with pytest.raises(ConfigError, match=f"{family} has no '{name}'; choose from .*{registry.names(family)[-1]}"):
        registry.build(family, name)


def test_an_unknown_family_has_no_components():
    assert registry.names("alchemists") == []


@pytest.mark.usefixtures("plugin")
def test_packages_of_others_add_components_and_do_not_take_our_names():
    assert "own" in registry.names("retrievers")
    assert registry.names("encoders").count("hashing") == 1
    own = registry.build("retrievers", "own/a/b", encoder="e")
    assert (own.argument, own.options) == ("a/b", {"encoder": "e"})
    assert type(registry.build("encoders", "hashing")).__name__ == "Hashing"


@pytest.mark.usefixtures("plugin")
def test_a_family_knows_its_own_components_and_those_of_others():
    assert registry.knows("encoders", "hashing")
    assert registry.knows("retrievers", "own")
    assert not registry.knows("retrievers", "hashing")


def test_what_others_have_installed_is_not_searched_for_a_name_of_our_own(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the files of all installed packages were opened")

    monkeypatch.setattr(registry, "_entries", refuse)
    assert registry.knows("encoders", "hashing")
    assert registry.build("encoders", "hashing").dimension == 256
