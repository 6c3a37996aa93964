"""The slides that can be edited, as LibreOffice shows them, beside the pages of the PDF: as many, with the same words, pictures and look."""

import io
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader

from pindeck.access import Actor
from pindeck.exports import deck_pdf, deck_pptx, slides, sources
from pindeck.exports.slide_lines import Measured
from pindeck.services.boards.decks import blocks, decks, editing
from pindeck.services.boards.decks.kinds import Kind
from pindeck.services.images import ledger
from tests.exports import office
from tests.factories import make_active, new_photo

SEEN_PX = 480  # across
# Mean difference of a page and of a picture, 0 to 255. Thin letters, smoothed in two ways, made up to 1.7, and steps of a shade 1.5; a
# shadow that nobody asked for made 3 to 10, a picture cut elsewhere more than 20.
MOST_OF_PAGE, MOST_OF_PICTURE = 2.5, 6.0
STORY = "She turns. Čtvrť, Łódź.\nНочной свет, Ελληνικό φως\n東京の夜の光, 서울의 밤\nضوء"
LOOKS = {
    "wide": {"font_family": "agency", "layout": "editorial", "style": "cinematic"},
    "dense": {"font_family": "newspaper", "layout": "collage", "style": "neon"},
}  # fmt: skip


@pytest.fixture
def engine() -> str:
    return "sqlite"


class Both(NamedTuple):
    """The pages of one deck by way of the PDF and by way of the PPTX, and the slides of which both were made."""

    slides: list[slides.Slide]
    ours: bytes
    theirs: bytes


def both_of(olga: Actor, folder: Path) -> list[Both]:
    """Of a deck of each look, with every block; one start of the program for all."""
    colours = [(200, 60, 40), (40, 160, 70), (50, 70, 200), (220, 190, 60), (30, 180, 190), (170, 60, 180)]
    data = [new_photo(colour=colour, size=((320, 180), (200, 200), (120, 200))[n % 3]) for n, colour in enumerate(colours)]
    ids = [make_active(olga, each, title=f"Still {n}").id for n, each in enumerate(data)]
    ledger.write(ids[0], {"source": "https://example.org/film"}, ledger.person(olga))
    laid, ours, packed, fonts = {}, {}, {}, []
    for name, look in LOOKS.items():
        deck, _ = decks.create(olga, title="Night ride", ids=ids)
        decks.update(olga, deck.id, has_credits=True, **look)
        for block in blocks.read(deck.id):
            if not block.is_on:
                editing.change(olga, deck.id, block.id, is_on=True)
            if block.kind == Kind.STORY:
                editing.change(olga, deck.id, block.id, text=STORY, notes="Slowly now")
        content = sources.content_of(olga, "deck", deck.id)
        laid[name] = list(slides.laid(content, Measured()))
        ours[name], _, _ = deck_pdf.drawn(content, "screen", {"paper": "screen"}, lambda part: None)
        bundle, _, _ = deck_pptx.drawn(content, "screen", {}, lambda part: None)
        with zipfile.ZipFile(io.BytesIO(bundle)) as whole:
            whole.extractall(folder / name, [each for each in whole.namelist() if each.startswith("fonts/")])
            packed[name] = whole.read("Night-ride.pptx")
        fonts.append(folder / name / "fonts")
    made = office.as_pdf(packed, fonts, folder)
    return [Both(laid[name], ours[name], made[name]) for name in LOOKS]


def difference(one: Image.Image, other: Image.Image, box: slides.Box | None = None) -> float:
    """Of the pages, or of what is in a box without its edges."""
    if box is not None:
        by = SEEN_PX / slides.WIDTH
        edges = [round(part * by) for part in (box.x, box.y, box.x + box.width, box.y + box.height)]
        inside = (edges[0] + 3, edges[1] + 3, edges[2] - 3, edges[3] - 3)
        one, other = one.crop(inside), other.crop(inside)
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def close(text: str) -> str:
    """Without spaces: letters that are set apart come back as words."""
    return "".join(text.split())


def test_every_slide_looks_like_its_page(olga: Actor, tmp_path: Path) -> None:
    for both in both_of(olga, tmp_path):
        ours, theirs = (office.pictures(pdf, SEEN_PX) for pdf in (both.ours, both.theirs))
        reader = PdfReader(io.BytesIO(both.theirs))
        assert len(ours) == len(theirs) == len(both.slides) == 11 and {page.size for page in ours + theirs} == {(480, 270)}
        for slide, one, other, page in zip(both.slides, ours, theirs, reader.pages, strict=True):
            assert difference(one, other) < MOST_OF_PAGE, slide.name
            assert all(difference(one, other, picture.box) < MOST_OF_PICTURE for picture in slide.pictures), slide.name
            (title,) = [close("".join(text.lines)) for text in slide.texts if text.is_title]
            assert title in close(page.extract_text()), slide.name
        story = reader.pages[2].extract_text()
        assert [word for word in ("She turns.", "Čtvrť, Łódź.", "Ночной свет", "Ελληνικό φως", "東京の夜の光", "서울의 밤") if word not in story] == []
        links = [each.get_object()["/A"]["/URI"] for each in reader.pages[-1]["/Annots"]]
        assert links == ["https://example.org/film"]
