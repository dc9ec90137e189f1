from __future__ import annotations

import time

import pytest

from hiercomp.text.records import is_record


@pytest.mark.parametrize(
    "line",
    [
        "2025-06-01T00:00:00.123Z INFO worker-0 started",
        "2025/06/01 00:00:00 [error] 12#0: refused",
        "01.06.2025 00:00:00 gestartet",
        "Jun  1 00:00:00 host sshd[12]: closed",
        "<34>Oct 11 22:14:15 host su: failed",
        '127.0.0.1 - - [01/Jun/2025:00:00:00 +0000] "GET / HTTP/1.1" 200',
        "[Thu Jun 01 00:00:00 2025] [error] refused",
        "ERROR 2025-06-01 00:00:00 refused",
        "[warn] low on space",
        "INFO:root:started",
        "INFO  [main] org.example.Service - started",
        "I0601 00:00:00.123456 1 server.go:1] started",
        "[12345.678901] usb 1-1: new device",
        "1717200000.123 200 GET",
        'time=2025-06-01T00:00:00Z level=info msg="started"',
    ],
)
def test_an_entry_of_a_log_is_a_record(line):
    assert is_record(line)


@pytest.mark.parametrize(
    "line",
    [
        "[12.03.24, 09:14:33] Anna: We meet on Friday.",
        "\u200e[12.03.24, 09:14:33] Anna: image omitted",
        "3/12/24, 9:14 AM - Anna: We meet on Friday.",
        "[09:14] <anna> hello",
        "09:14 Anna: hello",
        "Anna 09:14",
        "Anna Berg  9:14 AM",
        "Anna Berg, [12.03.24 09:14]",
        "anna — Today at 9:14 AM",
        "00:01:02 ANA: We open the meeting.",
    ],
)
def test_a_message_and_a_cue_are_records(line):
    assert is_record(line)


@pytest.mark.parametrize(
    "line", ['{"a": 1}', 'orders[3]: {"a": 1}', "data[0]: [1, 2]", 'names: ["a", "b"]', "[1, 2, 3]"]
)
def test_a_json_value_is_a_record(line):
    assert is_record(line)


@pytest.mark.parametrize(
    "line",
    [
        "The council met at 9:14 and took note.",
        "[1] Smith et al., in: Proceedings [online]",
        "NOTICE OF ANNUAL MEETING",
        "WARNING: do not open the lid.",
        "2025 was a good year.",
        "2025-06-01 was a Sunday.",
        "The fee is $25,000 a year: [see below]",
        "    at org.example.Service.run(Service.java:12)",
        "Traceback (most recent call last):",
        "10:30 Lunch",
        "Section 3: the term {x} means",
    ],
)
def test_prose_is_no_record(line):
    assert not is_record(line)


def test_a_long_line_takes_no_longer_than_a_short_one():
    start = time.perf_counter()
    for piece in ("[1]", "a=", "Ab ", "level=x y"):
        is_record(piece * 1_000_000)
    assert time.perf_counter() - start < 1
