"""The PDF of a deck, opened again by a reader that did not write it: words, pictures, links, outline, fonts, equal bytes."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image as Picture
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pypdf import PdfReader

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.exports import asking, requests
from pindeck.exports.slide_letters import FONTS, WEIGHTS
from pindeck.exports.slides import HEIGHT, WIDTH, cells
from pindeck.models import Deck, Export, Image
from pindeck.services.boards.decks import blocks, decks, editing, typography
from pindeck.services.boards.decks.composing import Block, Still
from pindeck.services.boards.decks.kinds import Kind
from pindeck.services.images import ledger, trash
from tests.conftest import ChangeSettings, ClientFor, RunJobs
from tests.exports.office import left_untagged, read_aloud
from tests.factories import make_active, new_photo

SCRIPTS = ("Čtvrť, Łódź", "Ночной свет", "Ελληνικό φως", "東京の夜の光", "简体中文", "서울의 밤", "🎬")
FROM_THE_RIGHT = ("ضوء", "אור")


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def images(olga: Actor) -> list[Image]:
    exif = Picture.Exif()
    exif[0x010F] = "A camera with a number"
    made = [make_active(olga, new_photo(colour=(40 + 50 * n, 90, 30), size=(160, 90), exif=exif.tobytes()), title=f"Still {n}") for n in range(4)]
    ledger.write(made[0].id, {"source": "https://example.org/film/" + "long" * 20}, ledger.person(olga))
    return made


@pytest.fixture
def deck(olga: Actor, images: list[Image]) -> Deck:
    made, _ = decks.create(olga, title="Night ride", ids=[image.id for image in images])
    decks.update(olga, made.id, has_credits=True)
    return made


def write(olga: Actor, deck: Deck, kind: Kind, **given: object) -> None:
    block = next(block for block in blocks.read(deck.id) if block.kind == kind)
    editing.change(olga, deck.id, block.id, **given)  # type: ignore[arg-type]


def file_of(olga: Actor, deck: Deck, run_jobs: RunJobs, kind: str = "deck", **options: object) -> tuple[Export, bytes]:
    made = requests.ask(olga, asking.checked({"deck": deck.id}, kind, **options))  # type: ignore[arg-type]
    run_jobs()
    with storage.current().open(requests.file_of(olga, made.id).key) as stream:
        return requests.find(olga, made.id), stream.read()


def opened(data: bytes) -> bytes:
    """All that is in a ZIP, and in the ZIPs in it."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        return b"".join(opened(whole.read(name)) for name in whole.namelist())


def texts_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_it_has_a_page_for_each_slide_with_words_pictures_and_links(
    olga: Actor, deck: Deck, images: list[Image], run_jobs: RunJobs, tmp_path: Path
) -> None:
    write(olga, deck, Kind.STORY, text="\n".join((*SCRIPTS, *FROM_THE_RIGHT)))
    export, data = file_of(olga, deck, run_jobs)
    reader = PdfReader(io.BytesIO(data))
    texts = [page.extract_text() for page in reader.pages]
    names = ["Night ride", "Logline", "Story", "World & concept", "Character", "Tone & style", "Visual motifs", "Stakes", "Closing", "Credits"]
    assert [each.title for each in reader.outline] == names and len(reader.pages) == 10  # type: ignore[union-attr]
    assert {(float(page.mediabox.width), float(page.mediabox.height)) for page in reader.pages} == {(1920.0, 1080.0)}
    assert [words for words in SCRIPTS if words not in texts[2]] == []
    assert [words for words in FROM_THE_RIGHT if words not in texts[2] and words[::-1] not in texts[2]] == []
    assert [len(page.images) for page in reader.pages] == [1, 1, 4, 4, 1, 4, 4, 0, 1, 0]
    # A picture in the proportions of its place goes in as it is, without what the camera told; others are cut.
    assert reader.pages[0].images[0].image.size == (160, 90) and b"A camera" not in data  # type: ignore[union-attr]
    wide, high = reader.pages[4].images[0].image.size  # type: ignore[union-attr]
    assert abs(wide / high - 0.8) < 0.02
    shades = [page["/Resources"].get("/Pattern") for page in (reader.pages[0], reader.pages[8])]  # type: ignore[union-attr]
    assert all(shades)  # the first and the last are always shaded
    links = [each.get_object()["/A"]["/URI"] for each in reader.pages[9]["/Annots"]]
    assert links and {link[:24] for link in links} == {"https://example.org/film"} and "source unknown" in texts[9]
    fonts = {str(font.get_object()["/BaseFont"])[8:] for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert {"SchibstedGroteskBold", "Karla", "GeistMonoMedium", "SourceSerif4", "NotoSansArabic"} <= fonts
    assert reader.metadata.title == "Night ride" and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[union-attr, index]
    # A screen reader steps through the titles, and reads each before the pictures that lie under it.
    aloud = read_aloud(data, tmp_path)
    assert aloud[:3] == [("H1", "Night ride"), ("Figure", ""), ("P", "It begins with “Still 0”.")]
    assert [words.capitalize() for tag, words in aloud if tag in ("H1", "H2")] == [name.capitalize() for name in names]
    assert [tag for tag, _ in aloud].count("Figure") == sum(len(page.images) for page in reader.pages)
    assert [left_untagged(page) for page in reader.pages] == [[]] * len(reader.pages)
    assert b"/Alt" in data and (export.notes, export.image_ids) == ([], [image.id for image in images])
    # Made anew for nothing it would be the same, so that it is not; on paper it lies in the middle.
    assert file_of(olga, deck, run_jobs)[0].file_id == export.file_id
    Export.update(fingerprint=None).execute()
    again, same = file_of(olga, deck, run_jobs)
    assert again.made_at != export.made_at and same == data
    _, on_paper = file_of(olga, deck, run_jobs, paper="letter")
    assert float(PdfReader(io.BytesIO(on_paper)).pages[0].mediabox.width) == 792.0


def test_what_is_hidden_is_left_out_and_long_text_goes_on(olga: Actor, sam: Actor, deck: Deck, images: list[Image], run_jobs: RunJobs) -> None:
    decks.update(olga, deck.id, layout="collage", font_family="technical", has_credits=False)
    words = " ".join(f"word{n}" for n in range(1250))
    assert len(words) > 10_000
    write(olga, deck, Kind.WORLD, text=words)
    write(olga, deck, Kind.STAKES, text="夜" * 3000)
    trash.trash(olga, images[0].id)
    export, data = file_of(olga, deck, run_jobs, paper="a4")
    reader = PdfReader(io.BytesIO(data))
    texts = [page.extract_text() for page in reader.pages]
    assert len(reader.pages[0].images) == 0 and len(reader.pages[2].images) == 3 and "Still 0" not in "".join(texts)
    assert images[0].id not in export.image_ids and any("in the trash" in note for note in export.notes)
    found = "\n".join(texts).split("World & concept")[1].split()
    assert [f"word{n}" for n in range(1250)] == [word for word in found if word.startswith("word")]
    assert "".join(texts).count("夜") == 3000 and len(reader.outline) == 9 < len(reader.pages)
    with pytest.raises(NotFound):
        requests.ask(sam, asking.checked({"deck": deck.id}, "deck"))
    # What is somebody else's, who keeps it for themselves from now on, goes out in no file: those that have it are closed.
    write(olga, deck, Kind.WORLD, text="")
    write(olga, deck, Kind.STAKES, text="")
    slides, page = (file_of(olga, deck, run_jobs, kind=kind)[0] for kind in ("pptx", "html"))
    Image.update(user=sam.user_id, visibility="private").where(Image.id == images[1].id).execute()
    for made in (export, slides, page):
        with pytest.raises(Conflict, match="was hidden or deleted"):
            requests.file_of(olga, made.id)
    for kind in ("deck", "pptx", "html", "zip"):
        options = {"paper": "a4"} if kind == "deck" else {}
        anew, data = file_of(olga, deck, run_jobs, kind=kind, **options)
        assert anew.image_ids == [image.id for image in images[2:]], kind
        assert b"Still 1" not in opened(data) and b"Still 2" in opened(data) if kind != "deck" else "Still 1" not in texts_of(data), kind
    for block in blocks.read(deck.id):
        editing.change(olga, deck.id, block.id, is_locked=False)
        editing.change(olga, deck.id, block.id, is_on=False)
    empty = requests.ask(olga, asking.checked({"deck": deck.id}, "deck"))
    run_jobs()
    assert requests.reason_of(requests.find(olga, empty.id)) == "This deck shows no page."


def test_the_same_slides_can_be_edited(
    olga: Actor, deck: Deck, images: list[Image], run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    write(olga, deck, Kind.STORY, text="She turns.\nضوء", notes="Slowly now")
    export, data = file_of(olga, deck, run_jobs, kind="pptx")
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        assert {"Night-ride.pptx", "fonts/karla-400.ttf", "fonts/licences/karla.txt"} <= set(whole.namelist())
        slides = whole.read("Night-ride.pptx")
    found = Presentation(io.BytesIO(slides))
    titles = [slide.shapes.title.text if slide.shapes.title else "" for slide in found.slides]
    assert titles[:3] == ["Night ride", "LOGLINE", "Story"] and len(titles) == 10 and found.slide_width / found.slide_height == 16 / 9
    assert [shape.shape_type == MSO_SHAPE_TYPE.PICTURE for shape in found.slides[0].shapes].index(True) == 0  # words lie over it
    story = found.slides[2]
    assert story.notes_slide.notes_text_frame.text == "Slowly now"
    (text,) = [shape for shape in story.shapes if shape.has_text_frame and "She turns." in shape.text_frame.text]
    assert [(each.text, each._p.pPr.get("rtl")) for each in text.text_frame.paragraphs] == [("She turns.", None), ("ضوء", "1")]
    assert text.text_frame.paragraphs[0].runs[0].font.name == "Source Serif 4" and text.text_frame.word_wrap
    # A picture is whole inside, and its place says which part is seen.
    portrait = next(shape for shape in found.slides[4].shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE)
    assert portrait.image.size == (160, 90) and abs(portrait.crop_left + portrait.crop_right - 0.55) < 0.01
    assert portrait._element.nvPicPr.cNvPr.get("descr") == "Still 0"
    with zipfile.ZipFile(io.BytesIO(slides)) as parts:
        listed, theme = parts.read("ppt/presentation.xml").decode(), parts.read("ppt/theme/theme1.xml").decode()
        assert not any("printer" in name or b"printerSettings" in parts.read(name) for name in parts.namelist())
    assert "screen4x3" not in listed and listed.index("</p:sldMasterIdLst><p:notesMasterIdLst>") < listed.index("<p:sldIdLst>")
    assert '<a:dk1><a:srgbClr val="EEF3DF"/></a:dk1>' in theme and '<a:latin typeface="Karla"' in theme
    links = [run.hyperlink.address for shape in found.slides[9].shapes if shape.has_text_frame for each in shape.text_frame.paragraphs for run in each.runs]
    assert [link[:24] for link in links if link] == ["https://example.org/film"]
    Export.update(fingerprint=None).execute()
    again, same = file_of(olga, deck, run_jobs, kind="pptx")
    assert again.made_at != export.made_at and same == data
    change_settings(export_rights="mark")
    marked, data = file_of(olga, deck, run_jobs, kind="pptx")
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        last = list(Presentation(io.BytesIO(whole.read("Night-ride.pptx"))).slides)[-1]
    assert last.shapes.title.text == "Rights not cleared" and "Still 3 · rights unknown" in last.shapes[-1].text_frame.text and marked.notes


def test_every_typography_has_its_fonts_and_every_place_stands_on_the_slide() -> None:
    pairs = {(fonts.display, fonts.weight) for fonts in typography.PRESETS.values()} | {(fonts.body, 400) for fonts in typography.PRESETS.values()}
    assert [(family, weight) for family, weight in pairs if weight not in WEIGHTS[family]] == []
    named = {f"{family.lower().replace(' ', '-')}-{weight}.ttf" for family, weights in WEIGHTS.items() for weight in weights}
    assert named == {path.name for path in FONTS.iterdir()}
    sheet = (FONTS.parent.parent / "css" / "deckfonts.css").read_text()
    assert [name for name in named if name not in sheet and not name.startswith("geist")] == []
    for kind in Kind:
        for is_dense in (False, True):
            boxes = cells(kind, is_dense, 4)
            assert all(box.x >= 0 and box.y >= 0 and box.x + box.width <= WIDTH + 0.1 and box.y + box.height <= HEIGHT + 0.1 for box in boxes)


def test_three_hundred_slides_are_edited_shown_and_exported(olga: Actor, deck: Deck, images: list[Image], client_for: ClientFor, run_jobs: RunJobs) -> None:
    still = Still(images[0].id)
    many = tuple(Block(db.new_id(), Kind.THEME, title=f"Slide {n}", text="Rain.", stills=(still,) if n % 50 == 0 else ()) for n in range(300))
    with db.writing():
        blocks.write(deck.id, blocks.read(deck.id), many)
    decks.update(olga, deck.id, has_credits=False)
    client = client_for(olga)
    page, shown = client.get(f"/decks/{deck.id}?at={many[299].id}").text, client.get(f"/decks/{deck.id}/present").text
    assert 'value="Slide 299"' in page and 'value="Slide 0"' not in page and 'data-count="300"' in shown
    export, data = file_of(olga, deck, run_jobs)
    reader = PdfReader(io.BytesIO(data))
    assert (len(reader.pages), len(reader.outline)) == (300, 300) and "SLIDE 299" in reader.pages[299].extract_text()  # type: ignore[arg-type]
    assert export.state == "done" and len(data) < 5 * 10**6
