import sys
from importlib.metadata import EntryPoint

import pytest

from hiercomp import allocators, compressors, encoders, llms, planning, registry, retrievers, tokenizers
from hiercomp.errors import ConfigError
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.ports import LLM, Allocator, Compressor, Encoder, Planner, Retriever, Tokenizer

BROKEN = {"gone": "no_such_module:build", "renamed": "hiercomp.errors:build"}
"""Entry points that name a missing module and a missing function."""
PLUGIN = """
class Own:
    def __init__(self, argument, options):
        self.argument, self.options = argument, options

    def index(self, passages):
        return None


def build(argument=None, **options):
    return Own(argument, options)


def build_with_encoder(argument=None, *, encoder, width=7):
    return Own(argument, {"encoder": encoder, "width": width})


def build_with_colour(argument=None, *, colour):
    return Own(argument, {"colour": colour})


def build_without_argument():
    return Own(None, {})


def build_nothing(argument=None, **options):
    return None


not_callable = "a text"
"""
ENTRIES = """
[hiercomp.retrievers]
own = own_components:build
own_with_encoder = own_components:build_with_encoder
own_with_colour = own_components:build_with_colour
own_without_argument = own_components:build_without_argument
own_nothing = own_components:build_nothing
own_text = own_components:not_callable
[hiercomp.encoders]
hashing = own_components:build
own = own_components:build
[hiercomp.planning]
own = own_components:build
[hiercomp.tokenizers]
own = own_components:build
[hiercomp.compressors]
own = own_components:build
[hiercomp.allocators]
own = own_components:build
[hiercomp.llms]
own = own_components:build
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """An installed package with components of its own. One encoder has the name of one of ours."""
    (tmp_path / "own_components.py").write_text(PLUGIN)
    metadata = tmp_path / "own_components-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: own-components\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("own_components", None)


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizers.build()


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
    assert {"rules", "reader", "recorded"} <= set(registry.names("planning"))


def test_a_specification_is_a_name_and_an_argument():
    assert registry.build("encoders", "hashing").dimension == 256
    assert registry.build("encoders", "hashing/32").dimension == 32
    assert registry.build("encoders", "hashing/").dimension == 256


@pytest.mark.parametrize(("family", "name"), [("encoders", "no-such"), ("retrievers", ""), ("retrievers", "_hidden")])
def test_an_unknown_name_is_refused_with_those_there_are(family, name):
    with pytest.raises(ConfigError, match=f"{family} is called '{name}'; choose from .*{registry.names(family)[-1]}"):
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


@pytest.mark.usefixtures("plugin")
def test_a_component_gets_the_offered_options_that_it_declares():
    offered = {"encoder": "e", "cache_dir": None}
    assert registry.component("retrievers", "own_with_encoder", offered).options == {"encoder": "e", "width": 7}
    assert registry.component("retrievers", "own_with_encoder/x", offered).argument == "x"
    assert registry.component("retrievers", "own", offered).options == offered
    assert registry.component("encoders", "hashing/32", offered).dimension == 32


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("own_with_colour", "argument: 'colour'.*the options of the family are encoder$"),
        ("own_without_argument", "too many positional arguments"),
        ("own_text", "not a callable"),
    ],
)
def test_a_component_that_cannot_be_called_with_what_is_offered_is_refused(name, problem):
    with pytest.raises(ConfigError, match=f"the component '{name}' of retrievers cannot be built: .*{problem}"):
        registry.component("retrievers", name, {"encoder": "e"})


def test_build_refuses_an_option_that_the_component_does_not_take():
    with pytest.raises(ConfigError, match=r"'hashing' of encoders .*unexpected keyword argument 'width'"):
        registry.build("encoders", "hashing", width=3)


def test_the_builder_of_each_family_builds_a_component_of_its_port(tokenizer):
    llm = llms.build("scripted/yes")
    assert isinstance(llm, LLM)
    assert isinstance(tokenizer, Tokenizer)
    encoder = encoders.build("hashing/32")
    assert isinstance(encoder, Encoder)
    assert encoder.dimension == 32
    for name in ("bm25", "dense", "cascade"):
        assert isinstance(retrievers.build(name, encoder=encoder), Retriever)
    for name in ("rules", "reader"):
        assert isinstance(planning.build(name, reader=lambda: llm), Planner)
    for name in registry.names("allocators"):
        assert isinstance(allocators.build(name), Allocator)
    for name in ("extractive", "llm"):
        assert isinstance(compressors.build(name, tokenizer=tokenizer, llm=llm), Compressor)


@pytest.mark.usefixtures("plugin")
def test_an_object_of_others_that_is_not_of_the_port_is_refused(tokenizer):
    llm = ScriptedLLM([], tokenizer)
    assert retrievers.build("own", encoder=encoders.build("hashing")).argument is None
    for build, port in (
        (lambda: retrievers.build("own_nothing", encoder=encoders.build("hashing")), "Retriever"),
        (lambda: encoders.build("own"), "Encoder"),
        (lambda: planning.build("own", reader=lambda: llm), "Planner"),
        (lambda: tokenizers.build("own/x"), "Tokenizer"),
        (lambda: allocators.build("own"), "Allocator"),
        (lambda: compressors.build("own", tokenizer=tokenizer, llm=llm), "Compressor"),
        (lambda: llms.build("own"), "LLM"),
    ):
        with pytest.raises(ConfigError, match=rf"the component 'own\w*' of \w+ is not .* hiercomp\.ports\.{port}"):
            build()


@pytest.mark.usefixtures("plugin")
def test_a_reader_of_others_is_offered_every_option():
    offered = registry.component(llms.FAMILY, "own", llms.DEFAULTS).options
    assert set(offered) == {"base_url", "tokenizer", "retries", "timeout", "observe", "cache_dir"}


def test_a_reader_is_not_built_with_an_option_that_no_reader_has():
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        llms.build("extractive", colour="red")


def test_a_component_whose_package_cannot_be_imported_is_refused(monkeypatch):
    broken = {name: EntryPoint(name, value, "hiercomp.encoders") for name, value in BROKEN.items()}
    monkeypatch.setattr(registry, "_entries", lambda family: broken)
    for name, value in BROKEN.items():
        with pytest.raises(ConfigError, match=f"the component '{name}' of encoders cannot be loaded from {value}: "):
            encoders.build(name)
