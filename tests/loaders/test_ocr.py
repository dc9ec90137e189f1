"""Scanned pages and images, read by OCR."""

from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader as Drawable
from reportlab.pdfgen.canvas import Canvas

from hiercomp.errors import DocumentError, MissingExtraError
from hiercomp.loaders import Limits, _image, _pdf, load
from hiercomp.loaders._ocr import ImageReader

SIZE = (330, 330)  # points; OCR takes the less time the squarer a small image is
SENTENCE = "The old mole was raised by 80 centimetres in 2024."
TEXT = "This page has its own text, which is kept."
ROWS = (("Berths", "2023", "2024"), ("North basin", "1,204", "1,187"), ("South basin", "310", "287"))


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """The image of a small page with a title, a sentence and a table."""
    path = tmp_path_factory.mktemp("scan") / "page.pdf"
    canvas = Canvas(str(path), pagesize=SIZE)
    canvas.setFont("Helvetica", 20)
    canvas.drawString(30, 150, "Harbour survey")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(30, 115, SENTENCE)
    for index, (label, *figures) in enumerate(ROWS):
        canvas.drawString(30, 80 - 18 * index, label)
        for column, figure in enumerate(figures):
            canvas.drawRightString(200 + 90 * column, 80 - 18 * index, figure)
    canvas.save()
    return Image.fromarray(pdfium.PdfDocument(path)[0].render(scale=2.23, grayscale=True).to_numpy())


def write_scan(path, picture, *, texts=(), scans=1):
    """Write a PDF with pages of text, and pages that are an image."""
    canvas = Canvas(str(path), pagesize=SIZE)
    for text in texts:
        canvas.drawString(30, 150, text)
        canvas.showPage()
    for _ in range(scans):
        canvas.drawImage(Drawable(picture), 0, 0, *SIZE)
        canvas.showPage()
    canvas.save()
    return path


def assert_is_read(text):
    lines = text.split("\n")
    assert "Harbour survey" in lines
    assert SENTENCE in lines
    assert ["\t".join(row) in lines for row in ROWS] == [True] * 3


def test_a_scanned_page_is_read_like_a_page_of_text_and_pages_beyond_the_limit_are_named(tmp_path, picture):
    path = write_scan(tmp_path / "scan.pdf", picture, texts=[TEXT], scans=3)
    document = load(path, limits=Limits(ocr_pages=1))
    first, second, third, fourth = (page.span.of(document.text) for page in document.pages)
    assert (first, third, fourth) == (f"{TEXT}\n", "", "")
    assert_is_read(second)
    assert document.omissions[0] == "pages 3-4: more than the limit of 1 scanned pages; use --pages"
    assert document.omissions[1].startswith("page 2 was read by OCR, mean confidence 0.9")


def test_each_image_of_a_file_is_a_page_of_a_document(tmp_path, picture):
    path = tmp_path / "survey.tiff"
    picture.save(path, save_all=True, append_images=[Image.new("L", (300, 200), "white")])
    document = load(path)
    assert document.title == "Harbour survey"
    assert [page.number for page in document.pages] == [1, 2]
    assert_is_read(document.pages[0].span.of(document.text))
    assert "page 2: an image in which OCR finds no text" in document.omissions


def test_an_image_that_is_turned_is_read_all_the_same(picture):
    reader = ImageReader()
    for turns in (1, 2):
        scan = reader.read(np.ascontiguousarray(np.rot90(picture, turns)))
        assert {"Harbour survey", SENTENCE, "1,204", "1,187"} <= {piece.text for piece in scan.pieces}
        assert all(piece.is_upright for piece in scan.pieces)


def test_an_image_without_text_is_refused(tmp_path, job):
    path = tmp_path / "blank.png"
    Image.new("L", (300, 300), "white").save(path)
    with pytest.raises(DocumentError, match=r"^blank.png: OCR finds no text in this image"):
        _image.parse(job("image", path, ocr=True))


def test_transparent_and_deep_images_keep_their_contrast(picture):
    grey = np.asarray(picture)
    dark = Image.fromarray(np.dstack([np.zeros_like(grey)] * 3 + [255 - grey]), "RGBA")
    deep = Image.fromarray(grey.astype(np.uint16) * 200)
    for image in (dark, deep):
        values = _image._grey(image).astype(int)
        assert abs(values - grey).mean() < 3


def test_a_damaged_image_is_one_clear_line(tmp_path, picture):
    path = tmp_path / "cut.png"
    picture.save(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DocumentError, match=r"^cut.png: "):
        load(path)


def test_without_the_extra_a_scan_is_refused_and_a_few_scanned_pages_are_named(tmp_path, picture, job, monkeypatch):
    for module in (_pdf, _image):
        monkeypatch.setattr(module, "is_installed", lambda: False)
    scan = write_scan(tmp_path / "scan.pdf", picture, scans=3)
    with pytest.raises(DocumentError, match=r"3 of 3 pages have no text; pip install 'hiercomp\[ocr\]' to read it"):
        _pdf.parse(job("pdf", scan))
    texts = [f"The text of page {number} is long enough." for number in range(4)]
    mixed = write_scan(tmp_path / "mixed.pdf", picture, texts=texts, scans=2)
    document = _pdf.parse(job("pdf", mixed))
    assert document.omissions == ("pages 5-6: scanned; pip install 'hiercomp[ocr]' to have it read",)
    image = tmp_path / "image.png"
    picture.save(image)
    with pytest.raises(MissingExtraError, match=r"reading images needs the extra 'ocr'"):
        _image.parse(job("image", image))


def test_a_hidden_layer_of_text_counts_as_text(tmp_path, picture, job):
    path = tmp_path / "layer.pdf"
    canvas = Canvas(str(path), pagesize=SIZE)
    canvas.drawImage(Drawable(picture), 0, 0, *SIZE)
    text = canvas.beginText(30, 115)
    text.setTextRenderMode(3)
    text.textLine("The layer says what the scan shows.")
    canvas.drawText(text)
    canvas.save()
    assert _pdf.parse(job("pdf", path)).text == "The layer says what the scan shows.\n"


def test_a_page_with_a_rule_and_a_few_words_is_no_scan(tmp_path, job):
    path = tmp_path / "divider.pdf"
    canvas = Canvas(str(path), pagesize=SIZE)
    canvas.drawString(30, 115, "Part II")
    canvas.line(30, 100, 200, 100)
    canvas.showPage()
    canvas.drawString(30, 115, "A sentence of the second page that is long.")
    canvas.save()
    assert _pdf.parse(job("pdf", path)).text.startswith("Part II\n")
