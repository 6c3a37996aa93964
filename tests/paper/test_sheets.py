"""PDFs are opened again by a reader that is not the writer: words in every script, pictures, links, outline."""

import io

import pytest
from PIL import Image
from pypdf import PdfReader

from pindeck.paper import scripts
from pindeck.paper.sheets import Placed, Sheets

WORDS = {
    "Latin": "Čtvrť za úsvitu, Łódź", "Greek": "Ελληνικό φως", "Cyrillic": "Ночной свет", "Chinese": "简体中文灯光",
    "old Chinese": "繁體中文燈光", "Japanese": "東京の夜の光", "Korean": "서울의 밤", "emoji": "🎬",
}  # fmt: skip
FROM_THE_RIGHT = {"Arabic": "ضوء", "Hebrew": "אור"}


def jpeg(width: int, height: int) -> Placed:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#c04020").save(out, "JPEG")
    return Placed(out.getvalue(), width, height, "A red field, 東京", "https://example.org/still")


def made(text: str = "word " * 2000) -> tuple[bytes, str, Sheets]:
    sheets = Sheets("a4", title="Ночь 東京", author="Olga", dated_ms=1_700_000_000_000)
    sheets.page()
    sheets.section("Όλα")
    for number, words in enumerate([*WORDS.values(), *FROM_THE_RIGHT.values(), "Runic ᚠ", "half \ud800\x07 a letter"]):
        sheets.line(words, 40, 40 + 20 * number, 300, 12, bold=number == 0)
    sheets.fit(jpeg(1, 1), 400, 40, 100, 100)
    sheets.fit(jpeg(30, 20), 400, 160, 100, 100)
    _, rest = sheets.block(text, 400, 300, 300, 200, 11, least=6)
    sheets.page()
    sheets.number_pages("Night")
    return sheets.finished(), rest, sheets


@pytest.fixture(scope="module")
def whole() -> tuple[bytes, str, Sheets]:
    return made()


def test_words_of_every_script_are_found_and_their_fonts_are_inside(whole: tuple[bytes, str, Sheets]) -> None:
    page = PdfReader(io.BytesIO(whole[0])).pages[0]
    text = page.extract_text()
    assert [name for name, words in WORDS.items() if words not in text] == []
    # A page has such words as they stand on it, from the left; the letters of Arabic are joined there.
    assert [name for name, words in FROM_THE_RIGHT.items() if words not in text and words[::-1] not in text] == []
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    inside = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object().get("/FontFile2") for font in fonts]
    assert len(fonts) == 8 and all(inside)


def test_pictures_have_words_links_and_their_own_bytes(whole: tuple[bytes, str, Sheets]) -> None:
    reader = PdfReader(io.BytesIO(whole[0]))
    assert sorted(each.image.size for each in reader.pages[0].images) == [(1, 1), (30, 20)]
    assert jpeg(30, 20).data in whole[0]
    links = [each.get_object()["/A"]["/URI"] for each in reader.pages[0]["/Annots"]]
    assert links == ["https://example.org/still"] * 2
    assert [each.title for each in reader.outline] == ["Όλα"] and reader.metadata.title == "Ночь 東京"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and reader.trailer["/Root"]["/Lang"] == "en"


def test_the_same_calls_give_the_same_bytes(whole: tuple[bytes, str, Sheets]) -> None:
    assert made()[0] == whole[0]


def test_a_long_text_shrinks_to_a_limit_and_the_rest_is_handed_back(whole: tuple[bytes, str, Sheets]) -> None:
    shown = PdfReader(io.BytesIO(whole[0])).pages[0].extract_text().count("word")
    assert shown + whole[1].count("word") == 2000 and shown > 300
    short, rest, _ = made("a few words")
    assert rest == "" and "a few words" in PdfReader(io.BytesIO(short)).pages[0].extract_text()


def test_what_no_font_has_is_marked_and_told(whole: tuple[bytes, str, Sheets]) -> None:
    text = PdfReader(io.BytesIO(whole[0])).pages[0].extract_text()
    assert whole[2].missing == {"ᚠ"} and "Runic \ufffd" in text and "half a letter" in text
    assert "1 / 2" in text


def test_the_script_around_a_han_letter_says_whose_it_is() -> None:
    assert next(scripts.candidates("東京の夜")) == "japanese"
    assert next(scripts.candidates("서울 東京")) == "korean"
    assert next(scripts.candidates("東京")) == "simplified"
