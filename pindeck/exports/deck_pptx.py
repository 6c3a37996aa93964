"""The slides of a deck as PPTX, with what one edits there: text, whole pictures that the format cuts, notes, a theme. Its fonts lie
beside it in a ZIP, because a PPTX holds none."""

import io
from datetime import UTC, datetime
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from pindeck.exports import pictures, slides
from pindeck.exports.content import Content
from pindeck.exports.filled import notes_of
from pindeck.exports.packed_slides import bundled, family_of, middle_of, repaired
from pindeck.exports.plans import Progress
from pindeck.exports.slide_letters import Letters, letters_of
from pindeck.exports.slide_lines import Measured
from pindeck.exports.slides import Box, Field, Picture, Slide, Text
from pindeck.imaging import printing
from pindeck.paper import scripts
from pindeck.paper.lettering import CLEAR
from pindeck.paper.sheets import rgb
from pindeck.services.images import rights

BY = 6350  # of a point of a slide, in the units of the format: 1920 are 13.33 inches
SHARP = 0.5  # points of paper for one of a slide
SPARE = 1.02  # times as wide as the lines were, because programs measure letters a little differently
LISTED = 18  # pictures that a page of rights names
# Where a theme keeps the colours of a deck, and how a shape asks for them.
THEME = {
    "text": ("dk1", MSO_THEME_COLOR.TEXT_1), "background": ("lt1", MSO_THEME_COLOR.BACKGROUND_1), "surface": ("dk2", MSO_THEME_COLOR.TEXT_2),
    "muted": ("lt2", MSO_THEME_COLOR.BACKGROUND_2), "primary": ("accent1", MSO_THEME_COLOR.ACCENT_1), "secondary": ("accent2", MSO_THEME_COLOR.ACCENT_2),
    "accent": ("accent3", MSO_THEME_COLOR.ACCENT_3), "tertiary": ("accent4", MSO_THEME_COLOR.ACCENT_4), "border": ("accent5", MSO_THEME_COLOR.ACCENT_5),
}  # fmt: skip
_ANGLES = {"right": 0, "bottom": 90, "left": 180, "top": 270}  # degrees, clockwise
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def drawn(content: Content, quality: str, options: dict[str, Any], progress: Progress) -> tuple[bytes, list[str], bool]:
    """A ZIP of the PPTX and its fonts, what is to be said of it, and whether a picture could not be read."""
    drawing = _Drawing(content, quality)
    measured = Measured()
    for number, slide in enumerate(slides.laid(content, measured), 1):
        drawing.slide(slide)
        progress(min(1.0, number / len(content.pages)))
    drawing.rights()
    data = bundled(repaired(drawing.saved(), content, {name: slot for name, (slot, _) in THEME.items()}), content, drawing.faces)
    return data, notes_of(content, drawing.unread, measured.sheets.missing), bool(drawing.unread)


class _Drawing:
    """`faces` are the fonts that were used, `unread` the titles of pictures that could not be read."""

    def __init__(self, content: Content, quality: str) -> None:
        assert content.look is not None
        self.content, self.look, self.quality = content, content.look, quality
        self.names = {code: name for name, code in reversed(content.look.colours.items()) if name in THEME}
        self.unread: list[str] = []
        self.faces: set[str] = set()
        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = Emu(int(slides.WIDTH * BY)), Emu(int(slides.HEIGHT * BY))

    def saved(self) -> bytes:
        told, at = self.deck.core_properties, datetime.fromtimestamp(self.content.dated_ms // 1000, UTC).replace(tzinfo=None)
        told.title, told.author, told.last_modified_by, told.revision = self.content.title, "Pindeck", "Pindeck", 1
        told.created = told.modified = at
        out = io.BytesIO()
        self.deck.save(out)
        return out.getvalue()

    def slide(self, slide: Slide) -> None:
        has_title = any(text.is_title for text in slide.texts)
        self.page = self.deck.slides.add_slide(self.deck.slide_layouts[5 if has_title else 6])
        self.page.background.fill.solid()
        self._colour(self.page.background.fill.fore_color, slide.ground)
        for picture in slide.pictures:
            self._picture(picture)
        for field in slide.fields:
            self._field(field)
        for text in slide.texts:
            self._text(text)
        if slide.notes:
            self.page.notes_slide.notes_text_frame.text = scripts.readable(slide.notes)

    def rights(self) -> None:
        """On slides of their own: which pictures are not cleared, and why."""
        listed = rights.not_cleared(self.content.stills)
        head, body = letters_of("", "title", self.look), letters_of("credits", "text", self.look)
        for start in range(0, len(listed), LISTED):
            words = [f"{still.title} · {rights.why(still)}{f' · {still.credit}' if still.credit else ''}" for still in listed[start : start + LISTED]]
            across = slides.WIDTH - 2 * slides.MARGIN
            title = Text(Box(slides.MARGIN, slides.MARGIN, across, head.line), (rights.TITLE,), head, is_title=True, words=rights.TITLE)
            box = Box(slides.MARGIN, slides.MARGIN + 2 * head.line, across, len(words) * body.line)
            texts = (title, Text(box, tuple(words), body, words="\n".join(words)))
            self.slide(Slide(rights.TITLE, self.look.colours["background"], (), (), texts, "", False))

    def _colour(self, colour: Any, code: str) -> None:
        if code in self.names:
            colour.theme_color = THEME[self.names[code]][1]
        else:
            colour.rgb = RGBColor(*rgb(code))

    def _shape(self, box: Box) -> Any:
        shape = self.page.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_places(box))
        shape.line.fill.background()
        shape._element.remove(shape._element.find(qn("p:style")))  # with a shadow that LibreOffice draws whatever the shape says
        return shape

    def _field(self, field: Field) -> None:
        shape = self._shape(field.box)
        shape.fill.solid()
        self._colour(shape.fill.fore_color, field.colour)
        if field.opacity < 1:
            (colour,) = shape.fill._xPr.solidFill
            colour.append(parse_xml(f'<a:alpha {_A} val="{round(field.opacity * 100_000)}"/>'))

    def _picture(self, picture: Picture) -> None:
        still, box = picture.still, picture.box
        placed = None
        if still is not None:
            scale = max(box.width / still.width, box.height / still.height) * SHARP
            # The format takes all colour from a picture, or none: a part of it is taken from what is put in.
            grey = picture.grey if picture.grey < 1 else 0
            placed = pictures.placed(still, still.width * scale, still.height * scale, self.quality, grey=grey)
        if still is None or placed is None:
            self.unread += [still.title] if still else []
            self._field(Field(box, self.look.colours["surface"]))
            return
        shape = self.page.shapes.add_picture(io.BytesIO(placed.data), *_places(box))
        left, top, right, bottom = printing.cut(still.width, still.height, box.width / box.height, still.focal)
        shape.crop_left, shape.crop_right = left / still.width, 1 - right / still.width
        shape.crop_top, shape.crop_bottom = top / still.height, 1 - bottom / still.height
        told = shape._element.nvPicPr.cNvPr
        told.set("name", still.title[:200])
        told.set("descr", placed.words[:500])
        if picture.grey == 1:
            shape._element.blipFill.blip.append(parse_xml(f"<a:grayscl {_A}/>"))
        if picture.shade:
            self._shade(box, *picture.shade)
        if placed.sign:
            small = letters_of("theme", "title", self.look)
            self._text(Text(Box(box.x + box.width - 60, box.y + box.height - 30, 50, small.line), (placed.sign,), small, words=placed.sign))

    def _shade(self, box: Box, side: str, strength: int) -> None:
        """From where it is seen on, so that it takes two colours: some programs read no more of them."""
        code, part = self.look.colours["background"][1:], 1 - CLEAR
        across, down = (part, 1) if side in ("left", "right") else (1, part)
        left = box.width * CLEAR if side == "right" else 0
        top = box.height * CLEAR if side == "bottom" else 0
        shape = self._shape(Box(box.x + left, box.y + top, box.width * across, box.height * down))
        stops = "".join(
            f'<a:gs pos="{at}"><a:srgbClr val="{code}"><a:alpha val="{alpha}"/></a:srgbClr></a:gs>' for at, alpha in ((0, 0), (100_000, strength * 1000))
        )
        fill = f'<a:gradFill {_A} rotWithShape="1"><a:gsLst>{stops}</a:gsLst><a:lin ang="{_ANGLES[side] * 60_000}" scaled="0"/></a:gradFill>'
        properties = shape._element.spPr
        properties.insert_element_before(parse_xml(fill), "a:ln", "a:effectLst")

    def _text(self, text: Text) -> None:
        letters, spare = text.letters, text.box.width * (SPARE - 1)
        is_from_right = text.from_right and all(side for side, line in zip(text.from_right, text.lines, strict=True) if line)
        x = text.box.x - (spare / 2 if text.is_centred else spare if is_from_right else 0)
        # Letters stand in the middle of their line; programs of slides stand them four fifths below its top.
        y = text.box.y + (middle_of(letters.face) - 0.3 * letters.leading) * letters.size
        box = text.box._replace(x=x, y=y, width=text.box.width + spare)
        title = self.page.shapes.title if text.is_title else None
        shape = title or self.page.shapes.add_textbox(*_places(box))
        shape.left, shape.top, shape.width, shape.height = _places(box)
        shape._element.getparent().append(shape._element)  # a title is there before the pictures, and would lie under them
        frame = shape.text_frame
        frame.word_wrap, frame.auto_size, frame.vertical_anchor = True, MSO_AUTO_SIZE.NONE, MSO_ANCHOR.TOP
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for number, words in enumerate(scripts.readable(text.words).split("\n")):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            self._paragraph(paragraph, words, text, letters)

    def _paragraph(self, paragraph: Any, words: str, text: Text, letters: Letters) -> None:
        from_right = scripts.is_right_to_left(words)
        paragraph.alignment = PP_ALIGN.CENTER if text.is_centred else PP_ALIGN.RIGHT if from_right else PP_ALIGN.LEFT
        paragraph.line_spacing = Pt(letters.line / 2)
        paragraph.space_before = paragraph.space_after = Pt(0)
        if from_right:
            paragraph._p.get_or_add_pPr().set("rtl", "1")
        if not words:
            return
        run = paragraph.add_run()
        run.text = words.upper() if letters.is_upper else words
        font = run.font
        font.size, font.italic = Pt(letters.size / 2), letters.is_italic
        font.name, font.bold = family_of(letters.face)
        self.faces.add(letters.face)
        self._colour(font.color, letters.colour)
        if letters.spacing:
            font._element.set("spc", str(round(letters.spacing * letters.size / 2 * 100)))
        if text.link:
            run.hyperlink.address = text.link


def _places(box: Box) -> tuple[Emu, Emu, Emu, Emu]:
    return Emu(round(box.x * BY)), Emu(round(box.y * BY)), Emu(round(box.width * BY)), Emu(round(box.height * BY))
