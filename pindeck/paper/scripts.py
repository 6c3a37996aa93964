"""Which font has the letters of which script, and how a text is made ready for one."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
MAIN, BOLD = "sans", "sans-bold"
HAN = ("simplified", "traditional", "japanese", "korean")
_EMOJI = ((0x2190, 0x21FF), (0x2300, 0x23FF), (0x2460, 0x24FF), (0x25A0, 0x27BF), (0x2900, 0x2BFF), (0x1F000, 0x1FAFF))
_HEBREW = ((0x0590, 0x05FF), (0xFB1D, 0xFB4F))
_ARABIC = ((0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF))
_HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF))
_KANA = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F))
_OTHER_HAN = ((0x2E80, 0xA4CF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))
# What chooses between forms of a letter that we have in one form.
_CHOOSERS = {*range(0xFE00, 0xFE10), 0x200D, *range(0xE0000, 0xE0080), 0xFEFF}


def readable(text: str) -> str:
    """Without what no page shows: controls, halves of letters, choosers of a form. Lines end with `\\n`; letters are composed."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(each for each in lines if each == "\n" or not (unicodedata.category(each) in ("Cc", "Cs", "Co", "Cn") or ord(each) in _CHOOSERS))


def candidates(text: str) -> Iterator[str]:
    """The fonts that may have what the main one lacks, the likeliest first. Kana tell that Han letters are Japanese, Hangul
    that they are Korean; alone they are Chinese."""
    codes = {ord(each) for each in text}

    def has(*blocks: tuple[int, int]) -> bool:
        return any(first <= code <= last for code in codes for first, last in blocks)

    if has(*_HEBREW):
        yield "hebrew"
    if has(*_ARABIC):
        yield "arabic"
    kana, hangul = has(*_KANA), has(*_HANGUL)
    if kana or hangul or has(*_OTHER_HAN):
        first = [name for name, is_first in (("japanese", kana), ("korean", hangul)) if is_first]
        yield from (*first, *(name for name in HAN if name not in first))
    if has(*_EMOJI):
        yield "emoji"


def is_right_to_left(text: str) -> bool:
    """As the first letter with a direction says."""
    for each in text:
        way = unicodedata.bidirectional(each)
        if way in ("R", "AL"):
            return True
        if way == "L":
            return False
    return False
