from __future__ import annotations

import mailbox
from email.message import EmailMessage

import pytest
from docx import Document as Package

from hiercomp.errors import DocumentError
from hiercomp.loaders import load
from hiercomp.loaders._attachments import DEEPEST, MOST
from hiercomp.loaders._mail import parse


def message(text="We meet on Friday.\n", subject="Angebot Nr. 7 – neu"):
    mail = EmailMessage()
    mail["From"] = "Jörg Ü <j@example.org>"
    mail["To"] = "a@example.org"
    mail["Subject"] = subject
    mail["Date"] = "Tue, 03 Jun 2025 10:00:00 +0200"
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content(text)
    return mail


@pytest.fixture
def read(tmp_path, job):
    def write_and_parse(mail, name="mail.eml"):
        path = tmp_path / name
        path.write_bytes(mail if isinstance(mail, bytes) else mail.as_bytes())
        return parse(job("mail", path))

    return write_and_parse


HEAD = (
    "Angebot Nr. 7 – neu\n\nFrom: Jörg Ü <j@example.org>\nTo: a@example.org\nDate: Tue, 03 Jun 2025 10:00:00 +0200\n\n"
)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_headers_and_text_are_decoded(read, encoding):
    mail = message()
    mail.set_content("Größe: 5 €\n\nMenge\tPreis\n3\t1,20\n", cte=encoding)
    document = read(mail)
    assert document.text == HEAD + "Größe: 5 €\n\nMenge\tPreis\n3\t1,20\n"
    assert document.title == "Angebot Nr. 7 – neu"
    assert [heading.title for heading in document.headings] == ["Angebot Nr. 7 – neu"]


@pytest.mark.parametrize(
    ("charset", "data"),
    [("iso-8859-1", b"5 \x80, gr\xfc\xdf"), ("no-such", "5 €, grüß".encode()), ("us-ascii", "5 €, grüß".encode())],
)
def test_a_character_set_that_is_wrong_is_guessed(read, charset, data):
    raw = b"From: a@example.org\nSubject: x\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\n" + data
    assert "5 €, grüß" in read(raw).text


def test_html_stands_for_a_missing_text_and_never_beside_it(read):
    table = "<p>See 10<sup>6</sup>:</p><table><tr><td>a</td><td>b</td></tr><tr><td></td><td>2</td></tr></table>"
    mail = message()
    mail.add_alternative(table, subtype="html")
    assert read(mail).text == HEAD + "We meet on Friday.\n"
    only = message()
    only.set_content(table, subtype="html")
    assert read(only).text == HEAD + "See 10^6:\n\na\tb\n\t2\n"
    stub = message("See the HTML.\n")
    stub.add_alternative(f"<p>{'The text of the mail. ' * 20}</p>", subtype="html")
    assert "See the HTML" not in read(stub).text
    assert "The text of the mail." in read(stub).text


def test_attachments_are_documents_and_what_cannot_be_read_is_named(read, tmp_path):
    package = Package()
    package.add_paragraph("The fee is $5.")
    package.save(tmp_path / "fee.docx")
    inner = message("inner text\n", "Old offer")
    inner.add_attachment(b"x,y\n1,2\n", maintype="text", subtype="csv", filename="in.csv")
    mail = message()
    mail.add_alternative("<p>We meet.</p><img src='cid:1'>", subtype="html")
    mail.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<1>")
    mail.add_attachment(b"a;b\n1;2\n", maintype="text", subtype="csv", filename="Größen.csv")
    mail.add_attachment(
        (tmp_path / "fee.docx").read_bytes(), maintype="application", subtype="octet-stream", filename="../fee.docx"
    )
    mail.add_attachment(bytes(100), maintype="application", subtype="octet-stream", filename="plan.bin")
    mail.add_attachment(b"PK\x03\x04 broken", maintype="application", subtype="zip", filename="fee.docx")
    mail.add_attachment(inner)
    document = read(mail)
    assert [(each.source, each.text) for each in document.attachments][:2] == [
        ("Größen.csv", "a\tb\n1\t2\n"),
        ("fee.docx", "The fee is $5.\n"),
    ]
    nested = document.attachments[2]
    assert nested.source == "Old offer.eml"
    assert nested.text.endswith("inner text\n")
    assert [each.text for each in nested.attachments] == ["x\ty\n1\t2\n"]
    assert [omission.partition(" (")[0] for omission in document.omissions] == [
        "1 inline picture",
        "the attachment plan.bin",
        "the attachment fee.docx",
    ]
    assert load(tmp_path / "mail.eml").attachments == document.attachments


def test_a_mailbox_has_a_section_for_each_mail(tmp_path, job):
    path = tmp_path / "all.mbox"
    box = mailbox.mbox(path)
    box.add(message("first\n", "One"))
    box.add(message("second\n", ""))
    box.close()
    document = parse(job("mail", path))
    assert [heading.title for heading in document.headings] == ["One", "(no subject)"]
    assert document.text.index("first") < document.text.index("(no subject)") < document.text.index("second")


def test_a_mail_is_told_by_its_headers(tmp_path):
    path = tmp_path / "saved.txt"
    path.write_bytes(message().as_bytes())
    assert load(path).text == HEAD + "We meet on Friday.\n"


def test_a_bomb_of_mails_is_bounded(read):
    mail = message("innermost\n", "m0")
    for number in range(1, DEEPEST + 3):
        outer = message(f"level {number}\n", f"m{number}")
        outer.add_attachment(mail)
        mail = outer
    document = read(mail)
    for _ in range(DEEPEST):
        (document,) = document.attachments
    assert not document.attachments
    assert "in more than 5 levels" in document.omissions[0]
    many = message()
    for number in range(MOST + 2):
        many.add_attachment(b"x", maintype="text", subtype="x", filename=f"{number}.txt")
    document = read(many)
    assert len(document.attachments) == MOST
    assert document.omissions[0] == f"the attachment {MOST}.txt (it is beyond the limit of {MOST} attachments)"


def test_parts_that_are_nested_too_deeply_are_refused_in_one_line(tmp_path):
    path = tmp_path / "deep.eml"
    parts = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(5000))
    path.write_text(f"From: a@example.org\nSubject: deep\n{parts}\ntext\n")
    with pytest.raises(DocumentError, match="nested too deeply") as error:
        load(path)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_mail_is_refused(read):
    with pytest.raises(DocumentError, match="this is no mail with text"):
        read(b"\n\n")


def test_a_short_table_does_not_limit_the_cells_of_the_attachments_after_it(read):
    mail = message()
    for name, rows in (("a.csv", 1), ("list.txt", 9)):
        mail.add_attachment(
            b"id,name,net\n" + b"1,Elm Oy,4.10\n" * rows, maintype="application", subtype="x-table", filename=name
        )
    document = read(mail)
    assert [each.text.partition("\n")[0] for each in document.attachments] == ["id\tname\tnet"] * 2
    assert not document.omissions
