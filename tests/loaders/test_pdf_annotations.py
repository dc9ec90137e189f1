from __future__ import annotations

import pytest
from raw_pdf import write_pdf
from reportlab.pdfgen.canvas import Canvas

from hiercomp.loaders._pdf import parse

LINES = [(72, 700, "The pier costs 84,000 euro."), (72, 640, "The crane costs 31,000 euro.")]
NOTE = "/Subtype /Text /Contents (Ask for a second offer.) /Rect [300 700 320 720]"


@pytest.fixture
def read(tmp_path, job):
    """Return a function that writes a page with annotations and returns the document."""

    def write_and_read(annotations, **more):
        return parse(job("pdf", write_pdf(tmp_path / "noted.pdf", LINES, annotations=annotations, **more)))

    return write_and_read


def lines_of(document):
    return [line for line in document.text.split("\n") if line]


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (NOTE, "Note: Ask for a second offer."),
        (f"{NOTE} /T (Ida)", "Note by Ida: Ask for a second offer."),
        (
            "/Subtype /FreeText /Contents (Voted,\\r12 to 3) /T (Bo) /Rect [72 680 200 696]",
            "Note by Bo: Voted, 12 to 3",
        ),
        ("/Subtype /Stamp /Name /NotApproved /T (Bo) /Rect [72 680 200 696]", "Stamp by Bo: Not Approved"),
        (
            "/Subtype /Highlight /Contents (too much) /T (Bo) /Rect [72 696 300 712] "
            "/QuadPoints [70 712 300 712 70 696 300 696]",
            "Note by Bo: “The pier costs 84,000 euro.”: too much",
        ),
        (
            "/Subtype /StrikeOut /Rect [72 696 300 712] /QuadPoints [70 712 300 712 70 696 300 696]",
            "Struck out: “The pier costs 84,000 euro.”",
        ),
        ("/Subtype /Square /Contents (Check) /RC (<body><p>Check</p></body>) /Rect [72 690 200 720]", "Note: Check"),
        ("/Subtype /Text /RC (<body><p>Rich &amp; short</p></body>) /Rect [72 690 200 720]", "Note: Rich & short"),
    ],
)
def test_a_note_stands_behind_the_paragraph_at_its_place(read, annotation, shown):
    first, note, last = lines_of(read([annotation]))
    assert (first, last) == (LINES[0][2], LINES[1][2])
    assert note == shown


def test_notes_keep_their_order_and_are_no_titles(read):
    document = read([NOTE, NOTE.replace("Ask", "Wait")])
    assert lines_of(document)[1:3] == ["Note: Ask for a second offer.", "Note: Wait for a second offer."]
    assert document.title == LINES[0][2]
    assert document.headings == ()


@pytest.mark.parametrize(
    "annotation",
    [
        "/Subtype /Popup /Contents (Ask for a second offer.) /Rect [300 600 400 720]",
        "/Subtype /Link /Contents (A link) /Rect [72 696 300 712]",
        "/Subtype /Text /Contents (Hidden) /F 2 /Rect [72 696 300 712]",
        "/Subtype /Text /Contents (Accepted set by Bo) /StateModel (Review) /State (Accepted) /Rect [72 696 90 712]",
        "/Subtype /Highlight /Rect [72 696 300 712] /QuadPoints [70 712 300 712 70 696 300 696]",
        "/Subtype /Highlight /Contents (The pier costs 84,000 euro.) /Rect [72 696 300 712] "
        "/QuadPoints [70 712 300 712 70 696 300 696]",
    ],
)
def test_what_repeats_or_says_nothing_is_no_note(read, annotation):
    assert lines_of(read([annotation])) == [text for *_, text in LINES]


def test_a_note_inside_a_table_stands_behind_the_table(tmp_path, job):
    rows = [(x, 700 - 16 * row, f"{row}{x}") for row in range(4) for x in (72, 200, 330)]
    note = "/Subtype /Text /Contents (Add them up.) /Rect [400 680 416 696]"
    document = parse(job("pdf", write_pdf(tmp_path / "table.pdf", rows, annotations=[note])))
    assert [line.count("\t") for line in lines_of(document)] == [2, 2, 2, 2, 0]


def test_attached_files_and_drawn_stamps_are_named_as_left_out(read):
    document = read(
        [
            "/Subtype /FileAttachment /FS 100 0 R /Rect [72 690 90 712]",
            "/Subtype /Stamp /Name /#23custom /Rect [72 690 90 712]",
        ],
        objects=["<< /Type /Filespec /F (plan.dwg) /UF (plan.dwg) >>", "<< /Type /Filespec /F (a.csv) /UF (a.csv) >>"],
        catalog="/Names << /EmbeddedFiles << /Names [(a.csv) 101 0 R] >> >>",
    )
    assert document.omissions == (
        "the attached file a.csv",
        "page 1: the attached file plan.dwg",
        "page 1: a stamp that is a drawing",
    )


def test_the_printed_numbers_of_pages_are_their_labels(tmp_path, job):
    path = tmp_path / "labels.pdf"
    canvas = Canvas(str(path))
    for number in range(5):
        canvas.drawString(72, 700, f"This is page number {number} of the booklet.")
        canvas.showPage()
    canvas.addPageLabel(0, "ROMAN_LOWER")
    canvas.addPageLabel(2, "ARABIC", 1)
    canvas.addPageLabel(4, "ARABIC", 5)
    canvas.save()
    document = parse(job("pdf", path, pages="2-5"))
    assert [(page.number, page.label) for page in document.pages] == [(2, "ii"), (3, "1"), (4, "2"), (5, None)]


def test_a_label_cannot_be_taken_for_a_mark(tmp_path, job):
    label = "/PageLabels << /Nums [0 << /P ([3]\\n\\(a\\) ) /S /D >>] >>"
    path = write_pdf(tmp_path / "label.pdf", LINES, catalog=label)
    assert parse(job("pdf", path)).pages[0].label == "3 a 1"
