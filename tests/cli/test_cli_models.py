"""`hiercomp models`: it lists the packaged models, and checks their digests."""

import hashlib
import json
from pathlib import Path

import pytest

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


@pytest.fixture
def joined(hiercomp):
    """Put a file of the model `local` into the folder `elsewhere`, with the note of a digest that was checked."""
    model = next(model for model in MODELS if model.name == "local")
    path = hiercomp.folder / "elsewhere" / "models" / f"{model.title}.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"model")
    note = {"sha256": model.sha256, "size": 5, "modified": path.stat().st_mtime_ns}
    path.with_name(f"{path.name}.json").write_text(json.dumps(note), encoding="utf-8")
    return path


def test_models_are_looked_up_in_the_cache_of_the_option(hiercomp, joined):
    def path_of_local(*options):
        models = json.loads(hiercomp("models", "list", "--json", *options).stdout)["models"]
        return next(model["path"] for model in models if model["name"] == "local")

    option = ("--cache-dir", joined.parents[1])
    assert path_of_local() is None
    assert path_of_local(*option) == str(joined)
    assert hiercomp.environment_after == hiercomp.environment
    assert hiercomp("models", "pull", "local", *option).stdout.decode() == f"{joined}\n"


def test_models_are_looked_up_in_the_cache_of_the_project_file(hiercomp, joined):
    (hiercomp.folder / "hiercomp.toml").write_text('cache_dir = "elsewhere"\n', encoding="utf-8")
    done = hiercomp("models", "list", "--json", HIERCOMP_CACHE_DIR="")
    assert joined.name in done.stdout.decode()
