"""Functions of pdfium for the calls that a page needs thousands of times.

These declarations pass addresses as integers and keep the interpreter lock. That is three times as fast as the
declarations in pypdfium2, and five times through `map`.
"""

from __future__ import annotations

import ctypes

import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

_POINTER, _INT, _FLOAT, _DOUBLE = ctypes.c_void_p, ctypes.c_int, ctypes.c_float, ctypes.c_double


def _place(function: object) -> int:
    return ctypes.cast(function, _POINTER).value or 0  # type: ignore[arg-type]


page_object = ctypes.PYFUNCTYPE(_POINTER, _POINTER, _INT)(_place(pdfium_c.FPDFPage_GetObject))
object_kind = ctypes.PYFUNCTYPE(_INT, _POINTER)(_place(pdfium_c.FPDFPageObj_GetType))
object_bounds = ctypes.PYFUNCTYPE(_INT, *[_POINTER] * 5)(_place(pdfium_c.FPDFPageObj_GetBounds))
object_matrix = ctypes.PYFUNCTYPE(_INT, _POINTER, _POINTER)(_place(pdfium_c.FPDFPageObj_GetMatrix))
segment_count = ctypes.PYFUNCTYPE(_INT, _POINTER)(_place(pdfium_c.FPDFPath_CountSegments))
draw_mode = ctypes.PYFUNCTYPE(_INT, *[_POINTER] * 3)(_place(pdfium_c.FPDFPath_GetDrawMode))
path_segment = ctypes.PYFUNCTYPE(_POINTER, _POINTER, _INT)(_place(pdfium_c.FPDFPath_GetPathSegment))
segment_kind = ctypes.PYFUNCTYPE(_INT, _POINTER)(_place(pdfium_c.FPDFPathSegment_GetType))
segment_point = ctypes.PYFUNCTYPE(_INT, *[_POINTER] * 3)(_place(pdfium_c.FPDFPathSegment_GetPoint))
closes_part = ctypes.PYFUNCTYPE(_INT, _POINTER)(_place(pdfium_c.FPDFPathSegment_GetClose))
loose_box = ctypes.PYFUNCTYPE(_INT, _POINTER, _INT, _POINTER)(_place(pdfium_c.FPDFText_GetLooseCharBox))
origin = ctypes.PYFUNCTYPE(_INT, _POINTER, _INT, _POINTER, _POINTER)(_place(pdfium_c.FPDFText_GetCharOrigin))
text_matrix = ctypes.PYFUNCTYPE(_INT, _POINTER, _INT, _POINTER)(_place(pdfium_c.FPDFText_GetMatrix))
font_size = ctypes.PYFUNCTYPE(_DOUBLE, _POINTER, _INT)(_place(pdfium_c.FPDFText_GetFontSize))
font_weight = ctypes.PYFUNCTYPE(_INT, _POINTER, _INT)(_place(pdfium_c.FPDFText_GetFontWeight))
font_info = ctypes.PYFUNCTYPE(ctypes.c_ulong, _POINTER, _INT, _POINTER, ctypes.c_ulong, _POINTER)(
    _place(pdfium_c.FPDFText_GetFontInfo)
)


def places(numbers: ctypes.Array[ctypes.c_float] | ctypes.Array[ctypes.c_double], step: int, first: int = 0) -> range:
    """Return the address of the number at `first` in an array, and of each number that is `step` behind the last."""
    start, length = ctypes.addressof(numbers), ctypes.sizeof(numbers)
    size = length // len(numbers) if length else 1
    return range(start + first * size, start + length, step * size)
