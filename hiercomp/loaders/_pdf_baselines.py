"""Which words of a PDF page stand on one visual line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hiercomp.loaders._pdf_words import HYPHENS, Word

# The mark of a note is smaller than this share of the text's height. Words after it are on the baseline of the text.
_MARK_SIZE = 0.75
_SAME_BASELINE = 0.3
_SAME_END = 0.5  # The ends of turned words differ by less than this, in points.


def visual_lines(words: list[Word]) -> Iterator[list[Word]]:
    """Yield the words of each visual line of a page."""
    row: list[Word] = words[:1]
    for before, word in pairwise(words):
        # Most words stand right of the word before. This quick test holds for nearly all of them.
        is_next = not word.begins_line and word.left >= before.right and before.text[-1] not in HYPHENS
        if not (is_next and word.bottom < before.top and before.bottom < word.top) and not _same_row(row, word):
            yield row
            row = []
        row.append(word)
    if row:
        yield row


def _same_row(row: Sequence[Word], word: Word) -> bool:
    """Return whether a word is on the same visual line as the words before it."""
    before = row[-1]
    height = min(before.top - before.bottom, word.top - word.bottom)
    if (len(row) > 1 and _is_below_mark(row[-2], before, word)) or _is_on_end(row[0], before, word):
        return True
    if before.text[-1] in HYPHENS and word.left > before.right + height:
        return False  # The second half of a split word begins on another line, here in the next column.
    overlap = min(before.top, word.top) - max(before.bottom, word.bottom)
    if not word.begins_line and word.left >= before.right - 2 * height:
        # Within a line of pdfium, only a word far to the left or all above or below can begin another visual line.
        return overlap > 0 or _is_beside_mark(row, word)
    if word.begins_line:
        return word.left >= before.right - height / 4 and (overlap >= height / 2 or _is_beside_mark(row, word))
    return overlap > height / 4


def _is_on_end(first: Word, before: Word, word: Word) -> bool:
    """Return whether a word goes on with text that is turned and runs upwards or downwards, as in a margin."""
    is_turned = first.top - first.bottom > first.right - first.left and len(first.text) > 1
    is_level = abs(before.left - word.left) < _SAME_END and abs(before.right - word.right) < _SAME_END
    return is_turned and is_level and not word.begins_line


def _is_below_mark(anchor: Word, mark: Word, word: Word) -> bool:
    """Return whether a short word lies right below the raised mark of another, as in a fraction."""
    is_short = word.text.isdigit() and word.top - word.bottom < _MARK_SIZE * (anchor.top - anchor.bottom)
    is_level = anchor.bottom - (word.top - word.bottom) / 2 < word.bottom < mark.bottom
    return is_short and is_level and word.left < mark.right and word.right > mark.left and _is_mark(anchor, mark)


def _is_beside_mark(row: Sequence[Word], word: Word) -> bool:
    """Return whether a word is the raised mark of the word before it, or follows such a mark."""
    before = row[-1]
    if _is_mark(before, word):
        return True
    if len(row) < 2 or not _is_mark(row[-2], before):
        return False
    return abs(row[-2].bottom - word.bottom) < _SAME_BASELINE * (word.top - word.bottom)


def _is_mark(word: Word, mark: Word) -> bool:
    """Return whether a short word is smaller than another, stands right behind it, and does not lie below it."""
    height = word.top - word.bottom
    is_small = mark.top - mark.bottom < _MARK_SIZE * height and len(mark.text) <= 5
    return is_small and mark.left - word.right < height and word.bottom < mark.bottom < word.top + height / 4
