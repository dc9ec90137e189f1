"""The table of `--profile`."""

import json
import re
import time

import pytest
from command_line import QUESTION

from hiercomp.cli import profile
from hiercomp.cli.profile import process_seconds, rows
from hiercomp.types import Ledger

WALL = {"load": 2.0, "index": 0.5, "plan": 0.5, "retrieve": 4.5, "allocate": 0.25, "render": 0.25, "reason": 1.0}
CPU = {"load": 3.0, "index": 0.5, "plan": 0.5, "retrieve": 8.5, "allocate": 0.25, "render": 0.25, "reason": 0.0}


def ledger(encoded=1200, *, encode=True, peak=512_000_000, tokens=250_000):
    wall = WALL | ({"encode": 4.0} if encode else {}) | {"total": 10.0}
    cpu = CPU | ({"encode": 8.0} if encode else {}) | {"total": 14.0}
    return Ledger(
        seconds=tuple(wall.items()),
        source_tokens=1,
        encoded=encoded,
        model=None,
        embedding=None,
        cpu_seconds=tuple(cpu.items()),
        peak_bytes=peak,
        neural_tokens=tokens,
    )


def test_the_rows_add_up_to_the_whole_process():
    assert list(rows(ledger(), (0.5, 0.4))) == [
        ("start", 0.5, 0.4, ""),
        ("load", 2.0, 3.0, ""),
        ("index", 0.5, 0.5, ""),
        ("plan", 0.5, 0.5, ""),
        ("retrieve", 4.5, 8.5, ""),
        ("  encode", 4.0, 8.0, "1,200 texts, 250,000 tokens"),
        ("allocate", 0.25, 0.25, ""),
        ("render", 0.25, 0.25, ""),
        ("reason", 1.0, 0.0, ""),
        # 10 s minus the 9 s of the stages, and 14 s minus 13 s. The stages include the time of the encoder.
        ("other", 1.0, 1.0, ""),
        ("total", 10.5, 14.4, "at most 512 MB of memory"),
    ]


def test_what_is_not_known_is_left_out():
    names = {name: remark for name, _, _, remark in rows(ledger(encode=False, peak=None), (0.0, 0.0))}
    assert "  encode" not in names
    assert names["total"] == ""
    assert ("  encode", 4.0, 8.0, "1 text") in rows(ledger(1, tokens=0), (0.0, 0.0))


@pytest.mark.timing
def test_the_age_of_a_process_goes_on_and_its_work_does_not(monkeypatch, tmp_path):
    wall, cpu = process_seconds()
    time.sleep(0.2)
    later_wall, later_cpu = process_seconds()
    assert later_wall - wall >= 0.19
    assert later_cpu - cpu < 0.15
    assert wall > 0.1
    monkeypatch.setattr(profile, "STAT", tmp_path / "none")
    wall, cpu = process_seconds()
    assert wall == cpu > 0.1


@pytest.mark.parametrize(("command", "budget"), [("ask", "250"), ("compress", "150")])
def test_the_profile_is_a_table_on_stderr(hiercomp, command, budget):
    done = hiercomp.process(command, "report.md", QUESTION, "--budget", budget, "--profile")
    lines = done.stderr.decode().splitlines()
    table = lines[next(place for place, line in enumerate(lines) if line.split() == ["stage", "seconds", "CPU"]) + 1 :]
    names = [line.split()[0] for line in table]
    assert names == [
        "start", "load", "index", "plan", "retrieve", "encode", "allocate", "render", "reason", "other", "total"
    ]  # fmt: skip
    assert re.search(r"encode +\d+\.\d\d +\d+\.\d\d  \d+ texts, [\d,]+ tokens$", table[5])
    assert re.search(r"total +\d+\.\d\d +\d+\.\d\d  at most \d+ MB of memory$", table[-1])
    assert float(table[0].split()[1]) > 0.1  # Python and the imports
    assert b"stage" not in done.stdout


def test_the_profile_does_not_break_what_others_read(hiercomp):
    assert b"stage" not in hiercomp("ask", "report.md", QUESTION).stderr
    assert hiercomp("ask", "report.md", QUESTION, "--quiet", "--profile").stderr == b""
    alone = hiercomp("compress", "report.md", QUESTION, "--no-usage", "--profile").stderr.decode().split()
    assert alone[:3] == ["stage", "seconds", "CPU"]


def test_json_has_the_seconds_of_each_stage_and_the_memory(hiercomp):
    done = hiercomp("ask", "report.md", QUESTION, "--budget", "400", "--json", "--profile")
    assert done.stderr == b""
    run = json.loads(done.stdout)
    assert run["cpu_seconds"].keys() == run["seconds"].keys()
    assert 0 < run["seconds"]["encode"] <= run["seconds"]["retrieve"]
    assert run["peak_bytes"] > 1e7
