"""The same text finds the same images on both databases."""

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import ledger, projects, search, search_words
from pindeck.services.library import filters, gallery, lists, query
from tests.factories import make_row

LIBRARY = (
    dict(title="Café in Orléans", tags=["night", "neon"]),
    dict(title="Blade Runner 2049", description="Orange dust over a desert city.", project="Denis"),
    dict(title="STRASSE im Regen", genre="Noir", tags=["wet street"]),
    dict(title="雪の街", description="Snow falls on the city"),
    dict(title="L'Avventura", attribution="https://example.org/film?id=42", moodboard="Islands"),
    dict(title="Привет, мир", category="Sci-Fi", group="Music Video"),
    dict(title="AND or NOT near", unique_tag="BR_01-x"),
    dict(title="東京タワーの夜景", description="ガラス越しに見る", tags=["都市"]),
    dict(title="กรุงเทพมหานคร", description="วัดพระแก้ว"),
    dict(title="Ørsted in Łódź, đ", attribution="Þórður Ærø"),
    dict(title="Sunset 🌅 2049年", tags=["❤️", "👩\u200d🚀", "🇯🇵"]),
    dict(title="so\u00adft hy\u200bphen", tags=["\ufeffmarked"]),
    dict(title="Ελλάδα", shot="Bird's Eye", style="35mm Film", sref="--sref 998877"),
)

# What is typed, and the titles it finds, newest first.
ALL = [str(row["title"]) for row in reversed(LIBRARY)]

CASES = [
    ("cafe", ["Café in Orléans"]),
    ("CAFÉ", ["Café in Orléans"]),
    ("cafe\u0301", ["Café in Orléans"]),
    ("orleans", ["Café in Orléans"]),
    ("orl", ["Café in Orléans"]),
    ("blade runner", ["Blade Runner 2049"]),
    ("runner blade", ["Blade Runner 2049"]),
    ("blade run", ["Blade Runner 2049"]),
    ("blad runner", []),
    ("run blade", []),
    ("20", ["Sunset 🌅 2049年", "Blade Runner 2049"]),
    ("2", []),
    ("denis", ["Blade Runner 2049"]),
    ("city", ["雪の街", "Blade Runner 2049"]),
    ("city desert", ["Blade Runner 2049"]),
    ("city snow dust", []),
    ("strasse", ["STRASSE im Regen"]),
    ("straße", ["STRASSE im Regen"]),
    ("wet street", ["STRASSE im Regen"]),
    ("street-wet", ["STRASSE im Regen"]),
    ("noir", ["STRASSE im Regen"]),
    ("雪の街", ["雪の街"]),
    ("雪の", ["雪の街"]),
    ("l'avventura", ["L'Avventura"]),
    ("L’Avventura", ["L'Avventura"]),
    ("avventura", ["L'Avventura"]),
    ("example.org", ["L'Avventura"]),
    ("https://example.org/film?id=42", ["L'Avventura"]),
    ("islands", ["L'Avventura"]),
    ("привет", ["Привет, мир"]),
    ("ПРИВЕТ МИР", ["Привет, мир"]),
    ("sci-fi", ["Привет, мир"]),
    ("music vid", ["Привет, мир"]),
    ("ελλαδα", ["Ελλάδα"]),
    ("bird's eye", ["Ελλάδα"]),
    ("35mm", ["Ελλάδα"]),
    ("998877", ["Ελλάδα"]),
    ("br_01-x", ["AND or NOT near"]),
    ("and", ["AND or NOT near"]),
    ("AND OR NOT", ["AND or NOT near"]),
    ("AND OR (((", ["AND or NOT near"]),
    ("NEAR(and or)", ["AND or NOT near"]),
    ("title:cafe", []),
    ("body : cafe", []),
    ("cafe OR blade", ["Blade Runner 2049", "Café in Orléans"]),
    ("cafe | blade", ["Blade Runner 2049", "Café in Orléans"]),
    ("cafe & neon", ["Café in Orléans"]),
    ("!cafe", ["Café in Orléans"]),
    ("-cafe", [title for title in ALL if title != "Café in Orléans"]),
    ("^cafe", ["Café in Orléans"]),
    ("cafe*", ["Café in Orléans"]),
    ("cafe:*", ["Café in Orléans"]),
    ('"cafe"', ["Café in Orléans"]),
    ('"cafe', ["Café in Orléans"]),
    ("'cafe'", ["Café in Orléans"]),
    ("ca''fe", []),
    ("cafe\\", ["Café in Orléans"]),
    ("cafe <-> in", ["Café in Orléans"]),
    ("cafe; DROP TABLE image", []),
    ("{cafe neon}", ["Café in Orléans"]),
    ("cafe %_", ["Café in Orléans"]),
    ("cafe\u200bneon", []),
    ("ca\u200bfe\u00ad", ["Café in Orléans"]),
    ("ｃａｆｅ", ["Café in Orléans"]),
    ("*", []),
    ("'", []),
    ('"', ALL),  # nothing of it is understood, which the page says
    ('""""', []),
    ("(((", ALL),
    ("🎬", []),
    ("タワー", ["東京タワーの夜景"]),
    ("夜景", ["東京タワーの夜景"]),
    ("夜景 タワー", ["東京タワーの夜景"]),
    ("東京タワーの夜景", ["東京タワーの夜景"]),
    ("ﾀﾜｰ", ["東京タワーの夜景"]),
    ("景", ["東京タワーの夜景"]),
    ("市", ["東京タワーの夜景"]),
    ("ガラス", ["東京タワーの夜景"]),
    ("カラス", []),
    ("夜 景色", []),
    ("京東", []),
    ("東京タワーの朝", []),
    ("東京タワーの夜景です", []),
    ("มหานคร", ["กรุงเทพมหานคร"]),
    ("กรุงเทพ", ["กรุงเทพมหานคร"]),
    ("พระแก้ว", ["กรุงเทพมหานคร"]),
    ("พระแกว", []),
    ("orsted", ["Ørsted in Łódź, đ"]),
    ("ØRSTED", ["Ørsted in Łódź, đ"]),
    ("lodz", ["Ørsted in Łódź, đ"]),
    ("łódź", ["Ørsted in Łódź, đ"]),
    ("d", ["Ørsted in Łódź, đ"]),
    ("orsted lod", ["Ørsted in Łódź, đ"]),
    ("thordur aero", ["Ørsted in Łódź, đ"]),
    ("🌅", ["Sunset 🌅 2049年"]),
    ("🌅 sun", ["Sunset 🌅 2049年"]),
    ("🌅🎬", []),
    ("❤", ["Sunset 🌅 2049年"]),
    ("❤️", ["Sunset 🌅 2049年"]),
    ("👩\u200d🚀", ["Sunset 🌅 2049年"]),
    ("🚀", ["Sunset 🌅 2049年"]),
    ("🇯🇵", ["Sunset 🌅 2049年"]),
    ("🇵🇯", []),
    ("2049", ["Sunset 🌅 2049年", "Blade Runner 2049"]),
    ("2049年", ["Sunset 🌅 2049年"]),
    ("soft hyphen", ["so\u00adft hy\u200bphen"]),
    ("hyp", ["so\u00adft hy\u200bphen"]),
    ("mark\u200bed", ["so\u00adft hy\u200bphen"]),
    ("\u200b", []),
    ("\ud800", []),
    ("x" * 500, []),
    (" ".join(["cafe"] * 100), ["Café in Orléans"]),
    ("%", []),
    ("zebra", []),
]


def shown(text: str) -> str:
    return ascii(text if len(text) < 40 else text[:37] + "…")


@pytest.fixture
def library(olga: Actor) -> Actor:
    for row in LIBRARY:
        make_row(olga, **row)  # type: ignore[arg-type]
    return olga


def found(actor: Actor, text: str, **more: str) -> list[str]:
    return [image.title for image in gallery.list_page(actor, filters.wanted(q=filters.WORDS.read(text), **more)).images]


def test_the_same_words_find_the_same_images_on_both_databases(library: Actor) -> None:
    wrong = [(shown(text), titles, got) for text, titles in CASES if (got := found(library, text)) != titles]
    assert wrong == []


def test_no_text_is_no_search(library: Actor) -> None:
    assert len(found(library, "")) == len(LIBRARY)


def test_text_and_filters_combine(library: Actor) -> None:
    assert found(library, "мир", category="Sci-Fi", group="Music Video") == ["Привет, мир"]
    assert found(library, "мир", category="Film") == []


def test_a_nul_in_the_text_breaks_nothing(library: Actor) -> None:
    assert found(library, "ca\x00fe") == found(library, "ca fe")
    assert found(library, "\x00") == []


def test_every_sign_either_belongs_to_a_word_or_separates_two(library: Actor) -> None:
    for sign in map(chr, range(1, 128)):
        expected = [] if sign.isalnum() else ["Café in Orléans"]
        assert found(library, f"cafe{sign}neon {sign}") == expected, shown(sign)
        assert found(library, f"cafe {sign * 3}") == expected, shown(sign)


def test_many_rows_written_at_once_find_the_same(library: Actor) -> None:
    images = list(Image.select().order_by(Image.seq))
    tags, names = ledger.tags_of_many([image.id for image in images]), projects.names_of({i.project_id for i in images})
    with db.writing():
        for image in images:
            search.index(Image(seq=image.seq), [], None)
    assert found(library, "cafe") == []
    with db.writing():
        search.index_many([(image, tags[image.id], names.get(image.project_id)) for image in images], {})
    test_the_same_words_find_the_same_images_on_both_databases(library)


def test_titles_alone_can_be_searched(library: Actor, olga: Actor) -> None:
    def titles(text: str) -> list[str]:
        return [title for _, title in query.rows(lists.TITLES, olga, {filters.TITLE: text}, limit=9)]

    assert titles("cafe") == ["Café in Orléans"]
    assert titles("neon") == []
    assert titles("cafe neon") == []
    assert titles("タワー") == ["東京タワーの夜景"]
    assert titles("都市") == []
    assert titles("🌅") == ["Sunset 🌅 2049年"]
    assert titles("🚀") == []


def test_the_titles_that_were_asked_for_in_full_come_first(olga: Actor) -> None:
    for title in ("夜景", "東京の夜景", "東京タワーの夜景と川"):
        make_row(olga, title=title)
    assert [entry.image.title for entry in lists.search_images(olga, {filters.TITLE: "夜景"})] == [
        "夜景", "東京の夜景", "東京タワーの夜景と川",
    ]  # fmt: skip


def test_a_long_text_without_spaces_is_found_by_any_part(olga: Actor) -> None:
    text = "".join(chr(0x4E00 + n * 7 % 3000) for n in range(3000))
    image = make_row(olga, title="long", description=text)
    for start, length in ((0, 1), (1500, 2), (2990, 10), (700, 200)):
        assert found(olga, text[start : start + length]) == [image.title]


def test_a_long_search_is_cut_and_not_refused(library: Actor) -> None:
    assert found(library, "cafe " * search.MAX_TOKENS + "zebra") == ["Café in Orléans"]


def test_long_words_are_found_by_their_beginning(olga: Actor) -> None:
    image = make_row(olga, title="x" * 150)
    assert found(olga, "x" * 150) == [image.title]
    assert found(olga, "x" * 40) == [image.title]


def test_words_that_are_taken_back_are_not_found_any_more(library: Actor) -> None:
    (image,) = gallery.list_page(library, filters.wanted(q="cafe")).images
    ledger.edit(library, image.id, "title", "Bar")
    assert found(library, "cafe") == []
    assert found(library, "bar neon") == ["Bar"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Café Orléans", ["cafe", "orleans"]),
        ("ﬁlm ① ½", ["film", "1", "1", "2"]),
        ("straße", ["strasse"]),
        ("a-b_c.d", ["a", "b", "c", "d"]),
        ("İstanbul", ["istanbul"]),
        ("Ødegård ŧ ǿ ɫ æß", ["odegard", "t", "o", "l", "aess"]),
        ("Ґанок қала", ["ганок", "кала"]),
        ("Tokyo東京2049年", ["tokyo", "東京", "2049", "年"]),
        ("ｶﾞｰﾃﾞﾝ", ["ガーデン"]),
        ("서울", ["\u1109\u1165\u110b\u116e\u11af"]),
        ("👍🏽❤️1️⃣ 🇯🇵🇩🇪", ["👍", "❤", "1", "🇯🇵", "🇩🇪"]),
        ("é^x é´x a→b ©é", ["e", "x", "e", "x", "a", "b", "e"]),
        ("é\u200bx é\u3164x", ["ex", "ex"]),
        ("", []),
        ("!?", []),
        ("\u0301\u200d\u0e34", []),
    ],
)
def test_text_is_normalised(text: str, tokens: list[str]) -> None:
    assert search_words.tokens(text) == tokens
