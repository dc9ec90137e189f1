"""Settings: their order, their origins, and the errors."""

from pathlib import Path

import pytest

from hiercomp import config
from hiercomp.config import Config, read_settings
from hiercomp.errors import ConfigError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty user directory and an empty working directory."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return tmp_path / "home"


def write_user_file(home, text):
    path = config.user_config_path("hiercomp", appauthor=False) / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_those_of_the_config():
    settings = read_settings(environment={})
    assert settings.config == Config()
    assert set(settings.origins.values()) == {"default"}
    assert settings.config.budget == 4000


def test_each_layer_wins_over_the_one_behind_it(home):
    user = write_user_file(home, 'budget = 1000\nretries = 1\nallocator = "fixed"\nembedding = "hashing"\n')
    Path("hiercomp.toml").write_text('budget = 2000\nretries = 3\nallocator = "proportional"\n', encoding="utf-8")
    settings = read_settings(
        {"budget": 4444, "model": None}, environment={"HIERCOMP_BUDGET": "3000", "HIERCOMP_RETRIES": "4"}
    )
    assert (settings.config.budget, settings.origins["budget"]) == (4444, "flag")
    assert (settings.config.retries, settings.origins["retries"]) == (4, "environment")
    assert (settings.config.allocator, settings.origins["allocator"]) == ("proportional", "hiercomp.toml")
    assert (settings.config.embedding, settings.origins["embedding"]) == ("hashing", str(user))
    assert (settings.config.model, settings.origins["model"]) == (None, "default")


def test_a_named_file_replaces_the_files_that_are_looked_for(tmp_path):
    Path("hiercomp.toml").write_text("budget = 2000\nretries = 9\n", encoding="utf-8")
    named = tmp_path / "other.toml"
    named.write_text("budget = 1500\n", encoding="utf-8")
    settings = read_settings(file=named, environment={})
    assert (settings.config.budget, settings.config.retries) == (1500, 2)


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("bugdet = 3\n", "'bugdet'", "did you mean 'budget'?"),
        ("[allocator]\nfoo = 1\n", "'allocator.foo'", "did you mean 'allocator'?"),
        ('[models.big]\nname = "x"\n', "'models.big.name'", "did you mean"),
        ("zzzz = 1\n", "'zzzz'", "choose from budget, total, evidence_share"),
        ('openai_api_key = "sk-1"\n', "'openai_api_key'", "secrets are read from"),
    ],
)
def test_an_unknown_key_is_refused_with_its_file_and_path(text, key, hint):
    Path("hiercomp.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_settings(environment={})
    assert str(caught.value).startswith(f"hiercomp.toml: unknown key {key}; ")
    assert hint in str(caught.value)
    assert "sk-1" not in str(caught.value)


def test_an_unknown_variable_is_refused():
    with pytest.raises(ConfigError, match="'HIERCOMP_BUGDET'; did you mean 'HIERCOMP_BUDGET'"):
        read_settings(environment={"HIERCOMP_BUGDET": "3"})


def test_an_empty_variable_is_not_set():
    assert read_settings(environment={"HIERCOMP_BUDGET": "", "OTHER": "1"}).config.budget == 4000


def test_the_total_and_the_passes_can_stand_in_the_environment():
    config = read_settings(environment={"HIERCOMP_TOTAL": "9000", "HIERCOMP_PASSES": "2"}).config
    assert (config.total, config.passes) == (9000, 2)
    assert (Config().total, Config().passes) == (None, 1)
    for name, value in (("HIERCOMP_PASSES", "3"), ("HIERCOMP_TOTAL", "0")):
        with pytest.raises(ConfigError, match=f"{name}: .*, not '{value}'"):
            read_settings(environment={name: value})


def test_a_key_in_the_environment_is_no_setting():
    assert "canary" not in repr(read_settings(environment={"HIERCOMP_API_KEY": "canary"}))


@pytest.mark.parametrize(
    ("flags", "environment", "place"),
    [
        ({}, {"HIERCOMP_BUDGET": "abc"}, "HIERCOMP_BUDGET: "),
        ({"budget": 0}, {}, "--budget: "),
        ({"retries": -1}, {}, "--retries: "),
        ({"evidence_share": 1.5}, {}, "--evidence-share: "),
        ({"least_value": -0.1}, {}, "--least-value: "),
        ({"answer_tokens": 0}, {}, "--answer-tokens: "),
    ],
)
def test_a_wrong_value_names_its_place(flags, environment, place):
    with pytest.raises(ConfigError) as caught:
        read_settings(flags, environment=environment)
    assert str(caught.value).startswith(place)


def test_a_budget_may_be_left_open():
    assert read_settings(environment={"HIERCOMP_BUDGET": "auto"}).config.budget == "auto"
    Path("hiercomp.toml").write_text('budget = "auto"\nevidence_share = 0.8\nleast_value = 0.01\n', encoding="utf-8")
    config = read_settings(environment={}).config
    assert (config.budget, config.evidence_share, config.least_value) == ("auto", 0.8, 0.01)
    with pytest.raises(ConfigError, match=r"^--budget: .*integer.* or .*'auto', not 'some'$"):
        read_settings({"budget": "some"}, environment={})


def test_a_wrong_value_in_a_file_names_file_and_key():
    Path("hiercomp.toml").write_text('timeout = "soon"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^hiercomp\.toml: timeout: .*, not 'soon'$"):
        read_settings(environment={})


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"missing\.toml: No such file"):
        read_settings(file=tmp_path / "missing.toml", environment={})
    (tmp_path / "broken.toml").write_text("budget = = 3", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.toml: the file is not valid TOML"):
        read_settings(file=tmp_path / "broken.toml", environment={})


def test_a_password_is_never_read_from_a_file_nor_shown(tmp_path):
    settings = read_settings(environment={"HIERCOMP_PASSWORD": "canary"})
    assert settings.config.password == "canary"
    assert "canary" not in repr(settings)
    assert "canary" not in settings.config.model_dump_json()
    assert [value for name, value, _ in settings.rows() if name == "password"] == ["***"]
    (tmp_path / "p.toml").write_text('password = "canary"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="'password' is a secret; set HIERCOMP_PASSWORD") as caught:
        read_settings(file=tmp_path / "p.toml", environment={})
    assert "canary" not in str(caught.value)


def test_a_wrong_password_type_is_not_echoed():
    with pytest.raises(ConfigError) as caught:
        read_settings({"password": 987654321}, environment={})
    assert "987654321" not in str(caught.value)


def test_a_config_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Config().budget = 3


@pytest.mark.parametrize("setting", ["cache_dir", "playbook"])
def test_a_relative_path_in_a_file_is_relative_to_this_file(tmp_path, setting):
    (tmp_path / "c.toml").write_text(f'{setting} = "kept"\n', encoding="utf-8")
    assert getattr(read_settings(file=tmp_path / "c.toml", environment={}).config, setting) == tmp_path / "kept"
