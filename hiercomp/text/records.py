"""Records: lines that stand for themselves, such as log entries, chat messages, subtitles and JSON values. Pure.

A record begins on its own line. The lines below it, such as a stack trace or the rest of a message, belong to it up to
the next record or blank line.
"""

from __future__ import annotations

import re

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATE = (
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}|\d{{1,2}}[/ -]{_MONTH}[/ -]\d{{4}})"
)
_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?(?:\s?[AaPp]\.?[Mm]\.?)?"
_SECONDS = r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
_MOMENT = rf"{_DATE}(?:[T:]|,?\s(?:at\s)?){_TIME}"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRIT(?:ICAL)?|FATAL|PANIC)"
_NAME = r"[^\W\d_][\w.'’-]*(?: [\w.'’()-]+){0,3}"

_LOG = (
    rf"[\[(]?{_MOMENT}",  # 2025-06-01T00:00:00.123Z, [12.03.24, 09:14]
    rf"\[?(?:<\d{{1,3}}>)?(?:[A-Z][a-z]{{2}} )?{_MONTH} {{1,2}}\d{{1,2}} (?:\d{{4}} )?{_SECONDS}",  # syslog
    rf"[\w.:-]+ \S+ \S+ \[{_MOMENT}",  # the access log of a web server
    rf"\[(?i:{_LEVEL})\s*\]",
    rf"{_LEVEL}(?::[\w.]+:|\s+\[|\s*[-:|]?\s*[\[(]?(?:{_DATE}|{_SECONDS}))",
    r"[IWEF]\d{4} \d\d:\d\d:\d\d",
    r"\[\s*\d+\.\d{3,}\]\s|1\d{9}(?:\.\d+|\d{3})?\s",  # seconds since the start of the system or since 1970
    r"(?:time|timestamp|ts|level|lvl)=\S+ .*\b\w+=",
)
_CHAT = (
    rf"[\[(]{_TIME}[\])]\s",
    rf"{_SECONDS}\s",
    rf"{_TIME}\s*[-–]?\s*(?:<[^<>]+>|{_NAME}:)\s",
    rf"{_NAME},? \[(?:{_MOMENT}|{_TIME})\]",
    rf"{_NAME} {{1,4}}(?:{_MOMENT}|{_TIME})$",  # the message follows on the next line
    rf"{_NAME} [-–—] (?:{_MOMENT}|(?:Today|Yesterday) at {_TIME})",
)
_JSON = (r"(?:(?:\"[^\"]*\"|[^\s\"]){1,300}: )?(?:\{\s*[\"}]|\[(?:[\"{\[]|-?\d[\d.eE+-]*,))", r"\S*\[\d+\]\S*: ")
_RECORD = re.compile("\u200e?(?:" + "|".join([*_LOG, *_CHAT, *_JSON]) + ")")
_LONGEST = 400
"""The characters at the beginning of a line by which a record is told."""
# Quick tests before `_RECORD`, which is ten times slower. Most lines of prose fail one of them.
_SIGNS = (":", "=", "[", "{")
_MAYBE = re.compile(r"^[\[{1\u200e]|\d:\d\d|: [\[{]|\]\S*: |^[A-Z]+(?::|\s+\[)|=")


def is_record(line: str) -> bool:
    """Return whether a line begins a record, so that it starts a unit of its own.

    Args:
        line: one line without white space before it.
    """
    if not line.startswith("1") and not any(sign in line for sign in _SIGNS):
        return False
    return bool(_MAYBE.search(line, 0, _LONGEST) and _RECORD.match(line, 0, _LONGEST))
