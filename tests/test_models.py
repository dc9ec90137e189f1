import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from concurrent_calls import call_at_once

from hiercomp import models
from hiercomp.errors import ConfigError, MissingExtraError, ModelError
from hiercomp.packaged import MODELS, PackagedModel

PARTS = (b"first part, ", b"second part, ", b"third part")
WHOLE = b"".join(PARTS)


def _install(folder: Path, name: str, data: bytes) -> None:
    """Write the files that pip installs for a distribution with one data file. Its module must never be imported."""
    package = folder / name.replace("-", "_")
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "part.bin").write_bytes(data)
    information = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackagedModel:
    """A model with three installed parts, and an empty cache folder."""
    site = tmp_path / "site"
    for number, data in enumerate(PARTS):
        _install(site, f"small-part{number}", data)
    small = PackagedModel(
        name="small", title="Small", purpose="reader", licence="Apache-2.0", version="1.0", size=len(WHOLE),
        parts=tuple((f"small-part{number}", f"small_part{number}/part.bin") for number in range(3)),
        sha256=hashlib.sha256(WHOLE).hexdigest(), extra="local",
    )  # fmt: skip
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv(models.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(models, "MODELS", (*MODELS, small))
    return small


def test_parts_are_joined_in_order_and_remembered(small: PackagedModel, tmp_path: Path) -> None:
    found = models.find("small")
    assert (found.parts, found.path, found.usable) == (3, None, True)
    steps: list[tuple[int, int]] = []
    path = models.assemble("small", lambda done, size: steps.append((done, size)))
    assert path.read_bytes() == WHOLE
    assert [done for done, _ in steps] == [12, 25, 35]  # 12 letters, 13 more, 10 more
    assert {size for _, size in steps} == {35}
    assert models.find("small").path == path
    assert sorted(entry.suffix for entry in path.parent.iterdir()) == [".gguf", ".json", ".lock"]


def test_the_cache_is_for_its_owner_alone(small: PackagedModel) -> None:
    path = models.assemble("small")
    for folder in (path.parent, path.parent.parent):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_second_start_reads_nothing(small: PackagedModel) -> None:
    models.assemble("small")
    models.assemble("small", lambda done, size: pytest.fail("it was read again"))


@pytest.mark.parametrize("damage", [b"", b"first part, second part, third parT", WHOLE + b"!"])
def test_a_damaged_file_is_built_anew(small: PackagedModel, damage: bytes) -> None:
    path = models.assemble("small")
    path.write_bytes(damage)
    os.utime(path, ns=(1, 1))
    assert models.find("small").path is None
    assert models.assemble("small").read_bytes() == WHOLE


def test_damage_that_keeps_size_and_time_is_found_by_verify(small: PackagedModel) -> None:
    path = models.assemble("small")
    times = path.stat().st_mtime_ns
    path.write_bytes(WHOLE.upper())
    os.utime(path, ns=(times, times))
    assert models.assemble("small").read_bytes() == WHOLE.upper()  # only verify reads the file
    assert models.verify("small").read_bytes() == WHOLE


def test_a_note_that_is_damaged_costs_a_reading_only(small: PackagedModel) -> None:
    path = models.assemble("small")
    path.with_name(f"{path.name}.json").write_text("{")
    assert models.assemble("small").read_bytes() == WHOLE
    assert json.loads(path.with_name(f"{path.name}.json").read_text())["size"] == len(WHOLE)


def test_parts_that_are_not_the_published_ones_are_never_used(small: PackagedModel, tmp_path: Path) -> None:
    (tmp_path / "site" / "small_part1" / "part.bin").write_bytes(b"second_part, ")
    with pytest.raises(ModelError, match=r"not used; run: pip install --force-reinstall small-part0==1\.0"):
        models.assemble("small")
    left = [entry.suffix for entry in (tmp_path / "cache" / "models").iterdir()]
    assert left == [".lock"]


def test_a_missing_part_names_the_extra(small: PackagedModel, tmp_path: Path) -> None:
    (tmp_path / "site" / "small_part2" / "part.bin").unlink()
    assert models.find("small").parts == 2
    assert not models.find("small").usable
    with pytest.raises(MissingExtraError, match=r"hiercomp\[local\]"):
        models.assemble("small")


def test_a_cache_that_cannot_be_written_is_one_line(
    small: PackagedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(models.CACHE_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(ModelError, match="set HIERCOMP_CACHE_DIR"):
        models.assemble("small")


def test_the_folder_that_is_given_comes_before_that_of_the_environment(small: PackagedModel, tmp_path: Path) -> None:
    environment, given = dict(os.environ), tmp_path / "given"
    path = models.assemble("small", cache_dir=given)
    assert path == given / "models" / "Small.gguf"
    assert path.read_bytes() == WHOLE
    assert models.find("small", cache_dir=given).path == path
    assert models.verify("small", cache_dir=given) == models.pull("small", cache_dir=given) == path
    assert models.find("small").path is None
    assert not (tmp_path / "cache").exists()
    assert os.environ == environment


def test_without_a_folder_the_environment_names_it_or_the_platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "platform"))
    monkeypatch.setenv(models.CACHE_VARIABLE, "~/named")
    assert models.cache_folder() == tmp_path / "named"
    assert models.cache_folder(Path("~/given")) == tmp_path / "given"
    monkeypatch.delenv(models.CACHE_VARIABLE)
    assert models.cache_folder().name == "hiercomp"


def test_eight_threads_join_a_model_once(small: PackagedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    joined = []
    join = models._join

    def slow_join(*arguments: object) -> None:
        joined.append(arguments)
        time.sleep(0.05)
        join(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(models, "_join", slow_join)
    paths = call_at_once(lambda: models.assemble("small"))
    assert len(set(paths)) == len(joined) == 1


def test_eight_threads_read_a_model_of_one_part_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, reads = tmp_path / "site", []
    _install(site, "single", WHOLE)
    single = PackagedModel(
        name="single", title="Single", purpose="embedding", licence="MIT", version="1.0", size=len(WHOLE),
        parts=(("single", "single/part.bin"),), sha256=hashlib.sha256(WHOLE).hexdigest(),
    )  # fmt: skip
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(models, "MODELS", (single,))
    blocks = models._blocks
    monkeypatch.setattr(models, "_blocks", lambda paths: [reads.append(paths), time.sleep(0.05)] and blocks(paths))
    (path,) = set(call_at_once(lambda: models.assemble("single")))
    assert len(reads) == 1
    models.verify("single")
    assert len(reads) == 2
    times = path.stat().st_mtime_ns
    path.write_bytes(WHOLE.upper())
    os.utime(path, ns=(times, times))
    with pytest.raises(ModelError, match="is damaged"):
        models.verify("single")
    path.write_bytes(WHOLE.lower() + b"!")
    with pytest.raises(ModelError, match="is damaged"):
        models.assemble("single")


def test_processes_join_at_the_same_time_without_harm(small: PackagedModel, tmp_path: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path / "site")!r})
from hiercomp import models
from hiercomp.packaged import PackagedModel
models.MODELS = (PackagedModel({", ".join(f"{name}={getattr(small, name)!r}" for name in small.__slots__)}),)
for _ in range(20):
    assert models.verify("small").read_bytes() == {WHOLE!r}
"""
    processes = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]


def test_a_model_of_one_part_is_used_where_it_lies() -> None:
    path = models.assemble("minilm-int8")
    assert path.name == "model.onnx"
    assert models.find("minilm-int8").path == path


def test_pull_installs_nothing_that_is_there(small: PackagedModel) -> None:
    assert models.pull("small").read_bytes() == WHOLE


def test_pull_says_what_pip_could_not_do(small: PackagedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site" / "small_part2" / "part.bin").unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(
        ModelError, match=r"cannot install small-part0==1\.0 small-part1==1\.0 small-part2==1\.0: ERROR"
    ):
        models.pull("small")


def test_an_unknown_model_is_refused_with_choices() -> None:
    with pytest.raises(ConfigError, match=r"choose from local, local/1\.5b, minilm"):
        models.find("nix")


def test_a_model_without_an_extra_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(models.CACHE_VARIABLE, str(tmp_path))
    if models.find("local/1.5b").usable:
        assert models.find("local/1.5b").parts == 22
        return
    with pytest.raises(ConfigError, match=r"run: hiercomp models pull local/1\.5b"):
        models.assemble("local/1.5b")


def test_the_table_is_whole() -> None:
    for model in MODELS:
        assert len(model.sha256) == 64
        assert int(model.sha256, 16)
        assert len(set(model.parts)) == len(model.parts)
    assert {model.name: len(model.parts) for model in MODELS} == {
        "local": 6,
        "local/1.5b": 22,
        "minilm": 1,
        "minilm-int8": 1,
        "e5": 1,
    }
