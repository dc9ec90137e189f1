"""Parser of image files: PNG, JPEG, TIFF, WebP and BMP. It runs in the child process."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from hiercomp.errors import DocumentError, MissingExtraError
from hiercomp.loaders._ocr import ImageReader, is_installed
from hiercomp.loaders._pages import page_numbers
from hiercomp.loaders._pdf_document import build_document
from hiercomp.loaders._pdf_pages import MAX_PIXELS, PageContent, scan_image
from hiercomp.loaders._wire import Job, OcrNeeded
from hiercomp.types import Document

try:
    from PIL import Image, ImageOps, UnidentifiedImageError
except ImportError as error:
    raise MissingExtraError("reading images", "ocr") from error

if TYPE_CHECKING:
    from numpy.typing import NDArray


def parse(job: Job) -> Document:
    """Return the text of an image file as a document. Each image of the file is a page.

    Raises:
        MissingExtraError: the extra `ocr` is not installed.
        DocumentError: the file is damaged, lacks a selected page, or holds no text.
        OcrNeeded: the job's limits do not allow for OCR.
    """
    if not is_installed():
        raise MissingExtraError("reading images", "ocr")
    try:
        with Image.open(job.path) as file:
            numbers = page_numbers(job.pages, getattr(file, "n_frames", 1), job.source)
            if not job.ocr:
                raise OcrNeeded(len(numbers))
            reader = ImageReader()
            contents = [_read_frame(file, number, reader) for number in numbers[: job.limits.ocr_pages]]
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DocumentError(f"{job.source}: the image is damaged or too large ({error}); get it again") from error
    if not any(content.lines for content in contents):
        raise DocumentError(f"{job.source}: OCR finds no text in this image")
    left_out = numbers[job.limits.ocr_pages :]
    limit = f"{len(left_out)} images, more than the limit of {job.limits.ocr_pages}; use --pages"
    return build_document(job.source, contents, omissions=[limit] if left_out else [])


def _read_frame(file: Image.Image, number: int, reader: ImageReader) -> PageContent:
    """Return the text of one image of a file."""
    try:
        file.seek(number - 1)
        image = _grey(file)
    except (OSError, ValueError):
        return PageContent(number, [], omissions=["all of it, because the image is damaged"])
    return scan_image(number, image, reader)


def _grey(file: Image.Image) -> NDArray[np.uint8]:
    """Return the grey values of an image as a person sees it: upright, on white, and no larger than needed."""
    image = ImageOps.exif_transpose(file)
    if image.mode.startswith("I"):  # 16 bits a pixel
        values = np.asarray(image, np.float64)
        image = Image.fromarray((values / max(values.max(), 1) * 255).astype(np.uint8))
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        image = Image.new("RGBA", colours.size, "white")
        image.alpha_composite(colours)
    image = image.convert("L")
    scale = sqrt(MAX_PIXELS / (image.width * image.height))
    if scale < 1:
        image = image.resize((max(int(image.width * scale), 1), max(int(image.height * scale), 1)))
    return np.asarray(image)
