"""`hiercomp doctor`: it changes nothing, and names a repair for each failure."""

import json
import os
import sys

import pytest


def checks(done):
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def test_a_sound_installation_passes_and_nothing_is_written(hiercomp):
    before = sorted(hiercomp.folder.rglob("*"))
    found = checks(hiercomp("doctor", "--json"))
    assert sorted(hiercomp.folder.rglob("*")) == before
    assert {"python", "hiercomp", "rich", "model local", "tokenizer", "encoder", "cache", "reader"} <= set(found)
    assert all(check["ok"] for check in found.values())
    assert found["reader"]["found"] == "extractive"


def test_people_get_a_line_a_check(hiercomp):
    shown = hiercomp("doctor").stdout.decode()
    assert "✓  python" in shown
    assert "✗" not in shown


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is unwritable for this user")
def test_a_cache_that_cannot_be_written_fails_with_its_repair(hiercomp):
    locked = hiercomp.folder / "locked"
    locked.mkdir(mode=0o500)
    check_unwritable(hiercomp, locked / "cache")


def test_a_cache_that_is_a_file_fails_with_its_repair(hiercomp):
    check_unwritable(hiercomp, hiercomp.folder / "report.md")


def check_unwritable(hiercomp, folder):
    done = hiercomp("doctor", "--json", check=1, HIERCOMP_CACHE_DIR=str(folder))
    cache = checks(done)["cache"]
    assert not cache["ok"]
    assert "HIERCOMP_CACHE_DIR" in cache["fix"]


def test_an_unknown_encoder_fails_and_the_other_checks_still_run(hiercomp):
    found = checks(hiercomp("doctor", "--json", check=1, HIERCOMP_EMBEDDING="bogus"))
    assert not found["encoder"]["ok"]
    assert "'bogus'" in found["encoder"]["found"]
    assert found["reader"]["ok"]


def test_the_cache_of_the_option_is_checked(hiercomp):
    folder = hiercomp.folder / "elsewhere"
    found = checks(hiercomp("doctor", "--json", "--cache-dir", folder))
    assert found["cache"]["found"] == f"{folder} is writable"
    assert hiercomp.environment_after == hiercomp.environment
