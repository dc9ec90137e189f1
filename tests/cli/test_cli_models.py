"""`hiercomp models`: what is packaged, and that its bytes are the published ones."""

import hashlib
import json
from pathlib import Path

from hiercomp.packaged import MODELS


def test_every_packaged_model_is_listed_with_its_state(hiercomp):
    lines = hiercomp("models", "list").stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["name", *(model.name for model in MODELS)]
    listed = json.loads(hiercomp("models", "list", "--json").stdout)["models"]
    assert [model["sha256"] for model in listed] == [model.sha256 for model in MODELS]


def test_a_verified_model_is_the_published_file(hiercomp):
    path = Path(hiercomp("models", "verify", "minilm-int8").stdout.decode().rstrip("\n"))
    digest = next(model.sha256 for model in MODELS if model.name == "minilm-int8")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_pulling_an_installed_model_prints_its_path(hiercomp):
    done = hiercomp("models", "pull", "minilm-int8", "--json")
    (model,) = json.loads(done.stdout)["models"]
    assert model["name"] == "minilm-int8"
    assert Path(model["path"]).is_file()


def test_an_unknown_model_is_exit_2(hiercomp):
    assert b"'bogus'; choose from local" in hiercomp("models", "pull", "bogus", check=2).stderr
