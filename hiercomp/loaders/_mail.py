"""Parser of mails: EML, and MBOX, in which each mail is a section. It runs in the child process."""

from __future__ import annotations

import email
import mailbox
import mimetypes
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._attachments import Attachments
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._decode import decode, is_binary, replace_surrogates
from hiercomp.loaders._grid import Cell
from hiercomp.loaders._html import add_html
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_HEADERS = ("From", "To", "Cc", "Date")
_STUB_LENGTH = 200
"""A shorter plain text may only say that the mail is to be read as HTML."""
_TAG = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>|\s+", re.DOTALL | re.IGNORECASE)
_FLOWED = re.compile(r"^(?!-- $)(.*) \n(?!>)", re.MULTILINE)


def parse(job: Job) -> Document:
    """Return the mails in a file: their headers and bodies. Attachments that can be read are documents of their own.

    Raises:
        DocumentError: the file holds no mail.
    """
    return select_pages(_parse(job, 0), job.pages)


def _parse(job: Job, depth: int) -> Document:
    path = Path(job.path)
    with path.open("rb") as stream:
        is_mailbox = stream.read(5) == b"From "
    reader = _Reader(job, Attachments(job, depth, _parse))
    title = path.stem
    if is_mailbox:
        with closing(mailbox.mbox(path, create=False)) as box:
            for each in box:
                reader.add(each, section="(no subject)")
    else:
        message = email.message_from_bytes(path.read_bytes())
        title = header(message, "Subject") or title
        reader.add(message)
    found = reader.document(title)
    if not found.text.strip() and not found.attachments:
        raise DocumentError(f"{job.source}: this is no mail with text; use --type text to read the file as it is")
    return found


def header(message: Message, name: str) -> str:
    """Return a header field, decoded. Several fields of one name are joined."""
    return ", ".join(_decoded(str(value)) for value in message.get_all(name, []))


def _decoded(value: str) -> str:
    try:
        text = str(make_header(decode_header(value)))
    except (LookupError, ValueError, HeaderParseError):
        text = value
    return " ".join(replace_surrogates(text).split())


class _Reader:
    """Reads mails into one document."""

    def __init__(self, job: Job, attachments: Attachments) -> None:
        self._job = job
        self._attachments = attachments
        self._builder = TextBuilder()
        self._left_out: Counter[str] = Counter()

    def add(self, message: Message, section: str = "") -> None:
        """Add a mail. `section` is the title of one without a subject."""
        self._builder.add_heading(header(message, "Subject") or section, 1)
        for name in _HEADERS:
            if value := header(message, name):
                self._builder.add_line(f"{name}: {value}")
        self._builder.add_gap()
        self._add_part(message)
        self._builder.add_gap()

    def document(self, title: str) -> Document:
        """Return the document of all mails."""
        for what, count in self._left_out.items():
            self._builder.omit(f"{count:,} {what}{'s' * (count > 1)}")
        for omission in self._attachments.omissions:
            self._builder.omit(omission)
        document = self._builder.build(self._job.source, title)
        return replace(document, attachments=tuple(self._attachments.documents))

    def _add_part(self, part: Message, *, with_html: bool = True) -> None:
        kind, parts = part.get_content_type(), _parts(part)
        if kind == "message/rfc822" and parts:
            self._attachments.add(f"{header(parts[0], 'Subject') or 'mail'}.eml", parts[0].as_bytes())
        elif kind == "multipart/alternative":
            self._add_alternatives(parts, with_html=with_html)
        elif parts:
            for child in parts:
                self._add_part(child, with_html=with_html)
        elif _is_body(part, "text/plain"):
            self._add_plain(part)
        elif _is_body(part, "text/html"):
            if with_html:
                add_html(self._builder, _text(part).encode("utf-8-sig"), self._job.source)
        else:
            self._add_file(part, kind)

    def _add_alternatives(self, parts: Sequence[Message], *, with_html: bool) -> None:
        """Add the plain text of several forms of a text. Take the HTML if the plain text is missing or only a stub."""
        texts = [_text(part) for part in parts if _is_body(part, "text/plain")]
        html = [_text(leaf) for part in parts for leaf in part.walk() if _is_body(leaf, "text/html")]
        length = sum(len(text.strip()) for text in texts)
        takes_html = with_html and bool(html)
        if length > _STUB_LENGTH or length * 4 > sum(len(_TAG.sub("", text)) for text in html):
            takes_html = with_html and not length
        for part in parts:
            if not (takes_html and _is_body(part, "text/plain")):
                self._add_part(part, with_html=takes_html)

    def _add_file(self, part: Message, kind: str) -> None:
        """Read an attached file. Pictures that stand in the text and signatures are only counted."""
        data = part.get_payload(decode=True)
        if kind == "message/delivery-status" or not isinstance(data, bytes) or not data:
            return
        if kind.startswith("image/") and ("Content-ID" in part or not part.get_filename()):
            self._left_out["inline picture"] += 1
        elif kind.endswith("-signature"):
            self._left_out["electronic signature"] += 1
        else:
            name = _decoded(part.get_filename() or f"attachment{mimetypes.guess_extension(kind) or ''}")
            self._attachments.add(name, data)

    def _add_plain(self, part: Message) -> None:
        text = _text(part)
        if part.get_param("format") == "flowed":
            text = _FLOWED.sub(r"\1 ", text)
        rows: list[list[Cell]] = []
        for line in [*text.splitlines(), ""]:
            if "\t" in line.strip():
                rows.append([Cell(cell) for cell in line.split("\t")])
                continue
            self._builder.add_table(rows)
            rows = []
            self._builder.add_line(line) if line.strip() else self._builder.add_gap()


def _parts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _is_body(part: Message, kind: str) -> bool:
    """Return whether a part is text of the mail in this form, and no attached file."""
    is_file = part.get_content_disposition() == "attachment" or part.get_filename()
    return part.get_content_type() == kind and not is_file


def _text(part: Message) -> str:
    """Return the text of a part. A wrong or unknown character set is guessed."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    charset = (part.get_content_charset() or "utf-8").replace("iso-8859-1", "cp1252")
    try:
        return replace_surrogates(data.decode(charset))
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace") if is_binary(data) else decode(data, "")
