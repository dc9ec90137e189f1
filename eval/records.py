"""Runs on disk. A run is a folder with `run.json` (how it was made) and `records.jsonl` (one record a line).

Each line is written whole. A run that was killed continues at its last whole line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from filelock import FileLock, Timeout

from eval.types import Record, Run
from hiercomp.errors import ConfigError

HEAD, LINES, LOCK = "run.json", "records.jsonl", "writing.lock"

DIGESTS = {"datasets": "files", "plans": "plans"}
"""Settings that hold a digest for each set, and the word for the content that they are of."""
GROWING = (*DIGESTS, "sample")
"""Settings that may change when a run continues: sets are added, and a larger sample contains the smaller one."""

Key = tuple[str, str, int]
"""Set, question and budget."""


class RunFolder:
    """A run that one process writes. Use it in a `with` statement."""

    def __init__(self, path: Path, head: Mapping[str, object]) -> None:
        self.path = path
        self._head = dict(head)
        self._lock = FileLock(path / LOCK)
        self.done: dict[Key, Record] = {}

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ConfigError(f"{self.path} is being written by another process: wait for it or stop it") from error
        try:
            self._head = _joined(self._head, self.path)
        except ConfigError:
            self._lock.release()
            raise
        self._write_head()
        _drop_torn_line(self.path / LINES)
        self.done = {_key(record): record for record in _read_lines(self.path / LINES)}
        self._file = (self.path / LINES).open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        self._lock.release()
        (self.path / LOCK).unlink(missing_ok=True)

    def append(self, record: Record) -> None:
        """Write a record to disk, so that it survives a kill."""
        self._file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
        self._file.flush()
        self.done[_key(record)] = record

    def note(self, **facts: object) -> None:
        """Add facts to `run.json`, for example the peak memory."""
        self._head |= facts
        self._write_head()

    @property
    def peak_memory(self) -> int:
        """The peak memory in bytes of the earlier processes that wrote this run."""
        return int(str(self._head.get("peak_memory") or 0))

    def _write_head(self) -> None:
        waiting = self.path / f"{HEAD}.new"
        waiting.write_text(json.dumps(self._head, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        waiting.replace(self.path / HEAD)


def read(path: Path) -> Run:
    """Read a run.

    Raises:
        ConfigError: the folder holds no run, or the run is damaged.
    """
    try:
        head = json.loads((path / HEAD).read_text(encoding="utf-8"))
        return Run(**head, records=tuple(_read_lines(path / LINES)))
    except OSError as error:
        raise ConfigError(f"{path} holds no run: name a folder that `python -m eval run` wrote") from error
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{path}: not a run of this version ({error}); run it again") from error


def find(paths: Iterable[Path]) -> list[Path]:
    """Return the run folders among `paths` and directly inside them, sorted by name.

    Raises:
        ConfigError: there is no run.
    """
    found = [head.parent for path in paths for head in sorted([*path.glob(HEAD), *path.glob(f"*/{HEAD}")])]
    if not found:
        raise ConfigError(f"no run in {', '.join(map(str, paths))}: make one with `python -m eval run`")
    return list(dict.fromkeys(found))


def count(path: Path) -> int:
    """Count the records written so far."""
    try:
        return (path / LINES).read_bytes().count(b"\n")
    except OSError:
        return 0


def _joined(head: dict[str, object], path: Path) -> dict[str, object]:
    """Merge the settings of an existing run with the new ones. Sets may be added; other settings must be equal."""
    if not (path / HEAD).exists():
        return head
    stored: dict[str, Any] = json.loads((path / HEAD).read_text(encoding="utf-8"))
    old, new = stored["settings"], cast("dict[str, Any]", head["settings"])
    digests = {setting: {**old.get(setting, {}), **new.get(setting, {})} for setting in DIGESTS}
    for setting, content in DIGESTS.items():
        for name, digest in old.get(setting, {}).items():
            if digests[setting][name] != digest:
                raise ConfigError(f"{path} was started with other {content} of the set {name}: name another --output")
    changed = [name for name in {**old, **new} if name not in GROWING and old.get(name) != new.get(name)]
    if changed:
        raise ConfigError(f"{path} was started with another {changed[0]}: name another --output")
    sample = {**new["sample"], "left_out": {**old["sample"]["left_out"], **new["sample"]["left_out"]}}
    settings = {**new, **digests, "sample": sample}
    return {**head, "settings": settings, "peak_memory": stored.get("peak_memory")}


def _drop_torn_line(path: Path) -> None:
    """Delete the incomplete last line of a run that was killed."""
    if path.exists():
        content = path.read_bytes()
        if not content.endswith(b"\n"):
            path.write_bytes(content[: content.rfind(b"\n") + 1])


def _read_lines(path: Path) -> Iterable[Record]:
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]  # A last line without a line break is incomplete.
    return [Record(**json.loads(line)) for line in lines]


def _key(record: Record) -> Key:
    return (record.set, record.question, record.budget)
