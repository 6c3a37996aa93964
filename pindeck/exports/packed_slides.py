"""A PPTX as programs want it, with the same bytes each time, and the ZIP in which it lies beside its fonts."""

import io
import re
import zipfile
from collections.abc import Iterable
from functools import cache

from fontTools.ttLib import TTFont

from pindeck import resources
from pindeck.exports import packing
from pindeck.exports.content import Content
from pindeck.exports.slide_letters import FONTS, letters_of
from pindeck.storage import keys

LICENCES = resources.ROOT / "static" / "vendor" / "licences"
_COLOUR = r"(<a:{0}>).*?(</a:{0}>)"
_READ_ME = "Install the fonts before you open the slides: a PPTX holds none. Their licence is the SIL Open Font License.\n"


@cache
def family_of(face: str) -> tuple[str, bool]:
    """The name under which programs find a font, and whether it is its bold one."""
    with TTFont(FONTS / f"{face}.ttf", lazy=True) as font:
        return str(font["name"].getDebugName(1)), font["name"].getDebugName(2) == "Bold"


@cache
def middle_of(face: str) -> float:
    """How far the middle between its highest and its lowest letters is above the line on which they stand, in sizes."""
    with TTFont(FONTS / f"{face}.ttf", lazy=True) as font:
        return (font["hhea"].ascent + font["hhea"].descent) / 2 / font["head"].unitsPerEm  # type: ignore[no-any-return]


def themed(theme: str, content: Content, slots: dict[str, str]) -> str:
    """The theme of a PPTX with the colours and fonts of the deck; `slots` are its places by the names of colours."""
    assert content.look is not None
    for name, slot in slots.items():
        colour = f'<a:srgbClr val="{content.look.colours[name][1:].upper()}"/>'
        theme = re.sub(_COLOUR.format(slot), rf"\g<1>{colour}\g<2>", theme, count=1, flags=re.DOTALL)
    for slot in ("hlink", "folHlink"):  # a link has the colour of the words beside it
        muted = f'<a:srgbClr val="{content.look.colours["muted"][1:].upper()}"/>'
        theme = re.sub(_COLOUR.format(slot), rf"\g<1>{muted}\g<2>", theme, count=1, flags=re.DOTALL)
    for place, name in (("major", "title"), ("minor", "text")):
        family, _ = family_of(letters_of("", name, content.look).face)
        theme = re.sub(rf'(<a:{place}Font>\s*<a:latin typeface=")[^"]*', rf"\g<1>{family}", theme, count=1)
    return theme


def repaired(data: bytes, content: Content, slots: dict[str, str]) -> bytes:
    """Without what presentation programs stumble over: the kind of a narrower screen, settings of a printer, and a master of notes
    that is there and not named."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            if name.startswith("ppt/printerSettings"):
                continue
            part = before.read(name)
            if name == "ppt/presentation.xml":
                part = _presentation(part.decode(), before.read("ppt/_rels/presentation.xml.rels").decode()).encode()
            elif name in ("ppt/_rels/presentation.xml.rels", "[Content_Types].xml"):
                part = re.sub(r"<(Relationship|Default) [^>]*printerSettings[^>]*/>", "", part.decode()).encode()
            elif name == "ppt/theme/theme1.xml":
                part = themed(part.decode(), content, slots).encode()
            is_packed = not name.startswith("ppt/media/")
            _put(after, name, part, is_packed=is_packed)
    return out.getvalue()


def _presentation(xml: str, relations: str) -> str:
    xml = re.sub(r'(<p:sldSz [^>]*?) type="[^"]*"', r"\1", xml)
    found = next((each for each in re.findall(r"<Relationship [^>]*>", relations) if "/notesMaster" in each), None)
    if found and "notesMasterIdLst" not in xml:
        number = re.search(r'Id="([^"]+)"', found)
        named = f'<p:notesMasterIdLst><p:notesMasterId r:id="{number[1]}"/></p:notesMasterIdLst>' if number else ""
        xml = xml.replace("</p:sldMasterIdLst>", f"</p:sldMasterIdLst>{named}", 1)
    return xml


def bundled(slides: bytes, content: Content, faces: set[str]) -> bytes:
    """One ZIP: the slides, the fonts that they are set in, and their licences."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as whole:
        _put(whole, f"{keys.stem(content.title)}.pptx", slides, is_packed=False)
        _put(whole, "fonts/README.txt", _READ_ME.encode())
        for face in sorted(faces):
            _put(whole, f"fonts/{face}.ttf", (FONTS / f"{face}.ttf").read_bytes())
        for name, licence in licences(faces).items():
            _put(whole, f"fonts/licences/{name}", licence)
    return out.getvalue()


def licences(faces: Iterable[str]) -> dict[str, bytes]:
    """Those of the fonts of decks, by the names of their files."""
    families = sorted({face.rsplit("-", 1)[0] for face in faces})
    return {f"{family}.txt": (LICENCES / f"expo-google-fonts-{family}.txt").read_bytes() for family in families}


def _put(whole: zipfile.ZipFile, name: str, data: bytes, *, is_packed: bool = True) -> None:
    whole.writestr(packing.about(name, is_words=is_packed), data)
