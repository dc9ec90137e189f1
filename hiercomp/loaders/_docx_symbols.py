"""Characters of the fonts Symbol and Wingdings, whose codes are not Unicode."""

from __future__ import annotations

import re

_PRIVATE = re.compile("[\uf020-\uf0ff]")
_SYMBOL_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪?〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
_SYMBOL = {0x20 + place: sign for place, sign in enumerate(_SYMBOL_LOW)}
_SYMBOL |= {0xA0 + place: sign for place, sign in enumerate(_SYMBOL_HIGH)}
_WINGDINGS = {
    0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x46: "☞", 0x4A: "☺", 0x4C: "☹", 0x6F: "☐", 0x71: "☐", 0x78: "☒", 0x9F: "•",
    0xA8: "☐", 0xD5: "⌫", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE7: "←", 0xE8: "→", 0xE9: "↑", 0xEA: "↓",
    0xF0: "⇨", 0xF3: "⇔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    **{0x80 + digit: chr(0x24EA if digit == 0 else 0x245F + digit) for digit in range(11)},
    **{0x8B + digit: chr(0x24FF if digit == 0 else 0x2775 + digit) for digit in range(11)},
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}
_BULLET = "•"


def is_symbol_font(font: str) -> bool:
    """Return whether the codes of a font are not Unicode."""
    return font.lower() in _FONTS or font.lower().startswith(("wingdings", "webdings"))


def symbol(font: str, code: int) -> str:
    """Return the character for a code of a font. An unknown sign is a bullet."""
    return _FONTS.get(font.lower(), {}).get(code & 0xFF, _BULLET)


def plain(text: str, font: str) -> str:
    """Return the text of a run in Unicode."""
    if is_symbol_font(font):
        return "".join(symbol(font, ord(sign)) if _is_code(sign) else sign for sign in text)
    return _PRIVATE.sub(lambda sign: symbol("symbol", ord(sign[0])), text)


def _is_code(sign: str) -> bool:
    return bool(_PRIVATE.match(sign)) or (ord(sign) < 0x100 and not sign.isspace())
