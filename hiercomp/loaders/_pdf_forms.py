"""The values of form fields, placed among the words of a PDF page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from hiercomp.loaders._pdf_annotations import Annotation, Box, page_annotations, read_string
from hiercomp.loaders._pdf_words import TextPage, Word

CHECKED, UNCHECKED = "☒", "☐"

_CHOICES = {pdfium_c.FPDF_FORMFIELD_COMBOBOX, pdfium_c.FPDF_FORMFIELD_LISTBOX}
_BUTTONS = {pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON}
_PASSWORD = 1 << 13  # the flag of text fields that viewers show as dots
# Marks that a form prints where a value goes: a line to write on, or an empty box.
_PLACEHOLDER = re.compile(r"[_.…]+|[☐☑☒□■❏❑o]")
# The height of a value, in points, unless the field is lower.
_HEIGHT = 11.0
# A label beside a field is at most this many line heights away if there is also a label above the field.
_BESIDE = 3.0
# A label above a field is at most this many line heights away.
_ABOVE = 1.5


class Field(NamedTuple):
    """A form field: its value, whether it is a check box or a radio button, and its box."""

    value: str
    is_button: bool
    box: Box


class FilledPage(TextPage):
    """The text of a page with the values of its form fields."""

    def __init__(self, page: pdfium.PdfPage, form: pdfium.PdfFormEnv | None) -> None:
        super().__init__(page)
        self._fields = list(_fields(page, form)) if form else []
        self.has_fields = bool(self._fields)

    def words(self) -> list[Word]:
        """Return the words of the page. The values stand behind their labels, and check boxes beside them."""
        words = super().words()
        if not self._fields:
            return words
        return fill(words, [field._replace(box=self.upright(field.box)) for field in self._fields])

    def upright(self, box: Box) -> Box:
        """Return a box of the page as if the page's text ran from left to right. Call `words` first."""
        return Box(*self._turned(*box))


def _fields(page: pdfium.PdfPage, form: pdfium.PdfFormEnv) -> Iterator[Field]:
    """Yield the fields of a page that have a value."""
    for annotation in page_annotations(page):
        if annotation.kind == pdfium_c.FPDF_ANNOT_WIDGET:
            kind = pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation.raw)
            value = _value(annotation, form, kind)
            if value:
                yield Field(value, kind in _BUTTONS, annotation.box)


def _value(annotation: Annotation, form: pdfium.PdfFormEnv, kind: int) -> str:
    if kind in _BUTTONS:
        return CHECKED if pdfium_c.FPDFAnnot_IsChecked(form, annotation.raw) else UNCHECKED
    own_value = read_string(pdfium_c.FPDFAnnot_GetFormFieldValue, form, annotation.raw)
    if kind in _CHOICES:  # The value is what the form sends. The label of the chosen option is what the page shows.
        return ", ".join(_chosen(annotation, form)) or own_value
    is_shown = not pdfium_c.FPDFAnnot_GetFormFieldFlags(form, annotation.raw) & _PASSWORD
    return own_value if kind == pdfium_c.FPDF_FORMFIELD_TEXTFIELD and is_shown else ""


def _chosen(annotation: Annotation, form: pdfium.PdfFormEnv) -> Iterator[str]:
    for option in range(pdfium_c.FPDFAnnot_GetOptionCount(form, annotation.raw)):
        if pdfium_c.FPDFAnnot_IsOptionSelected(form, annotation.raw, option):
            yield read_string(pdfium_c.FPDFAnnot_GetOptionLabel, form, annotation.raw, option)


def fill(words: Sequence[Word], fields: Sequence[Field]) -> list[Word]:
    """Return the words of a page with the values of its fields.

    A value that the page already shows in the field's box is not added.
    """
    filled = list(words)
    own_rows: list[Word] = []
    for field in sorted(fields, key=lambda field: (-field.box.top, field.box.left)):
        inside = [index for index, word in enumerate(filled) if _is_inside(word, field.box)]
        if "".join(field.value.split()) in "".join(filled[index].text for index in inside):
            continue
        for index in reversed(inside):
            if _PLACEHOLDER.fullmatch(filled[index].text):
                _remove(filled, index)
        _insert(filled, field, own_rows)
    return filled


def _is_inside(word: Word, box: Box) -> bool:
    return (
        box.left <= (word.left + word.right) / 2 <= box.right and box.bottom <= (word.bottom + word.top) / 2 <= box.top
    )


def _remove(words: list[Word], index: int) -> None:
    removed = words.pop(index)
    if removed.begins_line and index < len(words):
        words[index] = words[index]._replace(begins_line=True)


def _insert(words: list[Word], field: Field, own_rows: list[Word]) -> None:
    """Insert a value beside the label on its row, or in a row of its own below the label above it."""
    row = [index for index, word in enumerate(words) if _shares_row(word, field.box)]
    before = max((i for i in row if _is_left(words[i], field.box)), key=lambda i: words[i].right, default=None)
    after = min((i for i in row if _is_right(words[i], field.box)), key=lambda i: words[i].left, default=None)
    above = _word_above(words, field.box)
    gap_before = float("inf") if before is None else field.box.left - words[before].right
    gap_after = float("inf") if after is None else words[after].left - field.box.right
    is_in_own_row = before is not None and any(words[before] is word for word in own_rows)
    reach = float("inf") if above is None or field.is_button or is_in_own_row else _BESIDE * _HEIGHT
    if field.is_button and gap_after < gap_before and after is not None:
        _insert_before(words, after, field)
    elif before is not None and gap_before <= reach:
        beside = _beside(words[before], field, begins_line=False)
        words[before + 1 : before + 1] = beside
        own_rows += beside if is_in_own_row else []
    elif after is not None and gap_after <= reach:
        _insert_before(words, after, field)
    else:
        own_rows += _insert_row(words, above, field)


def _shares_row(word: Word, box: Box) -> bool:
    overlap = min(word.top, box.top) - max(word.bottom, box.bottom)
    return overlap >= min(word.top - word.bottom, box.top - box.bottom) / 2


def _is_left(word: Word, box: Box) -> bool:
    return (word.left + word.right) / 2 < box.left


def _is_right(word: Word, box: Box) -> bool:
    return (word.left + word.right) / 2 > box.right


def _word_above(words: Sequence[Word], box: Box) -> int | None:
    """Return the last word of the nearest row above a field, if that row is close enough to be its label."""
    near = [
        index
        for index, word in enumerate(words)
        if 0 <= word.bottom - box.top + _HEIGHT / 2 <= _ABOVE * _HEIGHT
        and word.left < box.right
        and word.right > box.left
    ]
    return max(near, key=lambda index: (-words[index].bottom, index), default=None)


def _insert_before(words: list[Word], index: int, field: Field) -> None:
    label = words[index]
    words[index] = label._replace(begins_line=False, has_space_before=True)
    words[index:index] = _beside(label, field, begins_line=label.begins_line)


def _beside(label: Word, field: Field, *, begins_line: bool) -> list[Word]:
    return _spread(label, field, label.bottom, label.top, begins_line=begins_line)


def _insert_row(words: list[Word], above: int | None, field: Field) -> list[Word]:
    """Insert a value in a row of its own behind the row above it, or where the first word below it stands."""
    middle = (field.box.bottom + field.box.top) / 2
    half = min(field.box.top - field.box.bottom, _HEIGHT) / 2
    if above is None:
        below = (index for index, word in enumerate(words) if word.top < middle)
        place = next(below, len(words))
    else:
        place = above + 1
        while place < len(words) and not words[place].begins_line:
            place += 1
    label = words[place - 1] if place else Word("", 0, 0, 0, 0, 0, 0, True, True)
    row = _spread(label, field, middle - half, middle + half, begins_line=True)
    words[place:place] = row
    if place + len(row) < len(words):
        words[place + len(row)] = words[place + len(row)]._replace(begins_line=True)
    return row


def _spread(label: Word, field: Field, bottom: float, top: float, *, begins_line: bool) -> list[Word]:
    """Return the words of a value side by side in the box of its field, in the font of a label.

    They have no characters of the page, so their last character is before the first.
    """
    step = min((top - bottom) / 2, (field.box.right - field.box.left) / len(field.value))
    left = field.box.left
    spread: list[Word] = []
    for text in field.value.split():
        right = left + step * len(text)
        begins = begins_line and not spread
        spread.append(
            label._replace(
                text=text, left=left, right=right, bottom=bottom, top=top, first=label.last, last=label.last - 1,
                begins_line=begins, has_space_before=True,
            )
        )  # fmt: skip
        left = right + step
    return spread
