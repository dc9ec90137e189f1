"""Text of paragraphs of DOCX files, and what is attached to them: notes, comments and graphics."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from hiercomp.loaders._docx_fields import Fields, checkbox, is_page_number
from hiercomp.loaders._docx_notes import Notes
from hiercomp.loaders._docx_styles import Look, Styles, style_of
from hiercomp.loaders._docx_symbols import plain, symbol
from hiercomp.loaders._ooxml import Omissions, find, full, short, value
from hiercomp.loaders._ooxml_drawing import MARK, SUPERSCRIPT, Line
from hiercomp.loaders._scripts import ruby

_SUBSTITUTES = {"w:tab": " ", "w:ptab": " ", "w:br": " ", "w:cr": " ", "w:noBreakHyphen": "-"}
# Deleted text, text that was moved away, properties, and the numbers of notes, which stand at their marks.
_SKIPPED = {"w:del", "w:moveFrom", "w:delText", "w:delInstrText", "w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:pgNum"}
_GRAPHICS = {"w:drawing", "w:pict", "w:object"}
_NOTE_REFERENCES = {"w:footnoteReference", "w:endnoteReference"}
_NOTE_ANCHORS = ("_ftn", "_edn")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,8}")
_SOFT_HYPHEN = "\u00ad"


@dataclass
class Attached:
    """What is attached to a paragraph or a table, in its order."""

    notes: list[tuple[str, str]] = field(default_factory=list)
    """The label of each note and its key."""
    comments: list[str] = field(default_factory=list)
    """The identifiers of the comments."""
    graphics: list[Element] = field(default_factory=list)

    def has_text(self) -> bool:
        """Return whether there are notes or comments."""
        return bool(self.notes or self.comments)


class ParagraphReader:
    """Reads one paragraph.

    Args:
        paragraph: the paragraph.
        styles: the styles of the file.
        notes: the notes of the file, which give the labels of the marks.
        omissions: where hidden and struck text is counted.
        attached: where notes, comments and graphics are added.
        shows_page_numbers: whether the numbers of pages belong to the text.
    """

    def __init__(
        self,
        paragraph: Element,
        styles: Styles,
        notes: Notes,
        omissions: Omissions,
        attached: Attached,
        *,
        shows_page_numbers: bool,
    ) -> None:
        self._paragraph = paragraph
        self._style = style_of(paragraph)
        self._styles = styles
        self._notes = notes
        self._omissions = omissions
        self._attached = attached
        self._shows_page_numbers = shows_page_numbers
        self._line = Line()
        self._fields = Fields()
        self._look = Look("", is_hidden=False, is_struck=False, font="")
        self._is_mark = False  # in a link to a note, or in the run of a mark that the author chose
        self._readers: dict[str, Callable[[Element], None]] = {
            "m:oMath": self._line.add_equation,
            "m:oMathPara": self._line.add_equation,
            "w:commentReference": self._read_comment,
            "w:endnoteReference": self._read_note,
            "w:fldChar": self._read_field_character,
            "w:fldSimple": self._read_simple_field,
            "w:footnoteReference": self._read_note,
            "w:hyperlink": self._read_link,
            "w:instrText": self._read_instruction,
            "w:r": self._read_run,
            "w:ruby": self._read_ruby,
            "w:sdt": self._read_control,
            "w:sym": self._read_symbol,
            "w:t": self._read_text,
        }

    def read(self) -> str:
        """Return the text of the paragraph, without the text boxes in it."""
        self._read_children(self._paragraph)
        return self._line.text()

    def _read_children(self, element: Element) -> None:
        for child in element:
            name = short(child.tag)
            if name in self._readers:
                self._readers[name](child)
            elif name in _SUBSTITUTES:
                self._add(_SUBSTITUTES[name])
            elif name in _GRAPHICS:
                self._attached.graphics.append(child)
            elif name not in _SKIPPED:
                self._read_children(child)

    def _add(self, text: str, kind: str | None = None) -> None:
        if self._fields.hides_text or (not self._shows_page_numbers and is_page_number(self._fields.name())):
            return
        if kind is None:
            is_raised_mark = self._is_mark or self._fields.name() == "NOTEREF"
            kind = MARK if is_raised_mark and self._look.script == SUPERSCRIPT else self._look.script
        self._line.add(text, kind)

    def _read_run(self, run: Element) -> None:
        outer, self._look = self._look, self._styles.look(run, self._style)
        left_out = "hidden" if self._look.is_hidden else "struck" if self._look.is_struck else ""
        if left_out:
            # The field characters of a hidden run still divide its field.
            for character in run.findall(full("w:fldChar")):
                self._fields.mark(character, "")
            if not self._fields.hides_text and any(text.text for text in run.iter(full("w:t"))):
                self._omissions.add(f"run of {left_out} text")
        else:
            self._read_children(run)
        self._look, self._is_mark = outer, False

    def _read_text(self, element: Element) -> None:
        self._add(plain(element.text or "", self._look.font).replace(_SOFT_HYPHEN, ""))

    def _read_symbol(self, element: Element) -> None:
        code = element.get(full("w:char"), "")
        if _HEXADECIMAL.fullmatch(code):
            self._add(symbol(element.get(full("w:font"), ""), int(code, 16)))

    def _read_note(self, reference: Element) -> None:
        key = self._notes.key(reference)
        if reference.get(full("w:customMarkFollows")) in ("1", "true", "on"):
            self._is_mark = True
            self._attached.notes.append(("", key))
            return
        label = self._notes.next_label(reference)
        self._add(label, MARK)
        self._attached.notes.append((label, key))

    def _read_comment(self, reference: Element) -> None:
        self._attached.comments.append(reference.get(full("w:id"), ""))

    def _read_link(self, link: Element) -> None:
        self._is_mark = (link.get(full("w:anchor")) or "").startswith(_NOTE_ANCHORS)
        self._read_children(link)
        self._is_mark = False

    def _read_field_character(self, character: Element) -> None:
        self._line.add(self._fields.mark(character, self._line.before()), self._look.script)

    def _read_instruction(self, element: Element) -> None:
        self._fields.add_instruction(element.text or "")

    def _read_simple_field(self, element: Element) -> None:
        name = (element.get(full("w:instr")) or " ").split()[:1]
        if self._shows_page_numbers or not is_page_number("".join(name).upper()):
            self._read_children(element)

    def _read_ruby(self, element: Element) -> None:
        base, reading = (
            "".join(part.text or "" for part in (group.iter(full("w:t")) if group is not None else ()))
            for group in (find(element, "w:rubyBase"), find(element, "w:rt"))
        )
        self._add(ruby(base, reading))

    def _read_control(self, control: Element) -> None:
        """Read a content control. A check box without a sign has one of its state."""
        content = find(control, "w:sdtContent")
        box = find(control, "w:sdtPr/w14:checkbox")
        shows_something = content is not None and any(
            part.text or part.tag == full("w:sym") for name in ("w:t", "w:sym") for part in content.iter(full(name))
        )
        if box is not None and not shows_something:
            self._add(checkbox(value(box, "w14:checked") in ("1", "true")))
        elif content is not None:
            self._read_children(content)
