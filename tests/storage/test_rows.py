import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hiercomp.storage.rows import VERSION, Rows

KEYS = [index.to_bytes(16, "big") for index in range(60)]
PAYLOADS = {key: random.Random(key).randbytes(20 + 40 * index) for index, key in enumerate(KEYS)}
WRITER = """
import random, sys
from pathlib import Path
from hiercomp.storage.rows import Rows

first, step, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
rows = Rows(folder)
for index in range(first, 1 << 30, step):
    key = index.to_bytes(16, "big")
    rows.write(1, {key: random.Random(index).randbytes(3000)})
    assert rows.warning is None, rows.warning
    print(index, flush=True)
    if len(sys.argv) > 4 and index >= int(sys.argv[4]):
        break
"""


def payload(index):
    """Return the payload that the writer process stores under an index."""
    return random.Random(index).randbytes(3000)


def started_writer(*arguments):
    return subprocess.Popen([sys.executable, "-c", WRITER, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def test_rows_come_back_and_the_last_write_counts(tmp_path):
    rows = Rows(tmp_path)
    rows.write(1, PAYLOADS)
    rows.write(1, {KEYS[0]: b"new"})
    rows.write(2, {KEYS[1]: b"another kind"})
    rows.close()
    again = Rows(tmp_path)
    assert again.read(1, KEYS) == {**PAYLOADS, KEYS[0]: b"new"}
    assert again.read(2, KEYS) == {KEYS[1]: b"another kind"}
    assert (again.count(1), again.count(2)) == (60, 1)
    assert again.warning is None
    again.close()


def test_more_keys_than_one_statement_holds_are_read(tmp_path):
    many = {index.to_bytes(16, "big"): b"%d" % index for index in range(1201)}
    rows = Rows(None)
    rows.write(1, many)
    assert rows.read(1, list(many)) == many
    rows.close()


def test_folder_and_file_are_the_owners_own(tmp_path):
    rows = Rows(tmp_path / "cache")
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert rows.path.stat().st_mode & 0o777 == 0o600
    rows.close()


@pytest.mark.parametrize("column", ["payload", "checksum"])
def test_a_damaged_row_is_absent_and_deleted(tmp_path, column):
    rows = Rows(tmp_path)
    rows.write(1, PAYLOADS)
    with sqlite3.connect(rows.path) as connection:
        connection.execute(f"UPDATE entries SET {column} = 'text' WHERE key = ?", (KEYS[3],))
    connection.close()
    assert rows.read(1, KEYS) == {key: PAYLOADS[key] for key in KEYS if key != KEYS[3]}
    assert rows.count(1) == 59
    rows.write(1, {KEYS[3]: PAYLOADS[KEYS[3]]})
    assert rows.read(1, KEYS) == PAYLOADS
    rows.close()


def test_a_row_under_another_key_or_kind_is_not_taken_for_its_own(tmp_path):
    rows = Rows(tmp_path)
    rows.write(1, {KEYS[0]: b"a", KEYS[1]: b"b"})
    with sqlite3.connect(rows.path) as connection:
        connection.execute("UPDATE entries SET key = ? WHERE key = ?", (KEYS[2], KEYS[0]))
        connection.execute("UPDATE entries SET kind = 2 WHERE key = ?", (KEYS[1],))
    connection.close()
    assert rows.read(1, KEYS) == rows.read(2, KEYS) == {}
    rows.close()


def test_single_flipped_bits_are_found_or_do_no_harm(tmp_path):
    original = Rows(tmp_path / "original")
    original.write(1, PAYLOADS)
    original.close()
    intact = (tmp_path / "original" / "store-1.sqlite").read_bytes()
    rng = random.Random(20)
    # Flip bits in the header and the first page, where each bit matters, and anywhere in the file.
    flips = [rng.randrange(800) for _ in range(100)] + [rng.randrange(8 * len(intact)) for _ in range(150)]
    lost = healed = 0
    for flip in flips:
        folder = tmp_path / "flipped"
        folder.mkdir()
        damaged = bytearray(intact)
        damaged[flip // 8] ^= 1 << flip % 8
        (folder / "store-1.sqlite").write_bytes(damaged)
        rows = Rows(folder)
        found = rows.read(1, KEYS)
        assert found.items() <= PAYLOADS.items()
        lost += found != PAYLOADS
        rows.write(1, PAYLOADS)
        rows.close()
        again = Rows(folder)
        assert again.read(1, KEYS).items() <= PAYLOADS.items()
        healed += again.read(1, KEYS) == PAYLOADS
        assert again.warning is None
        again.close()
        shutil.rmtree(folder)
    assert healed > 240
    assert 50 < lost < 250  # of 250: flips in free space, or in fields that SQLite sets itself, change nothing


def test_a_flipped_bit_in_the_log_is_found(tmp_path):
    original = Rows(tmp_path / "original")
    original.write(1, PAYLOADS)
    log = (tmp_path / "original" / "store-1.sqlite-wal").read_bytes()
    rng = random.Random(21)
    for _ in range(40):
        folder = tmp_path / "flipped"
        folder.mkdir()
        shutil.copy(tmp_path / "original" / "store-1.sqlite", folder)
        damaged = bytearray(log)
        damaged[rng.randrange(len(log))] ^= 1 << rng.randrange(8)
        (folder / "store-1.sqlite-wal").write_bytes(damaged)
        rows = Rows(folder)
        assert rows.read(1, KEYS).items() <= PAYLOADS.items()
        rows.write(1, PAYLOADS)
        assert rows.read(1, KEYS) == PAYLOADS
        rows.close()
        shutil.rmtree(folder)
    original.close()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + bytes(4000)])
def test_a_file_that_is_no_database_is_left_for_a_new_one(tmp_path, content):
    (tmp_path / "store-1.sqlite").write_bytes(content)
    rows = Rows(tmp_path)
    rows.write(1, PAYLOADS)
    assert rows.path == tmp_path / "store-2.sqlite"
    assert not (tmp_path / "store-1.sqlite").exists()
    rows.close()
    again = Rows(tmp_path)
    assert again.read(1, KEYS) == PAYLOADS
    again.close()


def test_a_file_of_another_version_is_left_for_a_new_one(tmp_path):
    with sqlite3.connect(tmp_path / "store-1.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    rows = Rows(tmp_path)
    assert rows.path == tmp_path / "store-2.sqlite"
    assert rows.warning is None
    rows.close()


def test_a_file_that_breaks_while_two_have_it_open_is_replaced_once(tmp_path):
    one, other = Rows(tmp_path), Rows(tmp_path)
    one.write(1, PAYLOADS)
    with sqlite3.connect(one.path) as connection:
        connection.execute("DROP TABLE entries")
    connection.close()
    assert one.read(1, KEYS) == {}
    assert other.read(1, KEYS) == {}
    one.write(1, PAYLOADS)
    assert other.read(1, KEYS) == PAYLOADS
    assert one.path == other.path == tmp_path / "store-2.sqlite"
    one.close()
    other.close()


def test_a_writer_that_is_killed_leaves_every_row_that_it_committed(tmp_path):
    rng = random.Random(22)
    for trial in range(12):
        folder = tmp_path / str(trial)
        writer = started_writer(0, 1, folder)
        committed = [int(writer.stdout.readline()) for _ in range(rng.randint(1, 60))]
        writer.kill()
        committed += [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.stdout.close()
        writer.wait()
        rows = Rows(folder)
        found = rows.read(1, [index.to_bytes(16, "big") for index in committed])
        assert found == {index.to_bytes(16, "big"): payload(index) for index in committed}
        assert rows.path == folder / "store-1.sqlite"
        rows.close()


def test_eight_processes_write_at_once_and_lose_nothing(tmp_path):
    writers = [started_writer(first, 8, tmp_path, 160) for first in range(8)]
    assert [writer.communicate() and writer.returncode for writer in writers] == [0] * 8
    rows = Rows(tmp_path)
    found = rows.read(1, [index.to_bytes(16, "big") for index in range(161)])
    assert found == {index.to_bytes(16, "big"): payload(index) for index in range(161)}
    rows.close()


def test_threads_share_rows(tmp_path):
    rows = Rows(tmp_path)

    def write(first):
        for index in range(first, 60, 4):
            rows.write(1, {KEYS[index]: PAYLOADS[KEYS[index]]})
            assert rows.read(1, [KEYS[index]]) == {KEYS[index]: PAYLOADS[KEYS[index]]}

    threads = [threading.Thread(target=write, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows.read(1, KEYS) == PAYLOADS
    rows.close()


def test_a_folder_that_cannot_be_made_is_a_warning_and_rows_live_in_memory():
    rows = Rows(Path(os.devnull) / "cache")
    assert "cannot be used" in rows.warning
    assert rows.path is None
    rows.write(1, PAYLOADS)
    assert rows.read(1, KEYS) == PAYLOADS
    rows.close()


@pytest.mark.parametrize("begun", [False, True])
def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path, begun):
    folder = tmp_path / "cache"
    if begun:
        Rows(folder).close()
    else:
        folder.mkdir()
    folder.chmod(0o500)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)  # root may write anywhere
    try:
        rows = Rows(folder)
        rows.write(1, PAYLOADS)
        assert "cannot be used" in rows.warning
        assert rows.read(1, KEYS) == PAYLOADS
        rows.close()
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)


def test_a_full_disk_is_a_warning_and_what_was_kept_stays(tmp_path):
    rows = Rows(tmp_path)
    rows.write(1, {KEYS[0]: b"kept"})
    pages = rows._connection.execute("PRAGMA page_count").fetchone()[0]
    rows._connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says that the disk is full
    rows.write(1, {KEYS[1]: bytes(100_000)})
    assert "full" in rows.warning
    rows.write(1, {KEYS[2]: b"not tried"})
    assert rows.read(1, KEYS) == {KEYS[0]: b"kept"}
    rows.close()


def test_a_file_that_another_has_locked_for_good_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr("hiercomp.storage.rows._BUSY_SECONDS", 0)
    rows, other = Rows(tmp_path), sqlite3.connect(tmp_path / "store-1.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    rows.write(1, PAYLOADS)
    assert "locked" in rows.warning
    other.close()
    rows.close()


def test_a_file_that_another_holds_while_it_is_begun_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr("hiercomp.storage.rows._BUSY_SECONDS", 0)
    other = sqlite3.connect(tmp_path / "store-1.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    rows = Rows(tmp_path)
    assert "locked" in rows.warning
    assert rows.path is None
    rows.close()
    other.close()


def test_rows_cannot_be_used_after_they_are_closed(tmp_path):
    rows = Rows(tmp_path)
    rows.close()
    with pytest.raises(sqlite3.ProgrammingError):
        rows.read(1, KEYS)


def test_clearing_gives_the_space_back(tmp_path):
    rows = Rows(tmp_path)
    rows.write(1, {KEYS[0]: bytes(1_000_000)})
    assert rows.size() > 1_000_000
    rows.clear()
    assert rows.size() < 100_000
    assert rows.count(1) == 0
    rows.close()
