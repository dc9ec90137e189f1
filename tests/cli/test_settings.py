"""`hiercomp config`: it shows the values and their origins."""

import json


def settings(done):
    return json.loads(done.stdout)["settings"]


def test_each_value_is_shown_with_its_origin(hiercomp):
    (hiercomp.folder / "hiercomp.toml").write_text("budget = 1234\nretries = 5\n", encoding="utf-8")
    shown = settings(hiercomp("config", "--show", "--json", HIERCOMP_RETRIES="6"))
    assert shown["budget"] == {"value": 1234, "origin": "hiercomp.toml"}
    assert shown["retries"] == {"value": 6, "origin": "environment"}
    assert shown["timeout"] == {"value": 120.0, "origin": "default"}
    assert shown["pages"] == {"value": None, "origin": "default"}
    assert shown["cache_dir"] == {"value": str(hiercomp.folder / "cache"), "origin": "environment"}


def test_a_flag_is_an_origin(hiercomp):
    done = hiercomp("config", "--json", "--cache-dir", "here")
    assert settings(done)["cache_dir"] == {"value": "here", "origin": "flag"}


def test_people_get_a_table(hiercomp):
    lines = hiercomp("config", "--show").stdout.decode().splitlines()
    assert lines[0].split() == ["setting", "value", "origin"]
    assert ["budget", "4000", "default"] in [line.split() for line in lines]
    assert ["model", "extractive", "environment"] in [line.split() for line in lines]


def test_a_password_is_masked(hiercomp):
    for arguments in (["config"], ["config", "--json"]):
        done = hiercomp(*arguments, HIERCOMP_PASSWORD="canary")
        assert b"canary" not in done.stdout + done.stderr
        assert b"***" in done.stdout
